/* SPDX-License-Identifier: Apache-2.0 */
/* ext4: its superblock (Documentation/filesystems/ext4/super.rst), which is read, never written;
 * its tools (mke2fs, e2fsck); its growth. See filesystem.h for what the functions promise. */
#pragma once

#include <stdint.h>

#include "fs/filesystem.h"
#include "fs/super.h"

/* -EUCLEAN: no ext4 superblock (or its checksum is wrong). */
int ext4_read_super(int fd, struct super *ret, struct error *error);

int ext4_make(const struct filesystem_make *make, struct error *error);
int ext4_repair(int device_fd, int lock_fd, struct deadline deadline, struct error *error);

/* EXT4_IOC_RESIZE_FS */
int ext4_grow(int directory_fd, uint64_t device_size, struct error *error);
