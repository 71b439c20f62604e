/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

static bool text_reserve(struct text *text, size_t more)
{
	size_t capacity = text->capacity ? text->capacity : 256;
	char *data;

	while (capacity < text->length + more + 1)
		capacity *= 2;
	if (capacity == text->capacity)
		return true;
	data = realloc(text->data, capacity);
	if (!data) {
		text->failed = true;
		return false;
	}
	text->data = data;
	text->capacity = capacity;
	return true;
}

void text_add(struct text *text, const char *bytes, size_t length)
{
	if (!text_reserve(text, length))
		return;
	memcpy(text->data + text->length, bytes, length);
	text->length += length;
	text->data[text->length] = '\0';
}

void text_printf(struct text *text, const char *format, ...)
{
	_cleanup_free_ char *words = NULL;
	va_list arguments;
	int length;

	va_start(arguments, format);
	length = vasprintf(&words, format, arguments);
	va_end(arguments);
	if (length < 0) {
		words = NULL;
		text->failed = true;
		return;
	}
	text_add(text, words, (size_t)length);
}

void text_done(struct text *text)
{
	free(text->data);
	*text = (struct text){0};
}

static int digit_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return 99;
}

int str_to_u64(const char *string, int base, uint64_t *ret)
{
	uint64_t value = 0;

	if (base == 16 && (str_starts(string, "0x") || str_starts(string, "0X")))
		string += 2;
	if (!*string)
		return -EINVAL;
	for (; *string; string++) {
		int digit = digit_value(*string);

		if (digit >= base)
			return -EINVAL;
		if (__builtin_mul_overflow(value, (uint64_t)base, &value) ||
		    __builtin_add_overflow(value, (uint64_t)digit, &value))
			return -ERANGE;
	}
	*ret = value;
	return 0;
}

int str_copy(char *to, size_t size, const char *from)
{
	size_t length = strlen(from);

	if (length >= size) {
		if (size)
			to[0] = '\0';
		return -ENAMETOOLONG;
	}
	memcpy(to, from, length + 1);
	return 0;
}

static int base64_value(char c)
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *at = c ? strchr(alphabet, c) : NULL;

	return at ? (int)(at - alphabet) : -1;
}

/* One group of four characters to 1..3 bytes; -EINVAL. `last`: padding is allowed. */
static int base64_group(const char *from, bool last, unsigned char ret[3])
{
	int padding = last ? (from[3] == '=') + (from[3] == '=' && from[2] == '=') : 0;
	uint32_t bits = 0;

	for (int i = 0; i < 4; i++) {
		int value = i < 4 - padding ? base64_value(from[i]) : 0;

		if (value < 0)
			return -EINVAL;
		bits = bits << 6 | (uint32_t)value;
	}
	/* bits that the padding leaves over must be zero: one text for each value */
	if ((padding == 1 && bits & 0xff) || (padding == 2 && bits & 0xffff))
		return -EINVAL;
	for (int i = 0; i < 3; i++)
		ret[i] = (unsigned char)(bits >> (16 - 8 * i));
	return 3 - padding;
}

ssize_t str_base64_decode(const char *string, void *to, size_t size)
{
	size_t length = strlen(string);
	unsigned char *out = to;
	size_t done = 0;

	if (length && string[length - 1] == '\n')
		length--;
	if (length % 4)
		return -EINVAL;
	for (size_t i = 0; i < length; i += 4) {
		unsigned char group[3];
		int count = base64_group(string + i, i + 4 == length, group);

		if (count < 0)
			return count;
		if (done + (size_t)count > size)
			return -ENOBUFS;
		memcpy(out + done, group, (size_t)count);
		done += (size_t)count;
		explicit_bzero(group, sizeof(group));
	}
	return (ssize_t)done;
}

void str_one_line(char *string)
{
	size_t length = strlen(string);

	for (size_t i = 0; i < length; i++) {
		const unsigned char byte = (unsigned char)string[i];
		const unsigned char next = (unsigned char)string[i + 1];

		if (byte < ' ' || byte == 0x7f)
			string[i] = ' ';
		else if (byte == 0xc2 && next >= 0x80 && next <= 0x9f)
			string[i] = string[i + 1] = ' ';
	}
	while (length && string[length - 1] == ' ')
		string[--length] = '\0';
}

uint64_t str_hash(uint64_t seed, const void *bytes, size_t length)
{
	const unsigned char *at = bytes;
	uint64_t hash = seed ? seed : 0xcbf29ce484222325ULL;

	for (size_t i = 0; i < length; i++)
		hash = (hash ^ at[i]) * 0x100000001b3ULL;
	return hash;
}

static size_t least(size_t a, size_t b)
{
	return a < b ? a : b;
}

size_t str_distance(const char *a, const char *b)
{
	enum { LONGEST = 64 };
	size_t row[3][LONGEST + 1];
	size_t length_a = strlen(a), length_b = strlen(b);

	if (length_a > LONGEST || length_b > LONGEST)
		return LONGEST;
	for (size_t j = 0; j <= length_b; j++)
		row[0][j] = j;
	for (size_t i = 1; i <= length_a; i++) {
		size_t *now = row[i % 3], *before = row[(i + 2) % 3], *two = row[(i + 1) % 3];

		now[0] = i;
		for (size_t j = 1; j <= length_b; j++) {
			size_t cost = a[i - 1] != b[j - 1];

			now[j] = least(before[j - 1] + cost, least(before[j], now[j - 1]) + 1);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				now[j] = least(now[j], two[j - 2] + 1);
		}
	}
	return row[length_a % 3][length_b];
}
