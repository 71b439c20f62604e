/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of monitors as text: do two of them name the same one? */
#pragma once

#include <stdbool.h>

/* By host and port, as they are written (no name is resolved); no port, 6789 and 3300 are the same
 * monitor, who listens on both. */
bool monitor_lists_share(const char *a, const char *b);
