/* SPDX-License-Identifier: Apache-2.0 */
/* How people name pools and images: POOL[/NAMESPACE], [POOL/[NAMESPACE/]]IMAGE[@SNAPSHOT]. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/names.h"

#define TARGET_NAME_MAX 256

struct target {
	char pool[TARGET_NAME_MAX];
	char name_space[TARGET_NAME_MAX]; /* "": the default one */
	char image[TARGET_NAME_MAX];
	char snapshot[TARGET_NAME_MAX];
	struct image_name name;    /* the same, as all rooms have it: valid as long as the target */
	char text[IMAGE_TEXT_MAX]; /* for messages: "kube/db@before" */
};

enum target_kind {
	TARGET_POOL,     /* POOL[/NAMESPACE] */
	TARGET_IMAGE,    /* no snapshot */
	TARGET_SNAPSHOT, /* a snapshot must be named */
	TARGET_EITHER,
};

/* The pool is `rbd` where none is named. -EINVAL. */
int target_parse(const char *text, enum target_kind kind, struct target *ret, struct error *error);
