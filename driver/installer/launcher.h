/* SPDX-License-Identifier: Apache-2.0 */
/* The file that the kubelet starts. Within this room only. */
#pragma once

#include "installer/bundle.h"
#include "installer/target.h"

/* Is something of that name there, of whatever kind? */
bool launcher_exists(int home);

/* Is it the bundle's, byte by byte? 1, 0, or a negative errno. */
int launcher_is_of(const struct bundle *bundle, int home);

/* Does it start a version in the home, or is it of the running bundle, or the running driver? */
bool launcher_is_ours(int home);

/* Under a name with a dot nobody starts it any more. The kubelet takes a driver for gone when the
 * file of its name is removed, not when it is renamed. 0 or a negative errno. */
int launcher_turn_off(int home);
/* Its name again, where nothing else has it. Nothing to do: 0. */
int launcher_put_back(int home);
