/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/str.h"
#include "base/utf8.h"

static void whole_characters_stay(void **state)
{
	char text[] = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\x7f";
	const char *as_it_was = "a\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80\x7f";

	utf8_clean(text);
	assert_string_equal(text, as_it_was);
}

static void each_broken_byte_is_one_question_mark(void **state)
{
	static const struct {
		const char *text, *clean;
	} BROKEN[] = {
		{"", ""},
		{"\xff", "?"},
		{"\xc3", "?"},
		{"a\xe2\x82", "a??"},
		{"\xe2\x82(", "?"
			      "?("},
		{"\xc0\x80", "??"},                 /* overlong */
		{"\xed\xa0\x80", "???"},            /* a surrogate */
		{"\xf4\x90\x80\x80", "????"},       /* above U+10FFFF */
		{"\xff\xc3\xa4\xff", "?\xc3\xa4?"}, /* a good one between */
	};

	for (size_t i = 0; i < ARRAY_SIZE(BROKEN); i++) {
		char text[16];

		(void)snprintf(text, sizeof(text), "%s", BROKEN[i].text);
		utf8_clean(text);
		assert_string_equal(text, BROKEN[i].clean);
	}
}

static void a_text_is_cut_between_two_characters(void **state)
{
	assert_int_equal(utf8_prefix("", 5), 0);
	assert_int_equal(utf8_prefix("abc", 5), 3);
	assert_int_equal(utf8_prefix("abc", 2), 2);
	assert_int_equal(utf8_prefix("a\xe2\x82\xac", 4), 4);
	assert_int_equal(utf8_prefix("a\xe2\x82\xac", 3), 1);
	assert_int_equal(utf8_prefix("a\xe2\x82\xac", 0), 0);
	assert_int_equal(utf8_prefix("\xff\xff\xff", 2), 2);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("whole characters stay as they are", whole_characters_stay),
		UNIT("each byte that is part of no character is one question mark",
		     each_broken_byte_is_one_question_mark),
		UNIT("a text is cut between two characters, never in one",
		     a_text_is_cut_between_two_characters),
	};

	return cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
