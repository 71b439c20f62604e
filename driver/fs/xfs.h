/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xfs: its superblock and the start of its log (fs/xfs/libxfs/xfs_format.h, xfs_log_format.h),
 * which are read, never written; its tools (mkfs.xfs, xfs_logprint); its growth. See filesystem.h
 * for what the functions promise.
 */
#pragma once

#include <stdint.h>

#include "fs/filesystem.h"
#include "fs/super.h"

/* -EUCLEAN: no xfs superblock (or its checksum is wrong). `clean` is known here
 * only of one that was never mounted. */
int xfs_read_super(int fd, struct super *ret, struct error *error);

/* xfs_logprint: does the log end in the record of an unmount? */
int xfs_find_clean(int device_fd, int lock_fd, struct deadline deadline, struct super *super,
		   struct error *error);

int xfs_make(const struct filesystem_make *make, struct error *error);

/* XFS_IOC_FSGROWFSDATA */
int xfs_grow(int directory_fd, uint64_t device_size, struct error *error);

/* A writable mount leaves the log as the last unmount left it until something is written. So the
 * root's times are set to what they are: from then on the log says that somebody has it. */
int xfs_mark(int directory_fd);
