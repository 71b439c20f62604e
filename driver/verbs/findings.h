/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor finds, a line each: as text for people, or as JSON. */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "base/str.h"

struct findings {
	bool json;
	unsigned int wrong;
	unsigned int count;
	struct text *output;
};

void findings_begin(struct findings *findings);
void findings_end(struct findings *findings);

__attribute__((format(printf, 3, 4))) void found_good(struct findings *findings, const char *what,
						      const char *format, ...);
/* Works, but somebody should know. */
__attribute__((format(printf, 3, 4))) void found_note(struct findings *findings, const char *what,
						      const char *format, ...);
void found_wrong(struct findings *findings, const char *what, const struct error *error);
