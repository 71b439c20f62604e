/* SPDX-License-Identifier: Apache-2.0 */
/* Lists of monitors as text: their addresses, and do two of them name the same one? */
#pragma once

#include <stdbool.h>

/* By host and port, as they are written (no name is resolved); no port, 6789 and 3300 are the same
 * monitor, who listens on both. */
bool monitor_lists_share(const char *a, const char *b);

#define MONITOR_WORD_MAX 320

/* The next address of "10.0.0.1, [v2:10.0.0.2:3300,v1:10.0.0.2:6789]", without what only groups
 * the two addresses of one monitor; cut where it is too long for any. false at the end. */
bool monitor_list_next(const char **list, char ret[MONITOR_WORD_MAX]);
