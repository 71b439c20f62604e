/* SPDX-License-Identifier: Apache-2.0 */
/* Which volume and device the lines of the log are about, from what is mapped. */
#pragma once

#include "volume/volume.h"

/* What unmount, detach and gc learn from the kernel: the kubelet sends a directory only. */
void told_mapping(const struct mapping *mapping);

/* A map has succeeded. Design §3: each one says so where no policy is in force. */
void told_mapped(const struct volume *volume);
