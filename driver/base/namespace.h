/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <stdbool.h>

/* Are we in the machine's first PID namespace, and see all of its processes? As process 1, or any
 * other, of a container with one of its own we see that container's only. */
bool namespace_sees_all_processes(void);
