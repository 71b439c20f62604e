/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <sys/stat.h>
#include <unistd.h>

#include "fixtures/node.h"
#include "volume/device_name.h"

static struct error error;
static struct mapping mapping;

static int setup(void **state)
{
	node_setup(state);
	node_mapping(3, "db", "key=rbd-flexvolume/mysql");
	assert_int_equal(krbd_read(3, &mapping), 0);
	return device_name_make("mysql", 3, &error);
}

static bool is_there(const char *name)
{
	struct stat status;

	return lstat(tree_path("dev/rbd-flexvolume/%s", name), &status) == 0;
}

static void a_device_loses_all_its_names_and_no_other_device_does(void **state)
{
	assert_int_equal(device_name_make("second", 3, &error), 0);
	assert_int_equal(device_name_make("other", 33, &error), 0);
	assert_true(device_name_remove(&mapping));
	assert_false(is_there("mysql"));
	assert_false(is_there("second"));
	assert_true(is_there("other"));
	assert_false(device_name_remove(&mapping));
}

static void a_name_outlives_the_number_of_a_device_that_is_another_image_by_now(void **state)
{
	node_mapping(3, "another", "key=rbd-flexvolume/mysql");
	assert_false(device_name_remove(&mapping));
	assert_true(is_there("mysql"));
}

static void a_name_of_a_device_that_has_gone_goes_too(void **state)
{
	assert_int_equal(tree_shell("rm -r %s", tree_path("sys/bus/rbd/devices/3")), 0);
	assert_true(device_name_remove(&mapping));
	assert_false(is_there("mysql"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_device_loses_all_its_names_and_no_other_device_does, setup,
			tree_teardown),
		cmocka_unit_test_setup_teardown(
			a_name_outlives_the_number_of_a_device_that_is_another_image_by_now, setup,
			tree_teardown),
		cmocka_unit_test_setup_teardown(a_name_of_a_device_that_has_gone_goes_too, setup,
						tree_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
