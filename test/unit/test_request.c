/* SPDX-License-Identifier: Apache-2.0 */
/* The arguments of a call (flexvolume-contract.md §6). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"
#include "kubelet/request.h"

#define JSON       "{\"image\":\"db\",\"kubernetes.io/pvOrVolumeName\":\"pv-1\"}"
#define ARGV(...)  ((char *const[]){(char *)"rbd", (char *)"verb", __VA_ARGS__, NULL})
#define COUNT(...) (ARRAY_SIZE(ARGV(__VA_ARGS__)) - 1)
#define PARSE(row, request, error, ...) \
	request_parse("verb", row, (int)COUNT(__VA_ARGS__), ARGV(__VA_ARGS__), request, error)

static const enum argument MOUNT[REQUEST_ARGUMENTS_MAX] = {ARGUMENT_DIRECTORY, ARGUMENT_JSON};
static const enum argument UNMOUNT[REQUEST_ARGUMENTS_MAX] = {ARGUMENT_DIRECTORY};
static const enum argument DETACH[REQUEST_ARGUMENTS_MAX] = {ARGUMENT_VOLUME, ARGUMENT_NODE};
static const enum argument WAIT[REQUEST_ARGUMENTS_MAX] = {ARGUMENT_DEVICE, ARGUMENT_JSON};
static const enum argument EXPAND[REQUEST_ARGUMENTS_MAX] = {
	ARGUMENT_JSON, ARGUMENT_DEVICE, ARGUMENT_DIRECTORY, ARGUMENT_NEW_SIZE, ARGUMENT_OLD_SIZE};

static void the_arguments_stand_where_the_row_says(void **state)
{
	_cleanup_request_ struct request request;
	struct error error = {0};

	assert_int_equal(PARSE(EXPAND, &request, &error, (char *)JSON, (char *)"",
			       (char *)"/var/lib/kubelet/pods/x", (char *)"10737418240",
			       (char *)"0"),
			 0);
	assert_string_equal(request.verb, "verb");
	assert_string_equal(request.options.image.image, "db");
	assert_string_equal(request.volume, "pv-1");
	assert_string_equal(request.device, "");
	assert_string_equal(request.directory, "/var/lib/kubelet/pods/x");
	assert_true(request.new_size == UINT64_C(10737418240));
	assert_true(request.old_size == 0);
	assert_string_equal(request.node, "");
}

static void an_empty_device_keeps_its_place(void **state)
{
	_cleanup_request_ struct request request;
	struct error error = {0};

	assert_int_equal(PARSE(WAIT, &request, &error, (char *)"", (char *)JSON), 0);
	assert_string_equal(request.device, "");
	assert_string_equal(request.options.image.image, "db");
}

static void without_json_all_strings_are_empty(void **state)
{
	_cleanup_request_ struct request request;
	struct error error = {0};

	assert_int_equal(PARSE(DETACH, &request, &error, (char *)"pv-1", (char *)"node-1"), 0);
	assert_string_equal(request.volume, "pv-1");
	assert_string_equal(request.node, "node-1");
	assert_string_equal(request.options.image.image, "");
	assert_string_equal(request.options.image.pool, "");
	assert_string_equal(request.options.secret_key, "");
	assert_string_equal(request.options.default_keyring, "");
	assert_string_equal(request.directory, "");
}

static void too_few_and_too_many_arguments_are_refused(void **state)
{
	struct request request;
	struct error error = {0};

	assert_int_equal(PARSE(MOUNT, &request, &error, (char *)"/a"), -EINVAL);
	assert_string_equal(error.text, "verb: 1 argument given, 2 expected: DIR JSON");
	request_done(&request);
	assert_int_equal(PARSE(MOUNT, &request, &error, (char *)"/a", (char *)JSON, (char *)"x"),
			 -EINVAL);
	assert_string_equal(error.text, "verb: 3 arguments given, 2 expected: DIR JSON");
	request_done(&request);
	assert_int_equal(request_parse("verb", MOUNT, 2, ARGV(NULL), &request, &error), -EINVAL);
	request_done(&request);
}

static void a_directory_is_written_in_one_way(void **state)
{
	static const char *const SAME[] = {"/a/b", "/a/b/", "//a//b///"};

	for (size_t i = 0; i < ARRAY_SIZE(SAME); i++) {
		_cleanup_request_ struct request request;
		struct error error = {0};

		assert_int_equal(PARSE(UNMOUNT, &request, &error, (char *)SAME[i]), 0);
		assert_string_equal(request.directory, "/a/b");
	}
}

static void a_directory_that_leads_elsewhere_is_refused(void **state)
{
	static const char *const WRONG[] = {"", "a", "./a", "/a/../b", "/..", "/a/.", "/", "//"};

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		_cleanup_request_ struct request request;
		struct error error = {0};

		assert_int_equal(PARSE(UNMOUNT, &request, &error, (char *)WRONG[i]), -EINVAL);
		assert_true(str_starts(error.text, "verb: DIR: "));
		assert_string_equal(request.directory, "");
	}
}

static void a_directory_has_a_greatest_length(void **state)
{
	_cleanup_request_ struct request request;
	struct error error = {0};
	char path[5000];

	memset(path, 'a', sizeof(path));
	path[0] = '/';
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(PARSE(UNMOUNT, &request, &error, path), -EINVAL);
	path[4095] = '\0';
	error = (struct error){0};
	assert_int_equal(PARSE(UNMOUNT, &request, &error, path), 0);
	assert_int_equal(strlen(request.directory), 4095);
}

static void names_and_sizes_have_a_grammar(void **state)
{
	static const char *const SIZES[] = {"", "-1", "1.5", "10Gi", " 1", "18446744073709551615"};
	_cleanup_request_ struct request request;
	struct error error = {0};

	assert_int_equal(PARSE(DETACH, &request, &error, (char *)"a/b", (char *)"node"), -EINVAL);
	assert_true(str_starts(error.text, "verb: VOLUME: "));
	assert_int_equal(PARSE(DETACH, &request, &error, (char *)"pv", (char *)""), -EINVAL);
	assert_true(str_starts(error.text, "verb: NODE: "));
	for (size_t i = 0; i < ARRAY_SIZE(SIZES); i++) {
		assert_int_equal(PARSE(EXPAND, &request, &error, (char *)JSON, (char *)"",
				       (char *)"/a", (char *)SIZES[i], (char *)"0"),
				 -EINVAL);
		assert_true(str_starts(error.text, "verb: NEW-SIZE: "));
		request_done(&request);
	}
}

static void wrong_options_are_said_with_the_verb(void **state)
{
	_cleanup_request_ struct request request;
	struct error error = {0};

	assert_int_equal(PARSE(MOUNT, &request, &error, (char *)"/a", (char *)""), -EINVAL);
	assert_true(str_starts(error.text, "verb: options: "));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_arguments_stand_where_the_row_says),
		cmocka_unit_test(an_empty_device_keeps_its_place),
		cmocka_unit_test(without_json_all_strings_are_empty),
		cmocka_unit_test(too_few_and_too_many_arguments_are_refused),
		cmocka_unit_test(a_directory_is_written_in_one_way),
		cmocka_unit_test(a_directory_that_leads_elsewhere_is_refused),
		cmocka_unit_test(a_directory_has_a_greatest_length),
		cmocka_unit_test(names_and_sizes_have_a_grammar),
		cmocka_unit_test(wrong_options_are_said_with_the_verb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
