/* SPDX-License-Identifier: Apache-2.0 */
/* What is installed now. Within this room only. */
#pragma once

#include "installer/desired.h"
#include "installer/versions.h"

/* As its driver answers; where it cannot, as its `.init.json` says, or the one that was written
 * last; unsaid where there is none. */
enum installer_mode installed_mode(const struct target *target);

/* Is the launcher the bundle's, and was it renamed after what init is to answer? Else the kubelet
 * has not been told. 1, 0, or a negative errno. */
int installed_launcher(const struct bundle *bundle, const struct target *target);
