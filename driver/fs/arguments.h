/* SPDX-License-Identifier: Apache-2.0 */
/* The argv of a tool whose options are letters, and which takes the words of one letter as one
 * list: "-E a,b", never "-E a -E b" (mke2fs would forget the first). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ARGUMENTS_MAX 24

struct arguments {
	struct {
		char letter[3];  /* "-b" */
		char value[240]; /* "" of a letter alone */
	} list[ARGUMENTS_MAX];
	size_t count;
	bool failed; /* something did not fit; tested once at the end */
};

/* Adds a value to what the letter has; "" for a letter alone. */
void arguments_add(struct arguments *arguments, char letter, const char *value);

bool arguments_have(const struct arguments *arguments, char letter);

/* program, letters and values, `last`, NULL. -E2BIG: something did not fit. The strings belong to
 * the arguments. */
int arguments_argv(const struct arguments *arguments, const char *program, const char *last,
		   const char *ret[2 * ARGUMENTS_MAX + 3]);
