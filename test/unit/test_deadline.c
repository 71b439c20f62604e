/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <limits.h>

static void time_goes_on(void **state)
{
	int64_t before = deadline_now();

	assert_true(before > 0);
	usleep(20000);
	assert_in_range(deadline_now() - before, 19, 5000);
}

static void what_is_left(void **state)
{
	struct deadline deadline = deadline_in(10000);

	assert_in_range(deadline_left(deadline), 5000, 10000);
	assert_false(deadline_passed(deadline));
}

static void never_negative(void **state)
{
	struct deadline deadline = deadline_in(-5000);

	assert_int_equal(deadline_left(deadline), 0);
	assert_true(deadline_passed(deadline));
	assert_true(deadline_passed(deadline_in(0)));
	assert_true(deadline_passed((struct deadline){0}));
}

static void fits_poll(void **state)
{
	assert_int_equal(deadline_left(deadline_in((int64_t)1 << 40)), INT_MAX);
}

static void the_sooner(void **state)
{
	struct deadline soon = deadline_in(1000), late = deadline_in(2000);

	assert_true(deadline_sooner(soon, late).at == soon.at);
	assert_true(deadline_sooner(late, soon).at == soon.at);
}

static void a_pause_lasts(void **state)
{
	int64_t before = deadline_now();

	deadline_pause(50, deadline_in(10000));
	assert_in_range(deadline_now() - before, 49, 5000);
}

static void a_pause_ends_at_the_deadline(void **state)
{
	int64_t before = deadline_now();

	deadline_pause(60000, deadline_in(50));
	deadline_pause(60000, deadline_in(-50));
	assert_in_range(deadline_now() - before, 49, 5000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("the clock goes on in milliseconds", time_goes_on),
		UNIT("a deadline says what is left", what_is_left),
		UNIT("what is left is never negative", never_negative),
		UNIT("what is left of very much fits the timeout of poll", fits_poll),
		UNIT("the sooner of two deadlines is found", the_sooner),
		UNIT("a pause lasts as long as it should", a_pause_lasts),
		UNIT("a pause ends at the deadline", a_pause_ends_at_the_deadline),
	};

	return cmocka_run_group_tests_name("deadline", tests, NULL, NULL);
}
