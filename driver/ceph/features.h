/* SPDX-License-Identifier: Apache-2.0 */
/* An image's features by their names, as the rbd command has them. */
#pragma once

#include <stdint.h>

#include "base/error.h"

/* "layering,exclusive-lock" of the bits. Returns ret. */
const char *image_features_text(uint64_t features, char *ret, unsigned long size);

/* A comma list of names, with which an image is to be made; "" is layering and exclusive-lock. An
 * unknown name, one that no image can be made with or no kernel can serve, and a set of which a
 * member lacks what it needs are refused (-EINVAL). Needs no cluster. */
int image_features_parse(const char *text, uint64_t *ret, struct error *error);
