/* SPDX-License-Identifier: Apache-2.0 */
/* What people type behind image, pool and trash: verbs, flags, names; and what they read. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "kubelet/json.h"

#define WORDS_MAX 12

/* argv of a text whose words are separated by single spaces; argv[0] stands for the verb. */
struct words {
	char copy[256];
	char *list[WORDS_MAX];
	int count;
};

static void split(const char *text, struct words *ret)
{
	char *rest = ret->copy, *word;

	ret->count = 0;
	snprintf(ret->copy, sizeof(ret->copy), "%s", text);
	while ((word = strsep(&rest, " "))) {
		assert_true(ret->count < WORDS_MAX - 1);
		ret->list[ret->count++] = word;
	}
	ret->list[ret->count] = NULL;
}

static int parse(const char *text, uint32_t allowed, struct words *words, struct arguments *ret,
		 struct error *error)
{
	split(text, words);
	return arguments_parse("image x", words->count, words->list, allowed | FLAGS_OF_EVERY, ret,
			       error);
}

static void flags_stand_anywhere_in_both_spellings(void **state)
{
	struct arguments arguments;
	struct words words;
	struct error error;

	assert_int_equal(parse("x kube/db --size 10Gi a -m 10.0.0.1 --keyring=/k --json b",
			       FLAG_BIT(FLAG_SIZE), &words, &arguments, &error),
			 0);
	assert_string_equal(arguments_value(&arguments, FLAG_SIZE), "10Gi");
	assert_string_equal(arguments_value(&arguments, FLAG_MONITORS), "10.0.0.1");
	assert_string_equal(arguments_value(&arguments, FLAG_KEYRING), "/k");
	assert_true(arguments_have(&arguments, FLAG_JSON));
	assert_false(arguments_have(&arguments, FLAG_ID));
	assert_string_equal(arguments_value(&arguments, FLAG_ID), "");
	assert_int_equal(arguments.count, 3);
	assert_string_equal(arguments.operands[0], "kube/db");
	assert_string_equal(arguments.operands[1], "a");
	assert_string_equal(arguments.operands[2], "b");
}

static void behind_two_dashes_all_are_operands(void **state)
{
	struct arguments arguments;
	struct words words;
	struct error error;

	assert_int_equal(parse("x --json -- --yes -x", 0, &words, &arguments, &error), 0);
	assert_int_equal(arguments.count, 2);
	assert_string_equal(arguments.operands[0], "--yes");
}

static void a_wrong_flag_is_refused_with_what_is_right(void **state)
{
	static const struct {
		const char *text, *said, *advice;
	} WRONG[] = {
		{"x --sise 1", "image x has no flag --sise", "the nearest one is --size"},
		{"x --yes", "image x has no flag --yes", "the nearest one is"},
		{"x -z", "image x has no flag -z", "`rbd-flexvolume image x --help` lists all"},
		{"x -zx", "image x has no flag -z", "`rbd-flexvolume image x --help` lists all"},
		{"x kube/a -y", "image x has no flag -y (--yes)",
		 "`rbd-flexvolume image x --help`"},
		{"x -l 1", "image x has no flag -l (--long)", "`rbd-flexvolume image x --help`"},
		{"x -zx kube/a", "image x has no flag -z", "`rbd-flexvolume image x --help`"},
		{"x kube/a -\xff", "image x has no flag -?", "`rbd-flexvolume image x --help`"},
		{"x kube/a --sise=1 b", "image x has no flag --sise", "the nearest one is --size"},
		{"x kube/a --yes=1", "image x has no flag --yes", "the nearest one is"},
		{"x kube/a --json=1", "image x: --json takes no value", ""},
		{"x --size", "image x: --size lacks its value: it takes SIZE", ""},
		{"x -s", "image x: --size lacks its value: it takes SIZE", ""},
		{"x --size=", "image x: --size is empty: it takes SIZE", ""},
		{"x --json=yes", "image x: --json takes no value", ""},
		{"x --size 1 -s 2", "image x: --size is given twice", ""},
		{"x --json --json", "image x: --json is given twice", ""},
	};

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		struct error error = {0};
		struct arguments arguments;
		struct words words;

		assert_int_equal(
			parse(WRONG[i].text, FLAG_BIT(FLAG_SIZE), &words, &arguments, &error),
			-EINVAL);
		assert_string_equal(error.text, WRONG[i].said);
		assert_non_null(strstr(error.advice, WRONG[i].advice));
	}
}

static void an_image_is_named_as_with_the_rbd_command(void **state)
{
	static const struct {
		const char *text;
		enum target_kind kind;
		const char *pool, *name_space, *image, *snapshot, *shown;
	} RIGHT[] = {
		{"volume001", TARGET_IMAGE, "rbd", "", "volume001", "", "rbd/volume001"},
		{"kube/db", TARGET_IMAGE, "kube", "", "db", "", "kube/db"},
		{"kube/ns/db", TARGET_EITHER, "kube", "ns", "db", "", "kube/ns/db"},
		{"kube/ns/db@now", TARGET_EITHER, "kube", "ns", "db", "now", "kube/ns/db@now"},
		{"db@now", TARGET_SNAPSHOT, "rbd", "", "db", "now", "rbd/db@now"},
		{"kube", TARGET_POOL, "kube", "", "", "", "kube"},
		{"kube/ns", TARGET_POOL, "kube", "ns", "", "", "kube/ns"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(RIGHT); i++) {
		struct target target;
		struct error error;

		assert_int_equal(target_parse(RIGHT[i].text, RIGHT[i].kind, &target, &error), 0);
		assert_string_equal(target.name.pool, RIGHT[i].pool);
		assert_string_equal(target.name.name_space, RIGHT[i].name_space);
		assert_string_equal(target.name.image, RIGHT[i].image);
		assert_string_equal(target.name.snapshot, RIGHT[i].snapshot);
		assert_string_equal(target.text, RIGHT[i].shown);
	}
}

static void a_name_that_is_none_is_refused_with_the_shape(void **state)
{
	static const struct {
		const char *text;
		enum target_kind kind;
		const char *why, *shape;
	} WRONG[] = {
		{"", TARGET_IMAGE, "each part is", "[POOL/[NAMESPACE/]]IMAGE"},
		{"kube/", TARGET_IMAGE, "each part is", "[POOL/[NAMESPACE/]]IMAGE"},
		{"/db", TARGET_IMAGE, "each part is", "[POOL/[NAMESPACE/]]IMAGE"},
		{"kube//db", TARGET_IMAGE, "each part is", "[POOL/[NAMESPACE/]]IMAGE"},
		{"a/b/c/d", TARGET_IMAGE, "too many parts", "[POOL/[NAMESPACE/]]IMAGE"},
		{"a/b/c", TARGET_POOL, "too many parts", "POOL or POOL/NAMESPACE"},
		{"kube/", TARGET_POOL, "each part is", "POOL or POOL/NAMESPACE"},
		{"db@now", TARGET_IMAGE, "a snapshot in it", "[POOL/[NAMESPACE/]]IMAGE"},
		{"db", TARGET_SNAPSHOT, "no @ in it", "[POOL/[NAMESPACE/]]IMAGE@SNAPSHOT"},
		{"db@", TARGET_SNAPSHOT, "each part is", "[POOL/[NAMESPACE/]]IMAGE@SNAPSHOT"},
		{"db@a@b", TARGET_EITHER, "each part is", "[POOL/[NAMESPACE/]]IMAGE[@SNAPSHOT]"},
		{"db,x", TARGET_EITHER, "each part is", "[POOL/[NAMESPACE/]]IMAGE[@SNAPSHOT]"},
		{"..", TARGET_IMAGE, "each part is", "[POOL/[NAMESPACE/]]IMAGE"},
	};
	char longest[2000];
	struct target target;
	struct error error;

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		error = (struct error){0};
		assert_int_equal(target_parse(WRONG[i].text, WRONG[i].kind, &target, &error),
				 -EINVAL);
		assert_non_null(strstr(error.text, WRONG[i].why));
		assert_non_null(strstr(error.advice, WRONG[i].shape));
	}
	for (size_t length = 201; length < sizeof(longest); length += 97) {
		memset(longest, 'a', length);
		longest[length] = '\0';
		error = (struct error){0};
		assert_int_equal(target_parse(longest, TARGET_IMAGE, &target, &error), -EINVAL);
	}
}

static void columns_are_as_wide_as_what_stands_in_them(void **state)
{
	static const char *const HEADS[] = {"IMAGE", ">SIZE", "OF", NULL};
	_cleanup_text_ struct text output = {0};
	struct table table;

	table_begin(&table, HEADS);
	table_cell(&table, "%s", "a-long-name");
	table_cell(&table, "%d", 1);
	table_cell(&table, "%s", "x");
	table_cell(&table, "%s", "b\xc3\xa4r"); /* two bytes, one column */
	table_cell(&table, "%s", "12 GiB");
	table_cell(&table, "%s", "line\nbreak");
	table_end(&table, &output);
	assert_false(output.failed);
	assert_string_equal(output.data, "IMAGE          SIZE  OF\n"
					 "a-long-name       1  x\n"
					 "b\xc3\xa4r          12 GiB  line break\n");
}

static void a_person_reads_units_a_program_bytes(void **state)
{
	char size[SIZE_TEXT_MAX];

	assert_string_equal(size_text(true, 0, size), "0 B");
	assert_string_equal(size_text(true, 1023, size), "1023 B");
	assert_string_equal(size_text(true, 4 << 20, size), "4 MiB");
	assert_string_equal(size_text(true, UINT64_C(1536) << 20, size), "1.5 GiB");
	assert_string_equal(size_text(true, UINT64_MAX, size), "16 EiB");
	assert_string_equal(size_text(false, UINT64_C(1536) << 20, size), "1610612736");
	assert_string_equal(size_text(false, UINT64_MAX, size), "18446744073709551615");
}

static const struct command *find(const char *group, const char *text, int *ret_words)
{
	struct words words;

	split(text, &words);
	return command_find(group, words.count, words.list, ret_words);
}

static void a_verb_has_one_word_or_two(void **state)
{
	int words;

	assert_string_equal(find("image", "create db", &words)->name, "create");
	assert_int_equal(words, 1);
	assert_string_equal(find("image", "snap create db@a", &words)->name, "snap create");
	assert_int_equal(words, 2);
	assert_string_equal(find("pool", "create db", &words)->group, "pool");
	assert_null(find("image", "snap", &words));
	assert_null(find("pool", "snap create db@a", &words));
	assert_null(find("image", "", &words));
}

static void the_rbd_commands_other_words_are_known(void **state)
{
	int words;

	assert_string_equal(find("image", "remove db", &words)->name, "rm");
	assert_string_equal(find("image", "list", &words)->name, "ls");
	assert_string_equal(find("image", "snap list db", &words)->name, "snap ls");
	assert_string_equal(find("image", "feature disable db", &words)->name, "features disable");
}

static void an_unknown_verb_is_told_the_nearest(void **state)
{
	static const struct {
		const char *group, *text, *nearest;
	} UNKNOWN[] = {
		{"image", "creat db", "create"},
		{"image", "snap creat db@a", "snap create"},
		{"image", "features disabl db", "features disable"},
		{"image", "resise db", "resize"},
		{"pool", "remov p", "rm"},
		{"trash", "restor x", "restore"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(UNKNOWN); i++) {
		char meant[COMMAND_MAX];
		struct words words;

		split(UNKNOWN[i].text, &words);
		assert_string_equal(
			command_nearest(UNKNOWN[i].group, words.count, words.list, meant),
			UNKNOWN[i].nearest);
	}
}

static bool help(const char *group, const char *text, struct text *output)
{
	struct words words;

	split(text, &words);
	return admin_help(group, *text ? words.count : 0, words.list, output);
}

static void help_tells_a_group_a_part_of_it_and_a_verb(void **state)
{
	_cleanup_text_ struct text group = {0}, part = {0}, verb = {0}, none = {0};

	assert_true(help("image", "", &group));
	assert_non_null(strstr(group.data, "\n  snap rollback IMAGE@SNAP"));
	assert_non_null(strstr(group.data, "\n  resize IMAGE"));
	assert_true(help("image", "snap", &part));
	assert_non_null(strstr(part.data, "\n  snap rollback IMAGE@SNAP"));
	assert_null(strstr(part.data, "resize"));
	assert_true(help("image", "snap rm", &verb));
	assert_non_null(strstr(verb.data, "rbd-flexvolume image snap rm IMAGE@SNAP [--yes]\n"));
	assert_non_null(strstr(verb.data, "--keyring FILE"));
	assert_false(help("image", "snaps", &none));
	assert_false(help("image", "rm db", &none));
	assert_false(help("doctor", "", &none));
	assert_int_equal(none.length, 0);
}

/* Runs it without a cluster: what is wrong use is told before anybody is spoken to. */
static int run(const char *group, const char *text, struct text *output, struct error *error)
{
	static const struct terminal nobody = {-1, -1, -1};
	static const struct error none;
	static const struct config config;
	struct admin admin = {
		.config = &config, .config_error = &none, .terminal = &nobody, .output = output};
	struct words words;

	split(text, &words);
	return admin_run(group, words.count, words.list, &admin, error);
}

static void wrong_use_is_told_before_the_cluster_is_asked(void **state)
{
	static const struct {
		const char *group, *text, *said;
	} WRONG[] = {
		{"image", "create db", "image create needs --size"},
		{"image", "create db --size 1024",
		 "size: 1024 is 1 KiB; the rbd command counts MiB: 1024Mi or 1Gi"},
		{"image", "create db --size 1Gi --features nosuch", "nosuch"},
		{"image", "create", "image create takes IMAGE"},
		{"image", "create a b --size 1Gi", "image create takes IMAGE"},
		{"image", "create db@x --size 1Gi", "there is a snapshot in it"},
		{"image", "resize db", "image resize needs --size"},
		{"image", "info a/b/c/d", "too many parts"},
		{"image", "snap rm db", "there is no @ in it"},
		{"image", "features disable db", "takes IMAGE FEATURE..."},
		{"image", "clone db copy", "there is no @ in it"},
		{"image", "ls kube/ns/x", "too many parts"},
		{"image", "ls --yes", "image ls has no flag --yes"},
		{"image", "info kube/a -y", "image info has no flag -y (--yes)"},
		{"image", "ls -s 1", "image ls has no flag -s (--size)"},
		{"image", "ls -zx kube/a", "image ls has no flag -z"},
		{"image", "nosuch", "image has no verb \"nosuch\""},
		{"pool", "ls kube", "pool ls takes no operand"},
		{"pool", "create a/b", "pool: "},
		{"trash", "rm", "trash rm takes"},
		{"trash", "restore id --image a/b", "--image: "},
	};

	for (size_t i = 0; i < ARRAY_SIZE(WRONG); i++) {
		_cleanup_text_ struct text output = {0};
		struct error error = {0};

		assert_int_equal(run(WRONG[i].group, WRONG[i].text, &output, &error),
				 ADMIN_WRONG_USE);
		assert_non_null(strstr(error.text, WRONG[i].said));
		assert_int_equal(output.length, 0);
	}
}

static void help_is_asked_for_in_each_place(void **state)
{
	static const char *const ASKED[] = {"--help",         "-h",           "snap --help",
					    "snap rm --help", "rm -h",        "rm db --help",
					    "help",           "help snap rm", "create --help"};

	for (size_t i = 0; i < ARRAY_SIZE(ASKED); i++) {
		_cleanup_text_ struct text output = {0};
		struct error error = {0};

		assert_int_equal(run("image", ASKED[i], &output, &error), 0);
		assert_non_null(strstr(output.data, "rbd-flexvolume image"));
	}
}

static void names_of_any_bytes_leave_the_json_valid(void **state)
{
	_cleanup_text_ struct text output = {0};
	_cleanup_json_ cJSON *parsed = NULL;
	struct admin admin = {.output = &output};
	cJSON *json = cJSON_CreateObject();
	struct error error = {0};

	cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "images"),
			     cJSON_CreateString("vol\xff\xc3"));
	assert_int_equal(json_print(&admin, json, &error), 0);
	assert_string_equal(output.data, "{\"images\":[\"vol??\"]}\n");
	assert_int_equal(json_parse(output.data, 2, &parsed, &error), 0);
}

static void a_name_that_moves_the_cursor_is_one_line_for_people(void **state)
{
	_cleanup_text_ struct text output = {0};
	struct admin admin = {.output = &output};

	admin_say(&admin, "%s: removed", "e\x1b[2Jv\nil");
	line_print(&output, "parent     %s", "e\r\x07v");
	assert_string_equal(output.data, "e [2Jv il: removed\nparent     e  v\n");
	admin.json = true;
	admin_say(&admin, "nothing");
	assert_null(strstr(output.data, "nothing"));
}

static void a_change_says_what_it_was_in_words_and_in_json(void **state)
{
	_cleanup_text_ struct text output = {0};
	struct admin admin = {.output = &output};
	struct error error = {0};
	struct target target;

	assert_int_equal(target_parse("kube/blue/db@a", TARGET_SNAPSHOT, &target, &error), 0);
	assert_int_equal(admin_done(&admin, &target, "created", &error), 0);
	admin.json = true;
	assert_int_equal(admin_done(&admin, &target, "created", &error), 0);
	assert_string_equal(output.data, "kube/blue/db@a: created\n"
					 "{\"poolName\":\"kube\",\"namespace\":\"blue\","
					 "\"imageName\":\"db\",\"snapshot\":\"a\"}\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flags_stand_anywhere_in_both_spellings),
		cmocka_unit_test(behind_two_dashes_all_are_operands),
		cmocka_unit_test(a_wrong_flag_is_refused_with_what_is_right),
		cmocka_unit_test(an_image_is_named_as_with_the_rbd_command),
		cmocka_unit_test(a_name_that_is_none_is_refused_with_the_shape),
		cmocka_unit_test(columns_are_as_wide_as_what_stands_in_them),
		cmocka_unit_test(a_person_reads_units_a_program_bytes),
		cmocka_unit_test(a_verb_has_one_word_or_two),
		cmocka_unit_test(the_rbd_commands_other_words_are_known),
		cmocka_unit_test(an_unknown_verb_is_told_the_nearest),
		cmocka_unit_test(help_tells_a_group_a_part_of_it_and_a_verb),
		cmocka_unit_test(wrong_use_is_told_before_the_cluster_is_asked),
		cmocka_unit_test(help_is_asked_for_in_each_place),
		cmocka_unit_test(names_of_any_bytes_leave_the_json_valid),
		cmocka_unit_test(a_change_says_what_it_was_in_words_and_in_json),
		cmocka_unit_test(a_name_that_moves_the_cursor_is_one_line_for_people),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
