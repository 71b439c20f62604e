/* SPDX-License-Identifier: Apache-2.0 */
/* YAML as it is printed: what is quoted, how it is nested. That both versions of YAML read the same
 * is shown with a real parser: test/deploy/manifest.bats. */
#include "unit.h"

#include "verbs/yaml.h"

static void expect(const char *json, const char *yaml)
{
	cJSON *tree = cJSON_Parse(json);
	struct text text = {0};

	assert_non_null(tree);
	yaml_add_document(&text, tree);
	assert_false(text.failed);
	assert_string_equal(text.data, yaml);
	text_done(&text);
	cJSON_Delete(tree);
}

static void a_plain_word_is_not_quoted(void **state)
{
	(void)state;
	expect("{\"kind\":\"PersistentVolume\",\"driver\":\"ceph/rbd\",\"a.b/c-d_e\":\"mysql-0\"}",
	       "kind: PersistentVolume\ndriver: ceph/rbd\na.b/c-d_e: mysql-0\n");
}

static void what_could_be_something_else_is_quoted(void **state)
{
	static const char *const WORDS[] = {
		"",    "yes",  "No",   "ON",   "off",  "y",   "N",         "true", "False", "null",
		"NaN", "inf",  "~",    "1",    "-1",   "1e3", "0x1f",      "0o17", "1_000", "12:30",
		".5",  ".inf", "- a",  "a: b", "a #b", "a:",  "#a",        "*a",   "&a",    "!a",
		"|",   ">",    "%a",   "@a",   "[a]",  "{a}", "?",         "a,b",  " a",    "a ",
		"=",   "<<",   "10Gi", "---",  "...",  "a=b", "2020-01-01"};
	char json[64], yaml[64];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++) {
		snprintf(json, sizeof(json), "{\"a\":\"%s\"}", WORDS[i]);
		snprintf(yaml, sizeof(yaml), "a: \"%s\"\n", WORDS[i]);
		expect(json, yaml);
	}
}

static void keys_are_quoted_as_values_are(void **state)
{
	(void)state;
	expect("{\"on\":1,\"a b\":2}", "\"on\": 1\n\"a b\": 2\n");
}

static void what_is_no_printable_ascii_is_escaped(void **state)
{
	(void)state;
	expect("{\"a\":\"\\\"\\\\\\n\\t\\u0001\\u007f\"}",
	       "a: \"\\\"\\\\\\n\\u0009\\u0001\\u007f\"\n");
	expect("{\"a\":\"\xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x99 \xc2\x85 \xe2\x80\xa8\"}",
	       "a: \"\\u00e9 \\u20ac \\U0001f419 \\u0085 \\u2028\"\n");
}

static void numbers_and_words_of_json_stay_what_they_are(void **state)
{
	(void)state;
	expect("{\"a\":1,\"b\":-3,\"c\":1.5,\"d\":true,\"e\":false,\"f\":null,\"g\":1099511627776}",
	       "a: 1\nb: -3\nc: 1.5\nd: true\ne: false\nf: null\ng: 1099511627776\n");
}

static void lists_and_objects_nest(void **state)
{
	(void)state;
	expect("{\"a\":{\"b\":[\"c\",{\"d\":1,\"e\":{\"f\":2}},[3,[4]],{\"g\":[5]}],\"h\":{}},\"i\":[]}",
	       "a:\n"
	       "  b:\n"
	       "    - c\n"
	       "    - d: 1\n"
	       "      e:\n"
	       "        f: 2\n"
	       "    - - 3\n"
	       "      - - 4\n"
	       "    - g:\n"
	       "        - 5\n"
	       "  h: {}\n"
	       "i: []\n");
}

static void documents_are_separated(void **state)
{
	cJSON *tree = cJSON_Parse("{\"a\":1}");
	struct text text = {0};

	(void)state;
	yaml_add_document(&text, tree);
	yaml_add_document(&text, tree);
	assert_string_equal(text.data, "a: 1\n---\na: 1\n");
	text_done(&text);
	cJSON_Delete(tree);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("a plain word is not quoted", a_plain_word_is_not_quoted),
		UNIT("what could be something else is quoted",
		     what_could_be_something_else_is_quoted),
		UNIT("keys are quoted as values are", keys_are_quoted_as_values_are),
		UNIT("what is no printable ASCII is escaped",
		     what_is_no_printable_ascii_is_escaped),
		UNIT("numbers and words of JSON stay what they are",
		     numbers_and_words_of_json_stay_what_they_are),
		UNIT("lists and objects nest", lists_and_objects_nest),
		UNIT("documents are separated", documents_are_separated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
