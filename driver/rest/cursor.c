/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/cursor.h"

#include <errno.h>
#include <stdbool.h>

#include "base/utf8.h"

/* U+EF80 to U+EFFF in UTF-8: ee, be or bf, and six bits. */
static bool is_ours(const char *character)
{
	const unsigned char *byte = (const unsigned char *)character;

	return byte[0] == 0xee && (byte[1] & 0xfe) == 0xbe;
}

static void add_byte(struct text *text, char byte)
{
	const unsigned char bits = (unsigned char)byte & 0x7f;
	const unsigned char character[] = {0xee, 0xbe | bits >> 6, 0x80 | (bits & 0x3f)};

	text_add(text, (const char *)character, sizeof(character));
}

void cursor_of_name(const char *name, struct text *ret)
{
	while (*name) {
		size_t length = utf8_character(name);

		if (length && !is_ours(name)) {
			text_add(ret, name, length);
			name += length;
			continue;
		}
		for (length = length ? length : 1; length; length--)
			add_byte(ret, *name++);
	}
}

int cursor_to_name(const char *cursor, char *ret, size_t size)
{
	size_t done = 0;

	while (*cursor) {
		if (done + 1 >= size)
			return -ENAMETOOLONG;
		if (is_ours(cursor)) {
			ret[done++] = (char)(0x80 | (cursor[1] & 1) << 6 | (cursor[2] & 0x3f));
			cursor += 3;
		} else {
			ret[done++] = *cursor++;
		}
	}
	ret[done] = '\0';
	return 0;
}
