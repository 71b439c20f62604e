/* SPDX-License-Identifier: Apache-2.0 */
/* The right place (design §5 rule 6). */
#pragma once

#include <sys/types.h>

#include "base/error.h"

/* Before anything is made: the directory is there and is one. Only for one that is no mount point,
 * so that the look at it cannot hang. */
int verify_directory(const char *directory, struct error *error);

/* What is mounted at `directory` is that device, and PID 1's mount namespace sees it too: a mount
 * that only a container sees lets pods write to the node's own disk. */
int verify_mount(const char *directory, dev_t device, struct error *error);
