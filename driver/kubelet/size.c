/* SPDX-License-Identifier: Apache-2.0 */
/* The option `size`: numbers as Kubernetes writes quantities, and the two ways to be wrong. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"
#include "kubelet/options.h"

#define SIZE_LEAST  (UINT64_C(4) << 20) /* one object of an image */
#define SIZE_SECTOR 512                 /* krbd counts in them: the rest would be cut off */

static const struct unit {
	const char *suffix;
	uint64_t bytes;
} UNITS[] = {
	{"", 1},
	{"k", UINT64_C(1000)},
	{"M", UINT64_C(1000000)},
	{"G", UINT64_C(1000000000)},
	{"T", UINT64_C(1000000000000)},
	{"P", UINT64_C(1000000000000000)},
	{"Ki", UINT64_C(1) << 10},
	{"Mi", UINT64_C(1) << 20},
	{"Gi", UINT64_C(1) << 30},
	{"Ti", UINT64_C(1) << 40},
	{"Pi", UINT64_C(1) << 50},
};

/* "1 KiB", "97.7 KiB", "12 bytes". */
static void in_words(uint64_t bytes, char *ret, size_t size)
{
	static const char *const NAMES[] = {"bytes", "KiB", "MiB"};
	double value = (double)bytes;
	size_t unit = 0;

	for (; value >= 1024 && unit + 1 < ARRAY_SIZE(NAMES); unit++)
		value /= 1024;
	snprintf(ret, size, value == (double)(uint64_t)value ? "%.0f %s" : "%.1f %s", value,
		 NAMES[unit]);
}

static int too_small(const char *text, uint64_t number, uint64_t bytes, bool has_unit,
		     struct error *error)
{
	char words[64];

	in_words(bytes, words, sizeof(words));
	if (has_unit || !number)
		return error_set(error, -EINVAL, "size: %s is %s; the least is 4Mi", text, words);
	if (number % 1024)
		return error_set(error, -EINVAL,
				 "size: %s is %s; the rbd command counts MiB: %" PRIu64 "Mi", text,
				 words, number);
	return error_set(error, -EINVAL,
			 "size: %s is %s; the rbd command counts MiB: %" PRIu64 "Mi or %" PRIu64
			 "Gi",
			 text, words, number, number / 1024);
}

/* "10Gb", "10GB", "10 GiB", "10g": the letter tells what may be meant. */
static int unknown_unit(const char *text, const char *digits, const char *suffix,
			struct error *error)
{
	static const char LETTERS[] = "kmgtpKMGTP";
	const char *found;

	suffix += strspn(suffix, " ");
	found = *suffix ? strchr(LETTERS, *suffix) : NULL;
	if (!found)
		return error_set(error, -EINVAL,
				 "size: \"%.40s\" is not a size: write a whole number with a unit, "
				 "such as 10Gi (or with none: bytes)",
				 text);
	found = &LETTERS[(found - LETTERS) % 5];
	return error_set(error, -EINVAL,
			 "size: \"%.40s\" has a unit that is not known: write %s%ci (powers of "
			 "1024) or %s%c (powers of 1000)",
			 text, digits, *found == 'k' ? 'K' : *found - 'a' + 'A', digits,
			 *found == 'k' ? 'k' : *found - 'a' + 'A');
}

/* Splits "10Gi" into "10" and "Gi". */
static int split(const char *text, char digits[24], const char **ret_suffix, uint64_t *ret_number,
		 struct error *error)
{
	size_t length = strspn(text, "0123456789");

	*ret_suffix = text + length;
	if (!length)
		return unknown_unit(text, "10", "", error);
	if (length >= 24)
		return error_set(error, -ERANGE, "size: %.40s is too large", text);
	memcpy(digits, text, length);
	digits[length] = '\0';
	if (str_to_u64(digits, 10, ret_number) < 0)
		return error_set(error, -ERANGE, "size: %.40s is too large", text);
	return 0;
}

int options_parse_size(const char *text, uint64_t *ret, struct error *error)
{
	const struct unit *unit = NULL;
	uint64_t number = 0, bytes;
	const char *suffix;
	char digits[24];
	int r;

	r = split(text, digits, &suffix, &number, error);
	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_SIZE(UNITS); i++)
		if (str_eq(suffix, UNITS[i].suffix))
			unit = &UNITS[i];
	if (!unit)
		return unknown_unit(text, digits, suffix, error);
	if (__builtin_mul_overflow(number, unit->bytes, &bytes) || bytes > INT64_MAX)
		return error_set(error, -ERANGE, "size: %s is too large", text);
	if (bytes < SIZE_LEAST)
		return too_small(text, number, bytes, *suffix, error);
	if (bytes % SIZE_SECTOR)
		return error_set(error, -EINVAL, "size: %s is no multiple of %d bytes", text,
				 SIZE_SECTOR);
	*ret = bytes;
	return 0;
}
