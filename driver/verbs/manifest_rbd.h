/* SPDX-License-Identifier: Apache-2.0 */
/* One PersistentVolume of the in-tree rbd plug-in on its way to this driver. Within
 * manifest_*rbd*.c only. */
#pragma once

#include "verbs/manifest.h"

struct move {
	const struct manifest *manifest;
	const char *name; /* it had */
	cJSON *metadata, *spec, *source, *options;
	const char *keyring; /* "" where none was said */
	bool has_secret;
	struct text *remarks;
	struct error *error;
};

/* What is done with a field of the old volume. NULL: it is the API server's own, no part of what
 * was asked for. */
typedef int (*field_function)(struct move *move, const cJSON *field);
struct field {
	const char *name;
	field_function take;
};

/* Each field of `object` by its row; one without is refused, since it may mean something. -EINVAL,
 * said. */
int move_fields(struct move *move, const cJSON *object, const char *of,
		const struct field fields[]);
int move_metadata(struct move *move, const cJSON *metadata);
int move_spec(struct move *move, const cJSON *spec);

/* Unless it was given on the command line: that is what was asked for. */
void move_option(struct move *move, const char *name, const char *value);
/* A line for the person: "volume NAME: WORDSWHAT". */
void move_remark(struct move *move, const char *words, const char *what);
__attribute__((format(printf, 2, 3))) int move_refuse(struct move *move, const char *format, ...);
