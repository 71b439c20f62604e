/* SPDX-License-Identifier: Apache-2.0 */
/* The superblock of ext4 (Documentation/filesystems/ext4/super.rst): read, never written. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct ext4_super {
	char uuid[40];
	uint64_t size; /* bytes of the file system */
	uint32_t block_size;
	uint16_t mount_count; /* s_mnt_count: one more with each writable mount */
	uint32_t mount_time;  /* s_mtime; 0: never mounted */
	bool clean;           /* valid state and no needs_recovery */
	bool errors;          /* the kernel has noted errors */
};

/* -EUCLEAN: no ext4 superblock (or its checksum is wrong). */
int ext4_read_super(int fd, struct ext4_super *ret, struct error *error);

/* Grows the mounted file system to its device, online (EXT4_IOC_RESIZE_FS). `directory` is any
 * directory of the mount. Large enough already: nothing is done. */
int ext4_grow(const char *directory, uint64_t device_size, struct error *error);
