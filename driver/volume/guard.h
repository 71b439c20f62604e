/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One writer (design §5 rule 2): nobody else has the image open, neither before the map nor
 * after it. A snapshot has no writers, and its volume needs no guard against the head's.
 */
#pragma once

#include "volume/volume.h"

/* Refuses a living holder by name, awaits the dead and the short-lived, and fences the dead that
 * had to be awaited. `grace`: milliseconds that a living kernel holder is given to go. 0: nobody
 * was there; 1: somebody was, and has gone: what was read of the image before is old. */
int guard_before(struct volume *volume, int64_t grace, struct error *error);

/* After the own map: 0, or -EAGAIN with the holder named: a race, both undo. */
int guard_after(struct volume *volume, struct error *error);

/* Says who has the image open, behind what `error` says of a map that was refused. Returns
 * error->code. */
int guard_name(struct volume *volume, struct error *error);

/* As guard_after(), whatever `guard` says, -EBUSY with the holder named: nobody formats what
 * another has open. */
int guard_alone(struct volume *volume, struct error *error);
