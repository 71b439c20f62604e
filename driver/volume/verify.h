/* SPDX-License-Identifier: Apache-2.0 */
/* The right place (design §5 rule 6). */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* What is mounted at `directory` is that device, and PID 1's mount namespace sees it too: a mount
 * that only a container sees lets pods write to the node's own disk. */
int verify_mount(const char *directory, dev_t device, struct error *error);
