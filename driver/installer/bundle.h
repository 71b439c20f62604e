/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed: the bundle that the running driver belongs to. Within this room only. */
#pragma once

#include <limits.h>

#include "base/error.h"

struct bundle {
	char path[PATH_MAX];     /* the directory with a dot */
	char name[NAME_MAX + 1]; /* its last component: version and hash */
	int fd;                  /* it */
	int launcher;            /* the file beside it */
};

/* `ret` must be given to bundle_done() in any case. */
int bundle_open(struct bundle *ret, struct error *error);
void bundle_done(struct bundle *bundle);
#define _cleanup_bundle_ __attribute__((cleanup(bundle_done)))

/* The directory of the running executable. */
int bundle_directory(char ret[PATH_MAX], struct error *error);
