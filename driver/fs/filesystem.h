/* SPDX-License-Identifier: Apache-2.0 */
/* What is done to a file system by its own tools: made and repaired (mke2fs, e2fsck). */
#pragma once

#include <stdbool.h>

#include "base/deadline.h"
#include "base/error.h"

/* mke2fs on an open device (by /proc/self/fd), with a uuid of ours ("xxxxxxxx-xxxx-..."). With
 * `prezeroed` (no object of the image was ever written) tables are not zeroed again. `lock_fd` is
 * inherited (-1: none). Never -F. */
int filesystem_make(int device_fd, const char *uuid, bool prezeroed, int lock_fd,
		    struct deadline deadline, struct error *error);

/* e2fsck -p on an open device: exit 0, 1, 2 is good. Never killed: at the deadline it goes on
 * alone, holding the lock (-ETIMEDOUT says so). */
int filesystem_repair(int device_fd, int lock_fd, struct deadline deadline, struct error *error);

/* A new random uuid, as text. */
void filesystem_uuid(char ret[37]);
