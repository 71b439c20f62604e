/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fixtures/tree.h"
#include "kernel/module.h"

static void a_bus_in_sysfs_is_a_module_that_is_there(void **state)
{
	struct error error = {0};

	assert_false(module_present());
	tree_path("sys/bus/rbd/devices/x");
	assert_true(module_present());
	/* built in or loaded: modprobe is not even looked for */
	assert_int_equal(module_load(deadline_in(1000), &error), 0);
}

static void the_features_are_read_from_sysfs(void **state)
{
	struct error error = {0};
	uint64_t features = 0;

	tree_write(tree_path("sys/bus/rbd/supported_features"), "0x1bf\n");
	assert_int_equal(module_features(&features, &error), 0);
	assert_int_equal(features, 0x1bf);
}

static void features_that_are_no_number_are_an_error(void **state)
{
	struct error error = {0};
	uint64_t features = 0;

	tree_write(tree_path("sys/bus/rbd/supported_features"), "all\n");
	assert_true(module_features(&features, &error) < 0);
	assert_non_null(strstr(error.text, "\"all\" is no number"));
}

static uint64_t features_of(const char *release)
{
	struct error error = {0};
	uint64_t features = UINT64_MAX;

	tree_write(tree_path("proc/sys/kernel/osrelease"), release);
	assert_int_equal(module_features(&features, &error), 0);
	return features;
}

static void kernels_without_the_file_are_judged_by_their_release(void **state)
{
	tree_path("sys/bus/rbd/devices/x");
	assert_int_equal(features_of("4.10.0-42-generic\n"), 0x7);
	assert_int_equal(features_of("4.9.0\n"), 0x7);
	assert_int_equal(features_of("4.8.17\n"), 0x3);
	assert_int_equal(features_of("3.10.0-1160.el7.x86_64\n"), 0x3);
	assert_int_equal(features_of("3.2.0-4-amd64\n"), 0);
}

static void without_a_bus_nothing_is_judged(void **state)
{
	struct error error = {0};
	uint64_t features;

	tree_write(tree_path("proc/sys/kernel/osrelease"), "6.1.0\n");
	assert_int_equal(module_features(&features, &error), -ENODEV);
	assert_non_null(strstr(error.advice, "modprobe rbd"));
}

static void without_modprobe(void)
{
	struct error error = {0};

	tree_only_tool(NULL, NULL);
	CHECK(module_load(deadline_in(5000), &error) == -ENOENT);
	CHECK(strstr(error.text, "there is no modprobe on this node"));
	CHECK(strstr(error.advice, "/etc/modules-load.d/rbd.conf"));
}

static void a_node_without_modprobe_is_told_what_to_do(void **state)
{
	tree_private(without_modprobe);
}

static void with_modprobe_that_fails(void)
{
	struct error error = {0};

	tree_only_tool("modprobe",
		       "#!/bin/sh\necho 'modprobe: FATAL: Module rbd not found.' >&2\nexit 1\n");
	CHECK(module_load(deadline_in(5000), &error) == -ENODEV);
	CHECK(strstr(error.text, "modprobe ended with 1"));
	CHECK(strstr(error.text, "FATAL: Module rbd not found."));
}

static void the_words_of_modprobe_are_repeated(void **state)
{
	tree_private(with_modprobe_that_fails);
}

static void with_modprobe_that_works(void)
{
	char script[PATH_MAX + 128];
	struct error error = {0};

	snprintf(script, sizeof(script),
		 "#!/bin/sh\necho \"$@\" >>%s/calls\n/bin/mkdir -p %s/sys/bus/rbd\n", tree_root,
		 tree_root);
	tree_only_tool("modprobe", script);
	CHECK(module_load(deadline_in(5000), &error) == 0);
}

static void the_module_is_loaded_with_a_single_major(void **state)
{
	tree_private(with_modprobe_that_works);
	assert_string_equal(tree_read(tree_path("calls")), "rbd single_major=Y\n");
}

static void cipher_with_modprobe(void)
{
	char script[256];

	snprintf(script, sizeof(script), "#!/bin/sh\necho \"$@\" >>%s/calls\n", tree_root);
	tree_only_tool("modprobe", script);
	module_load_cipher(deadline_in(5000));
}

static void the_cipher_comes_with_one_call(void **state)
{
	tree_private(cipher_with_modprobe);
	assert_string_equal(tree_read(tree_path("calls")),
			    "-a -q -b cryptomgr ecb cbc aes_generic\n");
}

static void with_modprobe_that_hangs(void)
{
	struct error error = {0};

	tree_only_tool("modprobe", "#!/bin/sh\nexec /bin/sleep 60\n");
	CHECK(module_load(deadline_in(100), &error) == -ETIMEDOUT);
}

static void a_modprobe_that_hangs_is_ended_at_the_deadline(void **state)
{
	tree_private(with_modprobe_that_hangs);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_bus_in_sysfs_is_a_module_that_is_there),
		TEST(the_features_are_read_from_sysfs),
		TEST(features_that_are_no_number_are_an_error),
		TEST(kernels_without_the_file_are_judged_by_their_release),
		TEST(without_a_bus_nothing_is_judged),
		TEST(a_node_without_modprobe_is_told_what_to_do),
		TEST(the_words_of_modprobe_are_repeated),
		TEST(the_module_is_loaded_with_a_single_major),
		TEST(the_cipher_comes_with_one_call),
		TEST(a_modprobe_that_hangs_is_ended_at_the_deadline),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
