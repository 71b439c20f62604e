/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where a call's time goes, for its line in the log. One phase follows the other, so that they add
 * up to the whole; one that comes again goes on. What the worker begins counts too, since the
 * table becomes memory that it shares with its caller before it is forked.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

/* `name` is a literal of this program. */
void phase_begin(const char *name);

/* From now on what a child begins is in this process' table, too. Only calls that fork pay for it.
 */
void phase_share(void);

/* All phases up to now, in the order in which they first began: "lock:0,map:41". Returns the
 * milliseconds of the whole. */
int64_t phase_text(char *to, size_t size);
