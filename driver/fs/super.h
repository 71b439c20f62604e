/* SPDX-License-Identifier: Apache-2.0 */
/* What the superblock of a file system says, of whatever type. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct super {
	char uuid[40];
	uint64_t size; /* bytes of the file system */
	uint32_t block_size;
	bool counts_mounts;   /* ext4 */
	uint16_t mount_count; /* one more with each writable mount; 0 where nothing counts */
	bool never_mounted;   /* proven: nobody can have put anything into it */
	bool clean;           /* unmounted in good order */
	bool errors;          /* the kernel has noted errors */
};
