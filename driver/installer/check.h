/* SPDX-License-Identifier: Apache-2.0 */
/* Within this room only. */
#pragma once

#include "installer/installer.h"

/* installer_check(); with `state` also what lies beside the driver, whether or not options say
 * something of it. */
int check_installed(const struct installer *installer, bool state, struct error *error);
