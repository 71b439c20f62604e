/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The verb manifest: what was asked for, the objects of Kubernetes that are made of it, and what
 * becomes of an in-tree rbd PersistentVolume. Within the files manifest*.c only.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/str.h"
#include "verbs/verbs.h"

#define MANIFEST_DRIVER    "ceph/rbd"
#define MANIFEST_COUNT_MAX 10000
#define MANIFEST_NAME_MAX  253 /* of an object, Kubernetes' own limit */

/* Bits, so that an option's row can say for which it is. */
enum manifest_kind {
	MANIFEST_PV = 1 << 0,
	MANIFEST_PVC = 1 << 1,
	MANIFEST_SECRET = 1 << 2,
	MANIFEST_POD = 1 << 3,
	MANIFEST_FROM_RBD = 1 << 4,
};

/* All text is argv's; "" where not given. */
struct manifest {
	enum manifest_kind kind;
	const char *name; /* of from-rbd: the file, "-" for stdin */

	const char *image;
	const char *size;
	const char *fs_type;
	const char *access_mode;
	const char *storage_class;
	const char *name_space; /* of Kubernetes */
	const char *claim;
	const char *secret; /* NAME or NAME/NAMESPACE */
	const char *user;
	const char *key_file;
	const char *container_image;
	const char *mount_path;
	const char *suffix;
	const char *count_text;
	bool existing;
	bool read_only;
	bool keep_claim;

	unsigned int count; /* 0: not numbered */
	cJSON *options;     /* of the driver, those that were given */
};

/* 0, or VERB_WRONG_USE with the error said. `ret` must be given to manifest_done() in any case. */
int manifest_parse(int argc, char *const argv[], struct manifest *ret, struct error *error);
void manifest_done(struct manifest *manifest);
#define _cleanup_manifest_ __attribute__((cleanup(manifest_done)))
/* What can be given, a line each. */
void manifest_usage(struct text *text);

/* manifest_check.c: the grammar of Kubernetes' names, and the driver's of its options. -EINVAL. */
int manifest_check_name(const char *what, const char *name, struct error *error);
int manifest_check_label(const char *what, const char *name, struct error *error);
/* As a node would look at them, without a configuration and a cluster. */
int manifest_check_options(const cJSON *options, const char *fs_type, const char *volume,
			   struct error *error);

/* manifest_objects.c: adds the documents to `text`. 0 or a negative errno with the error said. */
int manifest_volumes(const struct manifest *manifest, struct text *text, struct error *error);
int manifest_claims(const struct manifest *manifest, struct text *text, struct error *error);
int manifest_pods(const struct manifest *manifest, struct text *text, struct error *error);
int manifest_secret(const struct manifest *manifest, const char *key, struct text *text,
		    struct error *error);
/* "name/namespace" or "name" as secretRef says it. */
int manifest_secret_reference(const struct manifest *manifest, cJSON *source, struct error *error);

/* manifest_from_rbd.c: `json` is what `kubectl get pv -o json` prints. What was left out or changed
 * is said in `remarks`, a line each. */
int manifest_from_rbd(const struct manifest *manifest, const cJSON *json, struct text *text,
		      struct text *remarks, struct error *error);

static inline void cleanup_cjson(cJSON **json)
{
	cJSON_Delete(*json);
}
#define _cleanup_cjson_ __attribute__((cleanup(cleanup_cjson)))
