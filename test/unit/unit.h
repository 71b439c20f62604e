/* SPDX-License-Identifier: Apache-2.0 */
/* What every unit test program includes first: cmocka with what it needs, and a few helpers. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/deadline.h"
#include "base/spawn.h"

/* A test whose name is a sentence. */
#define UNIT(sentence, function)                     \
	{                                            \
		sentence, function, NULL, NULL, NULL \
	}

#define assert_contains(text, part)                                       \
	do {                                                              \
		const char *text_ = (text);                               \
		if (!strstr(text_, part))                                 \
			fail_msg("\"%s\" is not in \"%s\"", part, text_); \
	} while (0)

/* Waits up to ten seconds until the condition holds. */
#define assert_eventually(condition)                               \
	do {                                                       \
		struct deadline until_ = deadline_in(10000);       \
		bool holds_ = (condition);                         \
		while (!holds_ && !deadline_passed(until_)) {      \
			deadline_pause(2, until_);                 \
			holds_ = (condition);                      \
		}                                                  \
		if (!holds_)                                       \
			fail_msg("it never came: %s", #condition); \
	} while (0)

/* A new empty directory; the name is the caller's to free by scratch_remove(). */
static inline char *scratch_make(void)
{
	char *directory = strdup("/tmp/rbd-flexvolume-unit.XXXXXX");

	assert_non_null(directory);
	assert_non_null(mkdtemp(directory));
	return directory;
}

static inline void scratch_remove(char *directory)
{
	const char *const argv[] = {"rm", "-rf", "--", directory, NULL};
	struct spawn spawn = {.argv = argv, .deadline = deadline_in(10000)};
	struct spawn_result result;
	struct error error;

	(void)spawn_run(&spawn, &result, &error);
	free(directory);
}
