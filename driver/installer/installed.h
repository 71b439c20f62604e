/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed now. Within this room only. */
#pragma once

#include "installer/desired.h"
#include "installer/versions.h"

/* As its driver answers; where it cannot, as the `.init.json` of its version, or beside it, says.
 * Where there is neither, the one that was written last, or unsaid: *ret_told is false then, unless
 * there is no driver. */
enum installer_mode installed_mode(const struct target *target, bool *ret_told);

/* Is the launcher the bundle's, and was it renamed after what init is to answer? Else the kubelet
 * has not been told. 1, 0, or a negative errno. */
int installed_launcher(const struct bundle *bundle, const struct target *target);
