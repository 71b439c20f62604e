/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the kubelet starts. Within this room only. */
#pragma once

#include "installer/bundle.h"
#include "installer/target.h"

/* Is something of that name there, of whatever kind? */
bool launcher_exists(int home);

/* Is it the bundle's, byte by byte? 1, 0, or a negative errno. */
int launcher_is_of(const struct bundle *bundle, int home);
