/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/table.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#define GAP "  " /* between two columns */

/* Characters of UTF-8, not bytes: names of foreign images and clients may have any. */
static size_t width_of(const char *cell)
{
	size_t width = 0;

	for (; *cell; cell++)
		width += ((unsigned char)*cell & 0xC0) != 0x80;
	return width;
}

static void add(struct table *table, const char *cell)
{
	size_t width = width_of(cell), column = table->count++ % table->columns;

	if (width > table->width[column])
		table->width[column] = width;
	text_add(&table->cells, cell, strlen(cell) + 1);
}

void table_begin(struct table *ret, const char *const heads[])
{
	*ret = (struct table){0};
	while (heads[ret->columns])
		ret->columns++;
	for (size_t i = 0; i < ret->columns; i++) {
		ret->right[i] = *heads[i] == '>';
		add(ret, heads[i] + ret->right[i]);
	}
}

void table_cell(struct table *table, const char *format, ...)
{
	char cell[1024];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(cell, sizeof(cell), format, arguments);
	va_end(arguments);
	str_one_line(cell);
	add(table, cell);
}

static void print(const struct table *table, size_t column, const char *cell, struct text *output)
{
	const bool last = column + 1 == table->columns;
	const int fill = (int)(table->width[column] - width_of(cell));

	if (table->right[column])
		text_printf(output, "%*s%s", fill, "", cell);
	else
		text_printf(output, "%s%*s", cell, last ? 0 : fill, "");
	text_printf(output, "%s", last ? "\n" : GAP);
}

void table_end(struct table *table, struct text *output)
{
	size_t column = 0;

	for (size_t at = 0; at < table->cells.length;) {
		const char *cell = table->cells.data + at;

		print(table, column, cell, output);
		at += strlen(cell) + 1;
		column = (column + 1) % table->columns;
	}
	output->failed |= table->cells.failed;
	text_done(&table->cells);
}

const char *size_text(bool person, uint64_t bytes, char ret[SIZE_TEXT_MAX])
{
	static const char *const UNITS[] = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
	double value = (double)bytes;
	size_t unit = 0;

	if (!person) {
		(void)snprintf(ret, SIZE_TEXT_MAX, "%" PRIu64, bytes);
		return ret;
	}
	for (; value >= 1024 && unit + 1 < ARRAY_SIZE(UNITS); unit++)
		value /= 1024;
	(void)snprintf(ret, SIZE_TEXT_MAX, value == (double)(uint64_t)value ? "%.0f %s" : "%.1f %s",
		       value, UNITS[unit]);
	return ret;
}
