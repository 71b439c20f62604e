/* SPDX-License-Identifier: Apache-2.0 */
/* The names in a pool, against an omap of our own behind librados' functions. */
#include "unit.h"

#include <errno.h>

#include "base/str.h"
#include "ceph/directory.h"

#define KEYS_MAX 4096

/* Sorted, as the OSD has them; and the read that stands at `at`. */
static struct {
	char *keys[KEYS_MAX];
	size_t count;
	char after[600], prefix[300];
	uint64_t max;
	size_t at, end;
	unsigned char *more;
	rados_omap_iter_t *iter;
	unsigned int reads;
} osd;

static rados_read_op_t make_op(void)
{
	return &osd;
}

static void release_op(rados_read_op_t op)
{
}

static void op_stat(rados_read_op_t op, uint64_t *size, time_t *changed, int *result)
{
	*size = 0;
	*changed = 0;
	*result = 0;
}

static void op_omap(rados_read_op_t op, const char *after, const char *prefix, uint64_t max,
		    rados_omap_iter_t *iter, unsigned char *more, int *result)
{
	(void)snprintf(osd.after, sizeof(osd.after), "%s", after);
	(void)snprintf(osd.prefix, sizeof(osd.prefix), "%s", prefix);
	osd.max = max;
	osd.iter = iter;
	osd.more = more;
	*result = 0;
}

static int operate(rados_read_op_t op, rados_ioctx_t io, const char *object, int flags)
{
	if (!str_eq(object, "rbd_directory"))
		return -ENOENT;
	assert_true(osd.reads++ < 100); /* else it goes on for ever */
	osd.at = 0;
	while (osd.at < osd.count && (strcmp(osd.keys[osd.at], osd.after) <= 0 ||
				      !str_starts(osd.keys[osd.at], osd.prefix)))
		osd.at++;
	osd.end = osd.at;
	while (osd.end < osd.count && osd.end - osd.at < osd.max &&
	       str_starts(osd.keys[osd.end], osd.prefix))
		osd.end++;
	*osd.more = osd.end < osd.count && str_starts(osd.keys[osd.end], osd.prefix);
	*osd.iter = &osd;
	return 0;
}

static int next(rados_omap_iter_t iter, char **key, char **value, size_t *length)
{
	static char id[] = "\4\0\0\0abcd";

	*key = osd.at < osd.end ? osd.keys[osd.at++] : NULL;
	*value = id;
	*length = sizeof(id) - 1;
	return 0;
}

static void end_omap(rados_omap_iter_t iter)
{
}

static int setup(void **state)
{
	rados.rados_create_read_op = make_op;
	rados.rados_release_read_op = release_op;
	rados.rados_read_op_stat = op_stat;
	rados.rados_read_op_omap_get_vals2 = op_omap;
	rados.rados_read_op_operate = operate;
	rados.rados_omap_get_next = next;
	rados.rados_omap_get_end = end_omap;
	return 0;
}

static int teardown(void **state)
{
	while (osd.count)
		free(osd.keys[--osd.count]);
	memset(&osd, 0, sizeof(osd));
	return 0;
}

/* name_<first><length - 1 times 'x'>; in order. */
static void image(const char *first, size_t length)
{
	char *key = calloc(1, 5 + length + 1);

	assert_non_null(key);
	assert_true(osd.count < KEYS_MAX);
	memset(key, 'x', 5 + length);
	memcpy(key, "name_", 5);
	memcpy(key + 5, first, strlen(first));
	assert_true(!osd.count || strcmp(osd.keys[osd.count - 1], key) < 0);
	osd.keys[osd.count++] = key;
}

static void images_too_long(const char *first, size_t count)
{
	char name[32];

	for (size_t i = 0; i < count; i++) {
		(void)snprintf(name, sizeof(name), "%s%05zu", first, i);
		image(name, 256 + i % 200);
	}
}

static void page_is(const char *prefix, const char *after, size_t limit, const char *names,
		    bool more)
{
	const struct directory_wish wish = {prefix, after, limit};
	_cleanup_image_page_ struct image_page page = {0};
	_cleanup_text_ struct text text = {0};

	osd.reads = 0;
	text_add(&text, "", 0);
	assert_int_equal(directory_read(NULL, &wish, &page), 0);
	for (size_t i = 0; i < page.count; i++)
		text_printf(&text, "%s%.1s", i ? " " : "", page.list[i].name);
	assert_string_equal(text.data, names);
	assert_int_equal(page.more, more);
}

static void the_names_come_in_pages(void **state)
{
	image("a", 1);
	image("b", 1);
	image("c", 1);
	page_is("", "", 0, "a b c", false);
	page_is("", "", 2, "a b", true);
	page_is("", "b", 2, "c", false);
	page_is("", "c", 2, "", false);
	page_is("b", "", 0, "b", false);
}

static void a_page_goes_on_behind_names_that_nobody_can_open(void **state)
{
	image("a", 1);
	images_too_long("b", 3000);
	image("c", 1);
	images_too_long("d", 3);
	image("e", 1);
	page_is("", "", 0, "a c e", false);
	page_is("", "", 1000, "a c e", false);
	page_is("", "a", 0, "c e", false);
	page_is("", "a", 1000, "c e", false);
	page_is("b", "", 0, "", false);
}

static void a_page_of_few_does_too(void **state)
{
	image("a", 1);
	images_too_long("b", 20);
	image("c", 1);
	page_is("", "", 1, "a", true);
	page_is("", "a", 1, "c", false);
}

static void the_longest_name_can_be_gone_on_after(void **state)
{
	char after[256];

	image("a", 255);
	image("b", 1);
	memset(after, 'x', 255);
	after[0] = 'a';
	after[255] = '\0';
	page_is("", "", 1, "a", true);
	page_is("", after, 1, "b", false);
}

/* One that answers the same for ever is no reason to ask for ever. */
static int the_first_again(rados_omap_iter_t iter, char **key, char **value, size_t *length)
{
	int r = next(iter, key, value, length);

	*osd.more = 1;
	if (*key)
		*key = osd.keys[0];
	return r;
}

static void an_omap_that_does_not_go_on_is_left(void **state)
{
	image("a", 1);
	rados.rados_omap_get_next = the_first_again;
	page_is("", "", 0, "a", false);
}

int main(void)
{
#define DIRECTORY_TEST(sentence, function)                \
	{                                                 \
		sentence, function, setup, teardown, NULL \
	}
	const struct CMUnitTest tests[] = {
		DIRECTORY_TEST("the names come in pages", the_names_come_in_pages),
		DIRECTORY_TEST("a page goes on behind names that nobody can open",
			       a_page_goes_on_behind_names_that_nobody_can_open),
		DIRECTORY_TEST("a page of few does too", a_page_of_few_does_too),
		DIRECTORY_TEST("the longest name can be gone on after",
			       the_longest_name_can_be_gone_on_after),
		DIRECTORY_TEST("an omap that does not go on is left",
			       an_omap_that_does_not_go_on_is_left),
	};

	return cmocka_run_group_tests_name("directory", tests, NULL, NULL);
}
