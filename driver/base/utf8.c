/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

#include <stdbool.h>

static bool continues(unsigned char byte)
{
	return (byte & 0xc0) == 0x80;
}

/* The second byte's least and greatest value keep out what is overlong, a surrogate, or too high
 * (RFC 3629 §4). */
static bool second_is_right(unsigned char first, unsigned char second)
{
	switch (first) {
	case 0xe0:
		return second >= 0xa0 && second <= 0xbf;
	case 0xed:
		return second >= 0x80 && second <= 0x9f;
	case 0xf0:
		return second >= 0x90 && second <= 0xbf;
	case 0xf4:
		return second >= 0x80 && second <= 0x8f;
	default:
		return continues(second);
	}
}

size_t utf8_character(const char *text)
{
	const unsigned char *byte = (const unsigned char *)text;
	size_t length;

	if (byte[0] < 0x80)
		return 1;
	if (byte[0] >= 0xc2 && byte[0] <= 0xdf)
		length = 2;
	else if (byte[0] >= 0xe0 && byte[0] <= 0xef)
		length = 3;
	else if (byte[0] >= 0xf0 && byte[0] <= 0xf4)
		length = 4;
	else
		return 0;
	if (!second_is_right(byte[0], byte[1]))
		return 0;
	/* the terminating 0 continues nothing: nothing is read behind it */
	for (size_t i = 2; i < length; i++)
		if (!continues(byte[i]))
			return 0;
	return length;
}

void utf8_clean(char *text)
{
	while (*text) {
		size_t length = utf8_character(text);

		if (!length)
			*text = '?';
		text += length ? length : 1;
	}
}

size_t utf8_prefix(const char *text, size_t most)
{
	size_t done = 0;

	while (text[done]) {
		size_t length = utf8_character(text + done);

		if (!length)
			length = 1;
		if (done + length > most)
			break;
		done += length;
	}
	return done;
}
