/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is on a device (libblkid, in-process). Never "blank" on doubt: an error, an ambivalent
 * answer, a wrong size is a refusal (design §5 rule 1).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

enum probe_kind {
	PROBE_NOTHING, /* libblkid knows nothing here, and head and tail read as zero */
	PROBE_DATA,    /* no known signature, but not zero */
	PROBE_FILE_SYSTEM,
	PROBE_OTHER, /* partition table, LUKS, LVM, RAID, ... */
};

struct probe {
	enum probe_kind kind;
	char type[64]; /* "ext4", "crypto_LUKS", "dos partition table"; "" where nothing */
	char uuid[64]; /* of the file system; "" where none */
};

/* `fd` is open for reading; `size` is what the image should have (bytes). */
int probe_device(int fd, uint64_t size, struct probe *ret, struct error *error);

/* Is the first and last MiB zero? 1, 0 or a negative errno. */
int probe_is_zero(int fd, uint64_t size, struct error *error);

/* A direct (O_DIRECT) read of 4 KiB from the device node: does it still answer? */
int probe_alive(const char *device_path, struct error *error);
