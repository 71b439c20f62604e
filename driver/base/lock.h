/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One flock per name under /run/rbd-flexvolume/lock. The lock belongs to the open file
 * description: caller, worker and their children share it and it ends with the last of them.
 * The file is never removed and its content (who is at what) is only for messages.
 */
#pragma once

#include "base/deadline.h"
#include "base/error.h"

/* Waits until the deadline. A descriptor, or -EBUSY with a sentence that names the holder's pid
 * and what it is at; where the one that took it has gone, the worker or the child that goes on. */
int lock_take(const char *name, struct deadline deadline, struct error *error);

/* Does not wait. A descriptor, -EBUSY, or another negative errno; says nothing. */
int lock_try(const char *name);

/* Notes what the holder is at, for those that wait: "pid 12: <words>". */
__attribute__((format(printf, 2, 3))) void lock_note(int fd, const char *format, ...);
