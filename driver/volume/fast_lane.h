/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The fast lane (design §4; docs/decisions/0007): with guard=exclusive the kernel itself is asked
 * first whether the image is there, fits and is free, and no Ceph library is loaded.
 */
#pragma once

#include "volume/volume.h"

/* 1: the volume is mounted at its directory. 0: the whole way has to be gone, nothing of this is
 * left mapped. Negative: a failure that the whole way would have as well. The worker is started. */
int fast_lane_try(struct volume *volume, struct error *error);
