/* SPDX-License-Identifier: Apache-2.0 */
/* The kernel's own words (/dev/kmsg) since a call began. */
#pragma once

#include <stddef.h>

/* A descriptor that stands at the end of the log now, or -1 (not readable: then there are no
 * words). */
int kmsg_begin(void);

/* The lines of rbd and libceph (and, with `device` like "rbd0", of that device: EXT4-fs (rbd0),
 * I/O errors) since then, joined by "; ", at most size, the newest kept. "" where none. */
void kmsg_words(int fd, const char *device, char *ret, size_t size);
