/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes are one character (RFC 3629): JSON has to be valid UTF-8, in and out. */
#pragma once

#include <stddef.h>

/* The length (1..4) of the character that `text` starts with; 0 where these bytes are none
 * (overlong, surrogate, above U+10FFFF, cut off). `text` is terminated. */
size_t utf8_character(const char *text);

/* Each byte that is no part of a character becomes '?', in place. */
void utf8_clean(char *text);

/* How many of the first `most` bytes are whole characters, or bytes that are none. */
size_t utf8_prefix(const char *text, size_t most);
