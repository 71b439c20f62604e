/* SPDX-License-Identifier: Apache-2.0 */
/* The table of verbs against the contract's own (flexvolume-contract.md §6.1, design §2). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "verbs/verbs.h"

#define J ARGUMENT_JSON
#define D ARGUMENT_DIRECTORY

static const struct {
	const char *name;
	bool attach_mode;
	enum argument arguments[REQUEST_ARGUMENTS_MAX];
} CONTRACT[] = {
	{"attach", true, {J, ARGUMENT_NODE}},
	{"isattached", true, {J, ARGUMENT_NODE}},
	{"waitforattach", true, {ARGUMENT_DEVICE, J}},
	{"mountdevice", true, {D, ARGUMENT_DEVICE, J}},
	{"mount", false, {D, J}},
	{"unmount", false, {D}},
	{"unmountdevice", true, {D}},
	{"detach", true, {ARGUMENT_VOLUME, ARGUMENT_NODE}},
	{"expandvolume", false, {J, D, ARGUMENT_NEW_SIZE, ARGUMENT_OLD_SIZE}},
	{"expandfs", false, {J, ARGUMENT_DEVICE, D, ARGUMENT_NEW_SIZE, ARGUMENT_OLD_SIZE}},
};

static void each_call_out_has_the_contracts_arguments_and_mode(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(CONTRACT); i++) {
		const struct verb *verb = verbs_find(CONTRACT[i].name);

		assert_non_null(verb);
		assert_string_equal(verb->name, CONTRACT[i].name);
		assert_memory_equal(verb->arguments, CONTRACT[i].arguments,
				    sizeof(verb->arguments));
		assert_int_equal(!!(verb->flags & VERB_ATTACH_MODE), CONTRACT[i].attach_mode);
		assert_false(verb->flags & (VERB_MANUAL | VERB_BARE));
	}
}

static void init_and_getvolumename_look_at_nothing(void **state)
{
	assert_int_equal(verbs_find("init")->flags, VERB_BARE);
	assert_int_equal(verbs_find("getvolumename")->flags, VERB_BARE);
}

static void a_pod_can_go_also_with_a_bad_configuration(void **state)
{
	assert_true(verbs_find("unmount")->flags & VERB_CONFIG_OPTIONAL);
	assert_true(verbs_find("unmountdevice")->flags & VERB_CONFIG_OPTIONAL);
	assert_true(verbs_find("detach")->flags & VERB_CONFIG_OPTIONAL);
	assert_false(verbs_find("mount")->flags & VERB_CONFIG_OPTIONAL);
	assert_false(verbs_find("mountdevice")->flags & VERB_CONFIG_OPTIONAL);
}

static void each_row_is_whole(void **state)
{
	size_t count;
	const struct verb *verbs = verbs_all(&count);

	assert_int_equal(count, ARRAY_SIZE(CONTRACT) + 2 + 11);
	for (size_t i = 0; i < count; i++) {
		assert_ptr_equal(verbs_find(verbs[i].name), &verbs[i]);
		assert_non_null(verbs[i].run);
		assert_false(str_empty(verbs[i].help));
	}
}

static void an_unknown_verb_is_told_the_nearest(void **state)
{
	assert_null(verbs_find(""));
	assert_null(verbs_find("waitfordetach"));
	assert_null(verbs_find("Mount"));
	assert_string_equal(verbs_nearest("umount"), "unmount");
	assert_string_equal(verbs_nearest("stauts"), "status");
	assert_string_equal(verbs_nearest("doktor"), "doctor");
}

static void help_lists_every_verb(void **state)
{
	_cleanup_text_ struct text output = {0};
	struct request request = {.verb = "help"};
	struct call call = {.request = &request, .output = &output};
	struct result result = {0};
	struct error error = {0};
	size_t count;
	const struct verb *verbs = verbs_all(&count);

	assert_int_equal(verb_help(&call, &result, &error), 0);
	for (size_t i = 0; i < count; i++)
		assert_non_null(strstr(output.data, verbs[i].name));
}

static int help_of(const char *word, const char *second, struct text *output, struct error *error)
{
	char *words[] = {(char *)word, (char *)second, NULL};
	struct request request = {.verb = "help"};
	struct call call = {
		.request = &request, .output = output, .argc = second ? 2 : 1, .argv = words};
	struct result result = {0};

	return verb_help(&call, &result, error);
}

static void help_tells_of_one_verb(void **state)
{
	_cleanup_text_ struct text mount = {0}, image = {0}, wrong = {0};
	struct error error = {0};

	assert_int_equal(help_of("mount", NULL, &mount, &error), 0);
	assert_non_null(strstr(mount.data, "mount DIR JSON"));
	assert_int_equal(help_of("image", "create", &image, &error), 0);
	assert_non_null(strstr(image.data, "--size SIZE"));
	assert_int_equal(help_of("image", "nosuch", &wrong, &error), VERB_WRONG_USE);
	assert_non_null(strstr(error.text, "image has no verb \"nosuch\""));
	assert_int_equal(help_of("doctr", NULL, &wrong, &error), VERB_WRONG_USE);
	assert_non_null(strstr(error.text, "the nearest one is doctor"));
	assert_int_equal(wrong.length, 0);
}

static void the_version_is_said_in_words_and_in_json(void **state)
{
	_cleanup_text_ struct text words = {0}, json = {0};
	char json_flag[] = "--json", other[] = "now";
	char *flag[] = {json_flag, NULL}, *wrong[] = {other, NULL};
	struct call call = {.output = &words, .argv = flag};
	struct error error = {0};

	assert_int_equal(verb_version(&call, NULL, &error), 0);
	assert_string_equal(words.data, "rbd-flexvolume " RBD_FLEXVOLUME_VERSION "\n");
	call.output = &json;
	call.argc = 1;
	assert_int_equal(verb_version(&call, NULL, &error), 0);
	assert_string_equal(json.data, "{\"version\":\"" RBD_FLEXVOLUME_VERSION "\"}\n");
	call.argv = wrong;
	assert_int_equal(verb_version(&call, NULL, &error), VERB_WRONG_USE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_call_out_has_the_contracts_arguments_and_mode),
		cmocka_unit_test(init_and_getvolumename_look_at_nothing),
		cmocka_unit_test(a_pod_can_go_also_with_a_bad_configuration),
		cmocka_unit_test(each_row_is_whole),
		cmocka_unit_test(an_unknown_verb_is_told_the_nearest),
		cmocka_unit_test(help_lists_every_verb),
		cmocka_unit_test(help_tells_of_one_verb),
		cmocka_unit_test(the_version_is_said_in_words_and_in_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
