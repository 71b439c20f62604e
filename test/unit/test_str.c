/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/str.h"

static void text_grows(void **state)
{
	_cleanup_text_ struct text text = {0};
	char expected[5001] = "";

	text_add(&text, "", 0);
	assert_string_equal(text.data, "");
	for (size_t i = 0; i < 1000; i++) {
		text_printf(&text, "%04zu,", i);
		(void)snprintf(expected + i * 5, 6, "%04zu,", i);
	}
	assert_false(text.failed);
	assert_int_equal(text.length, 5000);
	assert_string_equal(text.data, expected);
}

static void text_takes_any_bytes(void **state)
{
	_cleanup_text_ struct text text = {0};

	text_add(&text, "a\0b", 3);
	text_add(&text, "c", 1);
	assert_int_equal(text.length, 4);
	assert_memory_equal(text.data, "a\0bc", 5);
}

static void text_can_be_used_again(void **state)
{
	struct text text = {0};

	text_add(&text, "x", 1);
	text_done(&text);
	assert_null(text.data);
	assert_int_equal(text.length, 0);
	text_add(&text, "y", 1);
	assert_string_equal(text.data, "y");
	text_done(&text);
}

static void numbers(void **state)
{
	static const struct {
		const char *string;
		int base;
		int result;
		uint64_t value;
	} cases[] = {
		{"0", 10, 0, 0},
		{"007", 10, 0, 7},
		{"18446744073709551615", 10, 0, UINT64_MAX},
		{"18446744073709551616", 10, -ERANGE, 0},
		{"99999999999999999999999", 10, -ERANGE, 0},
		{"ff", 16, 0, 255},
		{"FF", 16, 0, 255},
		{"0x1bf", 16, 0, 0x1bf},
		{"0X1BF", 16, 0, 0x1bf},
		{"ffffffffffffffff", 16, 0, UINT64_MAX},
		{"10000000000000000", 16, -ERANGE, 0},
		{"", 10, -EINVAL, 0},
		{"", 16, -EINVAL, 0},
		{"0x", 16, -EINVAL, 0},
		{"0x0x1", 16, -EINVAL, 0},
		{"0x1", 10, -EINVAL, 0},
		{"a", 10, -EINVAL, 0},
		{"g", 16, -EINVAL, 0},
		{"+1", 10, -EINVAL, 0},
		{"-1", 10, -EINVAL, 0},
		{"-0", 10, -EINVAL, 0},
		{" 1", 10, -EINVAL, 0},
		{"1 ", 10, -EINVAL, 0},
		{"1\n", 10, -EINVAL, 0},
		{"1.0", 10, -EINVAL, 0},
		{"1e3", 10, -EINVAL, 0},
		{"1_000", 10, -EINVAL, 0},
		{"\xd9\xa1", 10, -EINVAL, 0}, /* an Arabic 1 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint64_t value = 4711;
		int result = str_to_u64(cases[i].string, cases[i].base, &value);

		if (result != cases[i].result || (!result && value != cases[i].value))
			fail_msg("\"%s\" in base %d: %d, %llu", cases[i].string, cases[i].base,
				 result, (unsigned long long)value);
	}
}

static void copies(void **state)
{
	char to[4] = "abc";

	assert_int_equal(str_copy(to, sizeof(to), "xyz"), 0);
	assert_string_equal(to, "xyz");
	assert_int_equal(str_copy(to, sizeof(to), "wxyz"), -ENAMETOOLONG);
	assert_string_equal(to, "");
	assert_int_equal(str_copy(to, sizeof(to), ""), 0);
	assert_string_equal(to, "");
}

static void base64_of_the_standard(void **state)
{
	/* RFC 4648, §10, and what only the last two letters of the alphabet spell */
	static const struct {
		const char *string, *bytes;
		ssize_t length;
	} cases[] = {
		{"Zg==", "f", 1},        {"Zm8=", "fo", 2},        {"Zm9v", "foo", 3},
		{"Zm9vYg==", "foob", 4}, {"Zm9vYmE=", "fooba", 5}, {"Zm9vYmFy", "foobar", 6},
		{"Zg==\n", "f", 1},      {"Zm9v\n", "foo", 3},     {"++//", "\xfb\xef\xff", 3},
		{"AAAA", "\0\0\0", 3},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char bytes[8] = "";

		assert_int_equal(str_base64_decode(cases[i].string, bytes, sizeof(bytes)),
				 cases[i].length);
		assert_memory_equal(bytes, cases[i].bytes, (size_t)cases[i].length);
	}
}

static void base64_is_strict(void **state)
{
	static const char *const refused[] = {
		"Z",     "Zg",       "Zg=",      "Zm8",      "=",           "====",
		"Z===",  "Zg==Zg==", "Zg==\n\n", "Zg==\r\n", "\nZg==",      " Zg==",
		"Zg== ", "Z g=",     "Zm9v=",    "Zm-_",     "Zm9*",        "Zh==",
		"Zm9=",  "Zm=v",     "=m9v",     "Zg=\n=",   "Zm9v\x80===", "Zm\xc3\xbc",
	};
	char bytes[16];

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		ssize_t result = str_base64_decode(refused[i], bytes, sizeof(bytes));

		if (result != -EINVAL)
			fail_msg("\"%s\" was taken: %zd", refused[i], result);
	}
}

static void base64_stays_in_its_place(void **state)
{
	char bytes[4] = {1, 2, 3, 4};

	assert_int_equal(str_base64_decode("Zm9v", bytes, 3), 3);
	assert_int_equal(bytes[3], 4);
	assert_int_equal(str_base64_decode("Zm9vYg==", bytes, 3), -ENOBUFS);
	assert_int_equal(bytes[3], 4);
}

static void one_line(void **state)
{
	char words[] = "\tone\r\ntwo\x1b[0m \x7f\n\n";

	str_one_line(words);
	assert_string_equal(words, " one  two [0m");
	str_one_line(strcpy(words, "\n\n"));
	assert_string_equal(words, "");
	str_one_line(words);
	assert_string_equal(words, "");
	str_one_line(strcpy(words, "a\xc2\x9b"
				   "2Jb\xc2\xa0"));
	assert_string_equal(words, "a  2Jb\xc2\xa0");
	str_one_line(strcpy(words, "größe"));
	assert_string_equal(words, "größe");
}

static void hash_is_fnv_1a(void **state)
{
	/* from the hash's own test vectors */
	assert_true(str_hash(0, "", 0) == 0xcbf29ce484222325ULL);
	assert_true(str_hash(0, "a", 1) == 0xaf63dc4c8601ec8cULL);
	assert_true(str_hash(0, "foobar", 6) == 0x85944171f73967e8ULL);
	assert_true(str_hash(str_hash(0, "foo", 3), "bar", 3) == 0x85944171f73967e8ULL);
}

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{"", "", 0},
		{"", "abc", 3},
		{"pool", "pool", 0},
		{"pool", "poll", 1},
		{"pool", "pol", 1},
		{"pool", "opol", 1}, /* neighbours in the wrong order */
		{"datapool", "dataPool", 1},
		{"image", "imgae", 1},
		{"kitten", "sitting", 3},
		{"ca", "abc", 3}, /* the restricted distance; the unrestricted one is 2 */
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(str_distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(str_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
}

static void distance_of_anything_is_defined(void **state)
{
	char *long_one = malloc(131072);

	assert_non_null(long_one);
	memset(long_one, 'x', 131071);
	long_one[131071] = '\0';
	assert_true(str_distance(long_one, "pool") > 4);
	assert_true(str_distance("pool", long_one) > 4);
	free(long_one);
}

static void small_questions(void **state)
{
	assert_true(str_empty(NULL));
	assert_true(str_empty(""));
	assert_false(str_empty(" "));
	assert_true(str_starts("kubernetes.io/fsType", "kubernetes.io/"));
	assert_false(str_starts("kube", "kubernetes"));
	assert_true(str_starts("kube", ""));
	assert_true(str_eq("a", "a"));
	assert_false(str_eq("a", "ab"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("a text grows and stays terminated", text_grows),
		UNIT("a text takes bytes of any value", text_takes_any_bytes),
		UNIT("a text that was freed can be used again", text_can_be_used_again),
		UNIT("a number is digits and nothing else, and fits", numbers),
		UNIT("a copy that does not fit leaves nothing", copies),
		UNIT("base64 is decoded as in RFC 4648", base64_of_the_standard),
		UNIT("base64 with anything wrong in it is refused", base64_is_strict),
		UNIT("base64 never writes past the room it was given", base64_stays_in_its_place),
		UNIT("foreign words become one line without control characters", one_line),
		UNIT("the hash is FNV-1a and can be continued", hash_is_fnv_1a),
		UNIT("the distance counts changes and swapped neighbours", distances),
		UNIT("the distance of very long words is large and safe",
		     distance_of_anything_is_defined),
		UNIT("NULL and nothing are empty, and prefixes are found", small_questions),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
