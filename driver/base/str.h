/* SPDX-License-Identifier: Apache-2.0 */
/* Small helpers on text: a growing buffer, strict numbers, base64, the wiping of secrets. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>

#include "base/cleanup.h"

#define ARRAY_SIZE(array) (sizeof(array) / sizeof((array)[0]))

static inline bool str_eq(const char *a, const char *b)
{
	return strcmp(a, b) == 0;
}

static inline bool str_starts(const char *text, const char *prefix)
{
	return strncmp(text, prefix, strlen(prefix)) == 0;
}

/* NULL and "" are both "not given". */
static inline bool str_empty(const char *text)
{
	return !text || !*text;
}

/* A growing text, always terminated once something was added. After a failed allocation it stays
 * as it was and `failed` is set; test once at the end. */
struct text {
	char *data;
	size_t length;
	size_t capacity;
	bool failed;
};

void text_add(struct text *text, const char *bytes, size_t length);
__attribute__((format(printf, 2, 3))) void text_printf(struct text *text, const char *format, ...);
void text_done(struct text *text);
#define _cleanup_text_ _cleanup_(text_done)

/* The whole string must be an unsigned number in `base` (10 or 16, "0x" allowed for 16), no sign,
 * no white space. 0, -EINVAL or -ERANGE. */
int str_to_u64(const char *string, int base, uint64_t *ret);

/* Copies with termination; -ENAMETOOLONG where it does not fit (then `to` is ""). */
int str_copy(char *to, size_t size, const char *from);

/* Strict base64 (RFC 4648 §4, padding required; one newline at the end is passed over).
 * Returns the number of bytes, -EINVAL, or -ENOBUFS. */
ssize_t str_base64_decode(const char *string, void *to, size_t size);

/* Replaces control characters (also those of two bytes, C1) by spaces and trims the end: foreign
 * words in a sentence of ours. */
void str_one_line(char *string);

/* 64-bit FNV-1a; `seed` 0 for the usual start, or the hash of what came before. */
uint64_t str_hash(uint64_t seed, const void *bytes, size_t length);

/* Optimal string alignment distance, for "did you mean". */
size_t str_distance(const char *a, const char *b);
