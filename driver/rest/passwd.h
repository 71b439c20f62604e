/* SPDX-License-Identifier: Apache-2.0 */
/* `rbd-rest passwd`: a user and its password into the file of users. */
#pragma once

#include "rest/arguments.h"

int passwd_run(const struct arguments *arguments, struct error *error);
