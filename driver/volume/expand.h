/* SPDX-License-Identifier: Apache-2.0 */
/* Growth of a volume that is mounted, online. */
#pragma once

#include <stdint.h>

#include "volume/volume.h"

/* The image to at least `size` bytes; large enough already is success and needs no cluster. */
int expand_image(struct volume *volume, uint64_t size, struct error *error);

/* The image, then the file system that is mounted at volume->directory (the global or the pod's),
 * to the device's size. */
int expand_mounted(struct volume *volume, uint64_t size, struct error *error);
