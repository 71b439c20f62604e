/* SPDX-License-Identifier: Apache-2.0 */
/* The map (design §4): what the kernel is told, and that nobody else has the image around it. */
#pragma once

#include "volume/volume.h"

/* The monitors are tried, and only those that answer are written. `map` points into `volume`. */
int map_step_fill(const struct volume *volume, struct krbd_map *map, struct error *error);

/* From "nobody else has it" to "mapped, and still nobody else has it"; races are tried again. The
 * image's header has been read. */
int map_step(struct volume *volume, struct error *error);
