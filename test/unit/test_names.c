/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/names.h"
#include "base/str.h"

static void as_text(void **state)
{
	static const struct {
		struct image_name name;
		const char *text;
	} cases[] = {
		{{"kube", "", "db", ""}, "kube/db"},
		{{"kube", "blue", "db", ""}, "kube/blue/db"},
		{{"kube", "", "db", "monday"}, "kube/db@monday"},
		{{"kube", "blue", "db", "monday"}, "kube/blue/db@monday"},
	};
	char text[IMAGE_TEXT_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_ptr_equal(image_name_text(&cases[i].name, text), text);
		assert_string_equal(text, cases[i].text);
	}
}

static void long_names_are_cut(void **state)
{
	char longest[2000], text[IMAGE_TEXT_MAX + 1];
	struct image_name name = {longest, "", longest, ""};

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	text[IMAGE_TEXT_MAX] = '#';
	image_name_text(&name, text);
	assert_int_equal(strlen(text), IMAGE_TEXT_MAX - 1);
	assert_int_equal(text[IMAGE_TEXT_MAX], '#');
}

static void every_part_counts(void **state)
{
	struct image_name name = {"kube", "blue", "db", "monday"};
	struct image_name others[] = {
		{"cube", "blue", "db", "monday"},
		{"kube", "", "db", "monday"},
		{"kube", "blue", "d", "monday"},
		{"kube", "blue", "db", ""},
	};
	char copy[] = "kube";
	struct image_name same = {copy, "blue", "db", "monday"};

	assert_true(image_name_same(&name, &same));
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		assert_false(image_name_same(&name, &others[i]));
		assert_false(image_name_same(&others[i], &name));
	}
}

static void lock_of(const char *pool, const char *name_space, const char *image,
		    const char *snapshot, char ret[256])
{
	struct image_name name = {pool, name_space, image, snapshot};

	image_name_lock(&name, ret, 256);
	assert_true(*ret);
	assert_true(strlen(ret) < 256);
	assert_null(strchr(ret, '/'));
	assert_string_not_equal(ret, ".");
	assert_string_not_equal(ret, "..");
}

static void one_lock_per_image(void **state)
{
	char db[256], other[256];

	lock_of("kube", "", "db", "", db);
	lock_of("kube", "", "db", "monday", other);
	assert_string_equal(db, other);
	lock_of("kube", "db", "", "", other);
	assert_string_not_equal(db, other);
	lock_of("kube", "db", "db", "", other);
	assert_string_not_equal(db, other);
	lock_of("kub", "e", "db", "", other);
	assert_string_not_equal(db, other);
	lock_of("kubed", "", "b", "", other);
	assert_string_not_equal(db, other);
}

static void locks_of_long_names(void **state)
{
	char longest[300], first[256], second[256];

	memset(longest, 'x', sizeof(longest) - 1);
	longest[sizeof(longest) - 1] = '\0';
	lock_of(longest, longest, longest, "", first);
	longest[sizeof(longest) - 2] = 'y';
	lock_of(longest, longest, longest, "", second);
	assert_string_not_equal(first, second);
	lock_of(longest, longest, longest, "", first);
	assert_string_equal(first, second);
}

static void locks_of_names_with_slashes(void **state)
{
	char first[256], second[256];

	lock_of("a/b", "", "c", "", first);
	lock_of("a", "b", "c", "", second);
	assert_string_not_equal(first, second);
	lock_of("..", "", "/../../etc/passwd", "", second);
	assert_string_not_equal(first, second);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("an image is written as people know it", as_text),
		UNIT("a very long name is cut and stays in its room", long_names_are_cut),
		UNIT("two names are the same only in all four parts", every_part_counts),
		UNIT("an image has one lock, with any snapshot, and no other has it",
		     one_lock_per_image),
		UNIT("long names have a short lock of their own", locks_of_long_names),
		UNIT("the lock's name never leads out of its directory",
		     locks_of_names_with_slashes),
	};

	return cmocka_run_group_tests_name("names", tests, NULL, NULL);
}
