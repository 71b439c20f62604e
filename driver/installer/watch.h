/* SPDX-License-Identifier: Apache-2.0 */
/* Where something may change that an install depends on. Within this room only. */
#pragma once

#include "installer/installer.h"

/* A descriptor that can be read once something has changed since this call; -1 where the kernel
 * has no more of them: then nothing tells. Only where, never what: whoever is told looks again. */
int watch_open(const struct installer *installer);
