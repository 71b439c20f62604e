/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/str.h"

static void empty_is_empty(void **state)
{
	assert_true(str_empty(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("empty is empty", empty_is_empty),
	};

	return cmocka_run_group_tests_name("str", tests, NULL, NULL);
}
