/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/str.h"
#include "kernel/map_options.h"

static struct error error;

static void right(const char *list)
{
	if (map_options_check(list, &error) != 0)
		fail_msg("\"%s\": %s", list, error.text);
}

static void wrong(const char *list, const char *words)
{
	memset(&error, 0, sizeof(error));
	assert_int_equal(map_options_check(list, &error), -EINVAL);
	assert_contains(error.text, "mapOptions");
	assert_contains(error.text, words);
}

static void each_option_of_the_table_may_be_given(void **state)
{
	static const char *const lists[] = {
		"",
		"queue_depth=1",
		"queue_depth=10240,lock_on_read,lock_timeout=0,notrim,abort_on_full",
		"alloc_size=512",
		"alloc_size=33554432",
		"crush_location=host:n1",
		"crush_location=rack:r-1|host:n1.example",
		"read_from_replica=no",
		"read_from_replica=balance,compression_hint=none",
		"compression_hint=compressible,rxbounce,osdkeepalive=5,osd_idle_ttl=60",
		"tcp_nodelay",
		"notcp_nodelay",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lists); i++)
		right(lists[i]);
}

static void a_value_outside_of_its_range_is_refused_with_what_it_has_to_be(void **state)
{
	wrong("queue_depth=0", "queue_depth: \"0\" is not a number from 1 to 10240");
	wrong("queue_depth=10241", "from 1 to 10240");
	wrong("queue_depth=-1", "from 1 to 10240");
	wrong("alloc_size=256", "power of two");
	wrong("alloc_size=65537", "power of two");
	wrong("alloc_size=67108864", "power of two");
	wrong("osdkeepalive=0", "seconds");
	wrong("osd_idle_ttl=0", "seconds");
	wrong("lock_timeout=86401", "seconds");
	wrong("read_from_replica=all", "no, balance or localize");
	wrong("compression_hint=zstd", "none, compressible or incompressible");
	wrong("crush_location=host", "type:name");
	wrong("crush_location=host:", "type:name");
	wrong("crush_location=host:a|", "type:name");
	wrong("crush_location=host:a:b", "type:name");
	wrong("crush_location=host:a rw", "type:name");
}

static void a_value_too_many_and_one_too_few_are_refused(void **state)
{
	wrong("notrim=1", "notrim has no value");
	wrong("queue_depth", "queue_depth needs a value: a number from 1 to 10240");
}

static void what_the_driver_sets_or_what_loses_data_is_refused_with_the_reason(void **state)
{
	static const char *const names[] = {
		"ro",
		"rw",
		"read_only",
		"read_write",
		"exclusive",
		"share",
		"noshare",
		"name=admin",
		"key=k",
		"secret=s",
		"fsid=f",
		"ip=10.0.0.1",
		"ms_mode=legacy",
		"mount_timeout=0",
		"_pool_ns=other",
		"force",
		"crc",
		"nocrc",
		"cephx_sign_messages",
		"nocephx_sign_messages",
		"nocephx_require_signatures",
		"noudev",
	};

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		wrong(names[i], "may not be given: ");
		/* and behind a right one */
		char list[64];

		(void)snprintf(list, sizeof(list), "notrim,%s", names[i]);
		wrong(list, "may not be given: ");
	}
	wrong("osd_request_timeout=30", "it loses writes");
	/* a secret is not said again */
	wrong("secret=AQBsecret", "secret may not be given");
	assert_null(strstr(error.text, "AQBsecret"));
}

static void an_unknown_name_is_refused_with_the_nearest_that_may_be_given(void **state)
{
	wrong("queue_deph=4", "\"queue_deph\" is not a map option of the kernel");
	assert_contains(error.advice, "queue_depth");
	wrong("exclusiv", "is not a map option");
	assert_null(strstr(error.advice, "did you mean exclusive?"));
	wrong("notrim,,rxbounce", "\"\" is not a map option");
	wrong("notrim,", "\"\" is not a map option");
	wrong("QUEUE_DEPTH=4", "is not a map option");
}

static void a_list_or_an_item_without_end_is_refused(void **state)
{
	char list[MAP_OPTIONS_MAX + 1];

	memset(list, 'a', sizeof(list) - 1);
	list[sizeof(list) - 1] = '\0';
	wrong(list, "longer than 2047 bytes");
	list[300] = '\0';
	wrong(list, "is not a map option");
	/* cut it would be a right one */
	memset(list, '0', 300);
	memcpy(list, "queue_depth=", 12);
	memcpy(list + 250, "1xyz", 4);
	wrong(list, "queue_depth");
}

static void what_came_with_a_later_kernel_is_named_with_it(void **state)
{
	char text[128];

	assert_string_equal(map_options_later("queue_depth=4,rxbounce,read_from_replica=no", 5, 10,
					      text, sizeof(text)),
			    "rxbounce (Linux 5.17)");
	assert_string_equal(map_options_later("queue_depth=4,rxbounce,read_from_replica=no", 4, 19,
					      text, sizeof(text)),
			    "rxbounce (Linux 5.17), read_from_replica (Linux 5.8)");
	assert_string_equal(map_options_later("rxbounce", 5, 17, text, sizeof(text)), "");
	assert_string_equal(
		map_options_later("exclusive,ms_mode,_pool_ns", 4, 9, text, sizeof(text)),
		"exclusive (Linux 4.12), ms_mode (Linux 5.11), _pool_ns (Linux 4.19)");
	/* what does not fit is cut, and ended */
	assert_true(strlen(map_options_later("exclusive,ms_mode,_pool_ns", 4, 9, text, 20)) < 20);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("each option of the table may be given",
		     each_option_of_the_table_may_be_given),
		UNIT("a value outside of its range is refused with what it has to be",
		     a_value_outside_of_its_range_is_refused_with_what_it_has_to_be),
		UNIT("a value too many and one too few are refused",
		     a_value_too_many_and_one_too_few_are_refused),
		UNIT("what the driver sets or what loses data is refused with the reason",
		     what_the_driver_sets_or_what_loses_data_is_refused_with_the_reason),
		UNIT("an unknown name is refused with the nearest that may be given",
		     an_unknown_name_is_refused_with_the_nearest_that_may_be_given),
		UNIT("a list or an item without end is refused",
		     a_list_or_an_item_without_end_is_refused),
		UNIT("what came with a later kernel is named with it",
		     what_came_with_a_later_kernel_is_named_with_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
