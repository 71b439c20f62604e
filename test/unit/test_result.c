/* SPDX-License-Identifier: Apache-2.0 */
/* The answer, byte by byte (flexvolume-contract.md §3). */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/mman.h>

#include <cmocka.h>

#include "base/str.h"
#include "kubelet/json.h"
#include "kubelet/result.h"

static char written[65536];

static const char *answer(const struct result *result)
{
	_cleanup_close_ int fd = memfd_create("answer", MFD_CLOEXEC);
	ssize_t length;

	assert_true(fd >= 0);
	assert_int_equal(result_write(result, fd), 0);
	length = pread(fd, written, sizeof(written) - 1, 0);
	assert_true(length > 0);
	written[length] = '\0';
	return written;
}

static void a_success_says_only_that(void **state)
{
	struct result result = {0};

	result_success(&result);
	assert_string_equal(answer(&result), "{\"status\":\"Success\"}\n");
}

static void what_is_known_is_said_under_the_kubelets_names(void **state)
{
	struct result result = {.device = "/dev/rbd-flexvolume/pv-1"};

	result_success(&result);
	assert_string_equal(answer(&result),
			    "{\"status\":\"Success\",\"device\":\"/dev/rbd-flexvolume/pv-1\"}\n");
	result = (struct result){.status = RESULT_SUCCESS, .has_attached = true, .attached = true};
	assert_string_equal(answer(&result), "{\"status\":\"Success\",\"attached\":true}\n");
	result = (struct result){.status = RESULT_SUCCESS,
				 .has_capabilities = true,
				 .capabilities = {.attach = false, .fs_group = true}};
	assert_string_equal(answer(&result),
			    "{\"status\":\"Success\",\"capabilities\":{\"attach\":false,"
			    "\"fsGroup\":true,\"selinuxRelabel\":false,\"supportsMetrics\":false,"
			    "\"requiresFSResize\":false}}\n");
}

static void not_supported_names_the_verb(void **state)
{
	struct result result = {.device = "x", .has_attached = true};

	result_not_supported(&result, "getvolumename");
	assert_string_equal(answer(&result), "{\"status\":\"Not supported\",\"message\":"
					     "\"getvolumename is not supported\"}\n");
}

static void a_failure_says_why_and_what_to_do_and_nothing_else(void **state)
{
	struct result result = {.device = "/dev/x", .has_attached = true, .has_capabilities = true};
	struct error error = {0};

	error_set(&error, -ENOENT, "map image kube/db: no such pool");
	result_failure(&result, &error);
	assert_string_equal(answer(&result), "{\"status\":\"Failure\",\"message\":"
					     "\"map image kube/db: no such pool\"}\n");
	error_advise(&error, "create it");
	result_failure(&result, &error);
	assert_string_equal(answer(&result), "{\"status\":\"Failure\",\"message\":"
					     "\"map image kube/db: no such pool; create it\"}\n");
}

static void a_failure_without_words_has_a_message(void **state)
{
	struct result result = {0};
	struct error error = {0};

	result_failure(&result, &error);
	assert_true(strlen(result.message) > 0);
}

static void what_json_cannot_hold_is_escaped(void **state)
{
	struct result result = {.message = "a\"b\\c\nd\te\x01"
					   "f\x7f/<&"};

	assert_string_equal(answer(&result), "{\"status\":\"Failure\",\"message\":"
					     "\"a\\\"b\\\\c\\nd\\u0009e\\u0001f\x7f/<&\"}\n");
}

static void bytes_that_are_no_character_are_replaced(void **state)
{
	struct result result = {.message = "\xc3\xa4\xff\xc3(\xed\xa0\x80\xf0\x9f\x98\x80\xe2\x82"};

	assert_string_equal(answer(&result), "{\"status\":\"Failure\",\"message\":\"\xc3\xa4?"
					     "?(???\xf0\x9f\x98\x80??\"}\n");
}

static void each_byte_can_stand_in_a_message(void **state)
{
	for (int byte = 1; byte < 256; byte++) {
		_cleanup_json_ cJSON *json = NULL;
		struct result result = {0};
		struct error error = {0};

		memset(result.message, byte, sizeof(result.message) - 1);
		memset(result.device, byte, sizeof(result.device) - 1);
		assert_int_equal(json_parse(answer(&result), 1, &json, &error), 0);
		assert_int_equal(cJSON_GetArraySize(json), 3);
	}
}

static void a_reader_that_has_gone_is_an_error_not_a_signal(void **state)
{
	struct result result = {0};

	assert_int_equal(result_write(&result, -1), -EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_success_says_only_that),
		cmocka_unit_test(what_is_known_is_said_under_the_kubelets_names),
		cmocka_unit_test(not_supported_names_the_verb),
		cmocka_unit_test(a_failure_says_why_and_what_to_do_and_nothing_else),
		cmocka_unit_test(a_failure_without_words_has_a_message),
		cmocka_unit_test(what_json_cannot_hold_is_escaped),
		cmocka_unit_test(bytes_that_are_no_character_are_replaced),
		cmocka_unit_test(each_byte_can_stand_in_a_message),
		cmocka_unit_test(a_reader_that_has_gone_is_an_error_not_a_signal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
