/* SPDX-License-Identifier: Apache-2.0 */
/* Where a line of the log can go. Of base/log alone. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define LOG_IDENTIFIER "rbd-flexvolume"

struct log_pair {
	const char *name; /* as the journal has it */
	const char *value;
};

struct log_line {
	int level;
	const char *message; /* one line */
	const struct log_pair *pairs;
	size_t pair_count;
};

/* False: it was not taken, and no time was lost. */
bool log_to_journal(const struct log_line *line);
bool log_to_syslog(const struct log_line *line);
bool log_to_file(const struct log_line *line);
