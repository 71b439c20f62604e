/* SPDX-License-Identifier: Apache-2.0 */
/* What people read: columns that are as wide as what stands in them, and sizes in units. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"

#define TABLE_COLUMNS_MAX 8

/* Rows are kept as text, cells ended by a zero byte, until all are known. */
struct table {
	size_t columns;
	size_t count; /* of cells up to now */
	size_t width[TABLE_COLUMNS_MAX];
	bool right[TABLE_COLUMNS_MAX]; /* numbers: the digits under each other */
	struct text cells;
};

/* `heads`: as many as there are columns, ended by NULL; one that begins with ">" has its column to
 * the right. */
void table_begin(struct table *ret, const char *const heads[]);
__attribute__((format(printf, 2, 3))) void table_cell(struct table *table, const char *format, ...);
/* After the last cell of the last row. Adds it all to `output`, and frees. */
void table_end(struct table *table, struct text *output);

#define SIZE_TEXT_MAX 32
/* On a terminal "1.5 GiB" (exact ones without the fraction), else the bytes. Returns `ret`. */
const char *size_text(bool person, uint64_t bytes, char ret[SIZE_TEXT_MAX]);
