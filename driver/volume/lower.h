/* SPDX-License-Identifier: Apache-2.0 */
/* Umount and unmap, as one step of a worker: once begun it goes on to its end, whoever waits. */
#pragma once

#include <limits.h>
#include <stdbool.h>
#include <sys/types.h>

#include "base/deadline.h"
#include "base/error.h"
#include "kernel/krbd.h"

struct lower {
	char directory[PATH_MAX];
	dev_t device;
	bool unmap;             /* else only umount */
	struct mapping mapping; /* to remove */
	bool read_only;         /* the file system, should it have to be mounted again, */
	bool mount_read_only;   /* or this mount of it alone */
	char fs_type[32];
	char options[1024]; /* the mount's, to have them again then */
};

/* EBUSY is retried for a while; then the error names who holds it, and the file system is mounted
 * at the directory again, so that the kubelet asks again. `lock`: held by caller and worker, -1
 * none. */
int lower_down(const struct lower *lower, int lock, struct deadline deadline, struct error *error);
