/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "volume/format_gate.h"

#define UUID  "6f1c1fd0-8d3b-4c55-9d55-0d7f0a5c1a11"
#define OTHER "11111111-8d3b-4c55-9d55-0d7f0a5c1a11"

/* May a format be begun again, with this record on the image and this on the device? */
static bool unfinished(const char *record, enum probe_kind kind, const char *uuid, bool mounted)
{
	struct look look = {.probe = {.kind = kind}};
	struct volume volume = {.lock = -1};

	if (uuid) {
		look.has_super = true;
		look.super.never_mounted = !mounted;
		snprintf(look.super.uuid, sizeof(look.super.uuid), "%s", uuid);
	}
	snprintf(volume.header.format, sizeof(volume.header.format), "%s", record);
	return format_gate_unfinished(&volume, &look);
}

static void without_a_record_nothing_was_begun(void **state)
{
	(void)state;
	assert_false(unfinished("", PROBE_NOTHING, NULL, false));
	assert_false(unfinished("", PROBE_DATA, NULL, false));
	assert_false(unfinished("", PROBE_FILE_SYSTEM, UUID, false));
}

static void what_was_formatted_is_never_unfinished(void **state)
{
	(void)state;
	assert_false(unfinished("formatted " UUID, PROBE_NOTHING, NULL, false));
	assert_false(unfinished("formatted " UUID, PROBE_DATA, NULL, false));
	assert_false(unfinished("formatted " UUID, PROBE_FILE_SYSTEM, UUID, false));
}

static void a_format_that_left_no_signature_is_unfinished(void **state)
{
	(void)state;
	assert_true(unfinished("formatting " UUID, PROBE_NOTHING, NULL, false));
	assert_true(unfinished("formatting " UUID, PROBE_DATA, NULL, false));
}

static void its_own_file_system_is_unfinished_only_while_it_was_never_mounted(void **state)
{
	(void)state;
	assert_true(unfinished("formatting " UUID, PROBE_FILE_SYSTEM, UUID, false));
	assert_false(unfinished("formatting " UUID, PROBE_FILE_SYSTEM, UUID, true));
}

static void somebody_elses_file_system_is_never_formatted_over(void **state)
{
	(void)state;
	assert_false(unfinished("formatting " UUID, PROBE_FILE_SYSTEM, OTHER, false));
	assert_false(unfinished("formatting " UUID, PROBE_FILE_SYSTEM, NULL, false));
	assert_false(unfinished("formatting " UUID, PROBE_OTHER, NULL, false));
	assert_false(unfinished("formatting", PROBE_FILE_SYSTEM, "", false));
}

static void what_was_held_by_a_node_since_is_never_unfinished(void **state)
{
	struct look look = {.probe = {.kind = PROBE_NOTHING}};
	struct volume volume = {.lock = -1};

	(void)state;
	strcpy(volume.header.format, "formatting " UUID);
	assert_true(format_gate_unfinished(&volume, &look));
	strcpy(volume.header.holder, "1 address=10.77.0.11:0/9 mounts=1 uuid=" UUID " node=n1");
	assert_false(format_gate_unfinished(&volume, &look));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_record_nothing_was_begun),
		cmocka_unit_test(what_was_formatted_is_never_unfinished),
		cmocka_unit_test(a_format_that_left_no_signature_is_unfinished),
		cmocka_unit_test(its_own_file_system_is_unfinished_only_while_it_was_never_mounted),
		cmocka_unit_test(what_was_held_by_a_node_since_is_never_unfinished),
		cmocka_unit_test(somebody_elses_file_system_is_never_formatted_over),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
