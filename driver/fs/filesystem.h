/* SPDX-License-Identifier: Apache-2.0 */
/* The file systems that there are, a row each: all that differs between them is in here. */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/deadline.h"
#include "base/error.h"
#include "fs/super.h"

struct filesystem_make {
	int device_fd;       /* the open device, which the tool gets by /proc/self/fd */
	const char *uuid;    /* chosen by us: "xxxxxxxx-xxxx-..." */
	const char *options; /* see mkfs_options.h; "" none */
	bool prezeroed; /* no object of the image was ever written: tables are not zeroed again.
			 * Otherwise what is there is this driver's own debris */
	bool dry;       /* nothing is written: would the tool do it? */
	int lock_fd;    /* is inherited; -1: none */
	struct deadline deadline;
};

struct filesystem {
	const char *name;              /* as in fsType, and as libblkid and the kernel call it */
	const char *tool;              /* that makes it, */
	const char *package;           /* and where it is found */
	unsigned long magic;           /* of statfs(2) */
	const char *mount_options;     /* that each mount of ours has, */
	const char *read_only_options; /* and these if it is read-only: the log of a device that
					* cannot be written cannot be replayed */
	int (*read_super)(int fd, struct super *ret, struct error *error);
	/* super->clean, where the superblock has not told that it is; NULL: it always tells */
	int (*find_clean)(int device_fd, int lock_fd, struct deadline deadline, struct super *super,
			  struct error *error);
	int (*make)(const struct filesystem_make *make, struct error *error);
	/* exit 0, 1, 2 of e2fsck is good. Never killed: at the deadline it goes on alone, holding
	 * the lock (-ETIMEDOUT says so). NULL: the kernel repairs at the mount */
	int (*repair)(int device_fd, int lock_fd, struct deadline deadline, struct error *error);
	/* online, to its device; large enough already: nothing is done */
	int (*grow)(int directory_fd, uint64_t device_size, struct error *error);
	/* on a new writable mount, before anybody sees it: from now on it is not clean. NULL: the
	 * mount itself does that */
	int (*mark)(int directory_fd);
};

/* NULL: there is no such row. */
const struct filesystem *filesystem_find(const char *name);

/* The same; the error names those that there are. */
int filesystem_need(const char *name, const struct filesystem **ret, struct error *error);

/* Is the tool there that makes it? -ENOENT says what to install. */
int filesystem_can_make(const struct filesystem *fs, struct error *error);

/* Grows what is mounted at (a directory of) `directory` to `device_size`, by whatever it is.
 * -EUCLEAN: by now another device than `device` is what one sees there. */
int filesystem_grow(const char *directory, dev_t device, uint64_t device_size, struct error *error);

/* A new random uuid, as text. */
void filesystem_uuid(char ret[37]);
