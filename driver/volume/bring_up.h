/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a volume (design §4): from a name to a mounted file system, told once. */
#pragma once

#include "volume/volume.h"

/* Mounted at volume->directory afterwards, by this call or already; otherwise nothing of what
 * this call did is left, and the error says what failed. */
int bring_up(struct volume *volume, struct error *error);

/* The start of the way alone, without worker or kernel: the image is there, made if it was
 * missing (attach). */
int bring_up_image(struct volume *volume, struct error *error);

/* Binds an up volume at volume->directory (attach mode's mount). */
int bring_up_bind(struct volume *volume, struct error *error);
