/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <time.h>

#include "base/utc.h"

static void same_as_libc(int64_t seconds)
{
	char ours[UTC_TEXT_MAX], theirs[UTC_TEXT_MAX];
	time_t time = (time_t)seconds;
	struct tm tm;

	assert_non_null(gmtime_r(&time, &tm));
	assert_true(strftime(theirs, sizeof(theirs), "%FT%T", &tm) > 0);
	assert_string_equal(utc_text(seconds, ours), theirs);
}

static void each_day_of_nine_centuries_is_the_one_that_libc_says(void **state)
{
	for (int64_t day = 0; day < INT64_C(365) * 900; day++)
		same_as_libc(day * 86400 + day * 7919 % 86400);
}

static void the_first_and_the_last_second_of_a_leap_day_are_its_own(void **state)
{
	char text[UTC_TEXT_MAX];

	assert_string_equal(utc_text(951782400, text), "2000-02-29T00:00:00");
	assert_string_equal(utc_text(951868799, text), "2000-02-29T23:59:59");
	assert_string_equal(utc_text(951868800, text), "2000-03-01T00:00:00");
	assert_string_equal(utc_text(0, text), "1970-01-01T00:00:00");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_day_of_nine_centuries_is_the_one_that_libc_says),
		cmocka_unit_test(the_first_and_the_last_second_of_a_leap_day_are_its_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
