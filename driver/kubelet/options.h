/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The options JSON of a call (flexvolume-contract.md §5, kubelet: NewOptionsForDriver): a flat
 * object of strings, checked against the grammar of docs/protocol.md before anything is touched.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"

#define OPTIONS_DEFAULT_POOL "rbd"

enum guard { GUARD_WATCHERS, GUARD_EXCLUSIVE, GUARD_NONE };

struct options {
	struct image_name image; /* pool defaults to "rbd"; with namespace and snapshot */
	const char *volume;      /* kubernetes.io/pvOrVolumeName; "" where not sent */
	const char *fs_type;     /* "ext4" where the kubelet sends "" */
	bool read_only;          /* the stricter of readOnly and kubernetes.io/readwrite */
	uint64_t size;           /* bytes; 0: not given */
	bool size_given;
	enum guard guard;
	bool guard_given;

	/* how a missing image is made; "" where not given */
	const char *data_pool;
	struct image_name parent; /* a clone of this snapshot; parent.image "" where not given; its
				   * pool and namespace are the image's own where it names no
				   * pool, else its namespace is the one said or the default */
	const char *features;     /* a comma list of names, checked by ceph/ */

	/* `name=value` lists; their characters are checked here, their words by the room that uses
	 * them; "" where not given */
	const char *mkfs_options;
	const char *mount_options;
	const char *map_options;

	/* where the cluster is; "" where not given */
	const char *cluster;
	const char *fsid; /* lower case */
	const char *monitors;
	const char *user; /* without "client." */
	const char *keyring;

	/* the Secret, only with mount; "" where none came */
	const char *secret_key; /* base64, as in a keyring */
	const char *secret_user;

	/* /etc/ceph/ceph.client.<user>.keyring of the Secret's or else the option's user; "" where
	 * neither names one */
	const char *default_keyring;

	/* for messages; "" where not sent */
	const char *pod_name;
	const char *pod_namespace;
	const char *pod_uid;

	void *memory; /* owns the strings */
};

/* All strings "", nothing owned: for verbs without JSON. */
void options_init(struct options *ret);

/* Parses and checks. Everything that is wrong with the JSON, an unknown option (the nearest known
 * one is offered), an empty value, a value outside its grammar is an error (-EINVAL). `ret` must
 * be given to options_done() in any case. */
int options_parse(const char *json, struct options *ret, struct error *error);

/* Wipes the secret and frees. */
void options_done(struct options *options);
#define _cleanup_options_ __attribute__((cleanup(options_done)))

/* As it is written in the option. */
const char *options_guard_name(enum guard guard);

/* "10Gi", "1G", "1073741824" to bytes; below 4 MiB is refused with both meanings of the number.
 * 0, -EINVAL or -ERANGE, said in the error as "size: ...". */
int options_parse_size(const char *text, uint64_t *ret, struct error *error);
