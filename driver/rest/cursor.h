/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The name that a page ends with, as `next` says it and `after` gives it back. It may have been
 * made by anybody, of any bytes, and JSON takes only UTF-8: a byte that is no part of a character
 * stands as U+EF00 and the byte (U+EF80 to U+EFFF, private use), and so does each byte of such a
 * character itself. So each name has a text of its own, and almost all are their own text.
 */
#pragma once

#include <stddef.h>

#include "base/str.h"

void cursor_of_name(const char *name, struct text *ret);

/* -ENAMETOOLONG where the name does not fit. `cursor` is valid UTF-8. */
int cursor_to_name(const char *cursor, char *ret, size_t size);
