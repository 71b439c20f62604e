/* SPDX-License-Identifier: Apache-2.0 */
/* Which bytes are one character (RFC 3629): JSON has to be valid UTF-8, in and out. */
#pragma once

#include <stddef.h>

/* The length (1..4) of the character that `text` starts with; 0 where these bytes are none
 * (overlong, surrogate, above U+10FFFF, cut off). `text` is terminated. */
size_t utf8_character(const char *text);
