/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at images: lists, one in full, what of it exists. */
#include "manage.h"

#include <time.h>

static void listed(struct cluster *cluster, const char *space, const char *prefix,
		   const char *after, size_t limit, const char *wanted, bool more)
{
	const struct image_name where = {MANAGED, space, "", ""};
	_cleanup_image_page_ struct image_page page = {0};
	_cleanup_text_ struct text names = {0};
	struct error error = {0};

	assert_ok(image_list(cluster, &where, prefix, after, limit, &page, &error), error);
	for (size_t i = 0; i < page.count; i++)
		text_printf(&names, "%s%s", i ? " " : "", page.list[i].name);
	assert_string_equal(names.data ? names.data : "", wanted);
	assert_int_equal(page.more, more);
}

static void the_images_are_those_of_rbd(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct error error = {0};

	listed(cluster, "", "", "", 0, "", false); /* nobody has made an image yet */
	admin("for i in db-1 db-2 db-10 a z; do rbd create " MANAGED "/$i --size 8M; done; "
	      "rbd create " MANAGED "/space/inside --size 8M; "
	      "RBD_FORCE_ALLOW_V1=1 rbd create " MANAGED "/old --size 8M --image-format 1");
	listed(cluster, "", "", "", 0, "a db-1 db-10 db-2 old z", false);
	assert_string_equal(asked("rbd ls " MANAGED " | LC_ALL=C sort | tr '\\n' ' '"),
			    "a db-1 db-10 db-2 old z ");
	listed(cluster, "space", "", "", 0, "inside", false);
	assert_refused(image_list(cluster, &(struct image_name){MANAGED, "nospace", "", ""}, "", "",
				  0, &(struct image_page){0}, &error),
		       -ENOENT, error);
	assert_refused(image_list(cluster, &(struct image_name){"nopool", "", "", ""}, "", "", 0,
				  &(struct image_page){0}, &error),
		       -ENOENT, error);
}

static void a_list_is_given_in_pages(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();

	listed(cluster, "", "", "", 2, "a db-1", true);
	listed(cluster, "", "", "db-1", 2, "db-10 db-2", true);
	listed(cluster, "", "", "db-2", 2, "old z", false);
	listed(cluster, "", "", "z", 2, "", false);
	listed(cluster, "", "db-", "", 0, "db-1 db-10 db-2", false);
	listed(cluster, "", "db-", "db-1", 1, "db-10", true);
	listed(cluster, "", "db-", "db-10", 1, "db-2", false);
	listed(cluster, "", "nothing", "", 0, "", false);
	listed(cluster, "", "db-", "a", 0, "db-1 db-10 db-2", false);
	listed(cluster, "", "db-", "e", 0, "", false);
}

static const struct image_entry *entry(const struct image_page *page, const char *name)
{
	for (size_t i = 0; i < page->count; i++)
		if (str_eq(page->list[i].name, name))
			return &page->list[i];
	fail_msg("%s is not in the list", name);
	return NULL;
}

static void details_leave_no_watch_and_count_those_of_others(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_image_page_ struct image_page page = {0};
	const struct image_name where = {"kube", "", "", ""};
	struct error error = {0};
	struct holder holder;

	admin("rbd create kube/details-watched --size 12M --image-feature layering,exclusive-lock && "
	      "rbd create kube/details-quiet --size 20M --image-feature layering");
	holder = holder_start("details-watched");
	assert_int_equal(holder_write(&holder), 4096);
	assert_ok(image_list(cluster, &where, "", "", 0, &page, &error), error);
	admin("rbd rm kube/details-quiet");
	assert_ok(image_list_details(cluster, &where, &page, NULL, &error), error);
	assert_true(entry(&page, "details-watched")->known);
	assert_int_equal(entry(&page, "details-watched")->size, 12 << 20);
	assert_int_equal(entry(&page, "details-watched")->features, 5);
	assert_int_equal(entry(&page, "details-watched")->watchers, 1);
	assert_true(entry(&page, "details-watched")->locked);
	assert_false(entry(&page, "details-quiet")->known);
	assert_int_equal(entry(&page, "details-quiet")->failed, 0);
	holder_kill(&holder);
}

static int count_up(void *context, uint64_t done, uint64_t total)
{
	*(uint64_t *)context = done * 100 / total;
	return 0;
}

static int stop(void *context, uint64_t done, uint64_t total)
{
	return 1;
}

static void details_tell_their_progress(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_image_page_ struct image_page page = {0};
	const struct image_name where = {MANAGED, "", "", ""};
	uint64_t percent = 0;
	struct manage_way way = {.progress = count_up, .context = &percent};
	struct error error = {0};

	assert_ok(image_list(cluster, &where, "", "", 0, &page, &error), error);
	assert_ok(image_list_details(cluster, &where, &page, &way, &error), error);
	assert_int_equal(percent, 100);
	assert_int_equal(entry(&page, "old")->size, 8 << 20);
	assert_int_equal(entry(&page, "z")->watchers, 0);
	way.progress = stop;
	assert_refused(image_list_details(cluster, &where, &page, &way, &error), -ECANCELED, error);
}

static void the_info_is_that_of_rbd(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_name name = in_pool("full");
	struct error error = {0};
	struct image_info info;
	char features[256];

	admin("rbd create " MANAGED "/full --size 100M --object-size 1M --stripe-unit 64K "
	      "--stripe-count 4 --image-feature layering,exclusive-lock,object-map,fast-diff; "
	      "rbd snap create " MANAGED "/full@one; rbd snap create " MANAGED "/full@two; "
	      "rbd resize " MANAGED "/full --size 50M --allow-shrink");
	assert_ok(image_info(cluster, &name, &info, &error), error);
	assert_string_equal(info.id, rbd_says("full", ".id"));
	assert_int_equal(info.format, 2);
	assert_int_equal(info.size, atoi(rbd_says("full", ".size")));
	assert_int_equal(info.size, 50 << 20);
	assert_int_equal(info.order, 20);
	assert_int_equal(info.object_size, 1 << 20);
	assert_int_equal(info.objects, atoi(rbd_says("full", ".objects")));
	assert_string_equal(info.prefix, rbd_says("full", ".block_name_prefix"));
	assert_string_equal(image_features_text(info.features, features, sizeof(features)),
			    rbd_says("full", ".features | join(\",\")"));
	assert_int_equal(info.stripe_unit, 65536);
	assert_int_equal(info.stripe_count, 4);
	assert_string_equal(info.data_pool, "");
	assert_int_equal(info.snapshots, 2);
	assert_string_equal(info.parent_image, "");
	assert_int_equal(info.watchers.count, 0);
	assert_false(info.object_map_invalid);
	assert_in_range(info.created, time(NULL) - 3600, time(NULL) + 1);
	name = in_pool("full@one");
	assert_ok(image_info(cluster, &name, &info, &error), error);
	assert_int_equal(info.size, 100 << 20);
}

static void the_info_has_parent_and_records(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager(), *driver = NULL;
	struct image_name name = in_pool("child");
	struct error error = {0};
	struct image_info info;

	admin("rbd snap protect " MANAGED "/full@one && "
	      "rbd clone " MANAGED "/full@one " MANAGED "/child");
	driver = connected("admin", MANAGED, "");
	assert_ok(image_write_record(driver, header_of(driver, "child").id, IMAGE_RECORD_HOLDER,
				     "somebody", &error),
		  error);
	assert_ok(image_info(cluster, &name, &info, &error), error);
	assert_string_equal(info.parent_pool, MANAGED);
	assert_string_equal(info.parent_namespace, "");
	assert_string_equal(info.parent_image, "full");
	assert_string_equal(info.parent_snapshot, "one");
	assert_string_equal(info.parent_id, rbd_says("full", ".id"));
	assert_int_equal(info.overlap, 100 << 20);
	assert_string_equal(info.record_holder, "somebody");
	assert_string_equal(info.record_format, "");
	admin("rbd rm " MANAGED "/child");
}

static void an_image_of_format_1_is_looked_at(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_name name = in_pool("old");
	struct error error = {0};
	struct image_info info;

	assert_ok(image_info(cluster, &name, &info, &error), error);
	assert_int_equal(info.format, 1);
	assert_string_equal(info.id, "");
	assert_int_equal(info.size, 8 << 20);
	assert_string_equal(info.prefix, rbd_says("old", ".block_name_prefix"));
}

static void what_is_missing_is_named(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name no_pool = {"nopool", "", "db", ""};
	struct image_name name = in_pool("nothing");
	struct error error = {0};
	struct image_info info;

	assert_refused(image_info(cluster, &name, &info, &error), -ENOENT, error);
	assert_string_equal(error.text, "image " MANAGED "/nothing does not exist");
	assert_refused(image_info(cluster, &no_pool, &info, &error), -ENOENT, error);
	assert_contains(error.text, "nopool");
	name = in_pool("nospace/nothing");
	assert_refused(image_info(cluster, &name, &info, &error), -ENOENT, error);
	assert_contains(error.text, "nospace");
	name = in_pool("full@nothing");
	assert_refused(image_info(cluster, &name, &info, &error), -ENOENT, error);
	assert_contains(error.advice, "one, two");
}

static void who_may_not_look_is_told_the_cap(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("kube");
	struct image_name name = in_pool("full");
	struct error error = {0};
	struct image_info info;

	assert_refused(image_info(cluster, &name, &info, &error), -EPERM, error);
	assert_contains(error.advice, "profile rbd pool=" MANAGED);
}

static int add_extent(void *context, uint64_t offset, uint64_t length)
{
	text_printf(context, "%llu+%llu;", (unsigned long long)offset, (unsigned long long)length);
	return 0;
}

static void compare_extents(struct cluster *cluster, const char *image, bool whole, bool fast)
{
	const struct image_name name = in_pool(image);
	_cleanup_text_ struct text text = {0};
	struct image_extents_wish wish = {.whole_objects = whole,
					  .with_parent = true,
					  .extent = add_extent,
					  .context = &text};
	struct image_extents extents;
	struct error error = {0};
	uint64_t sum = 0;

	assert_ok(image_extents(cluster, &name, &wish, &extents, &error), error);
	assert_string_equal(text.data ? text.data : "",
			    asked("rbd diff " MANAGED "/%s %s --format json | jq -r '[.[] | "
				  "select(.exists == \"true\") | \"\\(.offset)+\\(.length);\"] | "
				  "add // \"\"'",
				  image, whole ? "--whole-object" : ""));
	assert_int_equal(extents.exact, !whole);
	assert_int_equal(extents.fast, fast);
	for (const char *at = text.data; at && *at; at = strchr(at, ';') + 1)
		sum += strtoull(strchr(at, '+') + 1, NULL, 10);
	assert_int_equal(extents.bytes, sum);
}

static void the_extents_are_those_of_rbd_diff(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();

	admin("rbd create " MANAGED "/written --size 40G "
	      "--image-feature layering,exclusive-lock,object-map,fast-diff; "
	      "rbd create " MANAGED "/unmapped --size 1G --image-feature layering");
	compare_extents(cluster, "written", false, false);
	write_to("written", 0, 4096);
	write_to("written", 6 << 20, 4 << 20);
	write_to("written", (20ULL << 30) - 4096, 8192);
	write_to("written", (40ULL << 30) - 512, 512);
	compare_extents(cluster, "written", false, false);
	compare_extents(cluster, "written", true, true);
	write_to("unmapped", 5 << 20, 100);
	compare_extents(cluster, "unmapped", true, false);
	compare_extents(cluster, "full", false, false);
	write_to("full", 100000, 1 << 20);
	compare_extents(cluster, "full", false, false);
	compare_extents(cluster, "full@one", false, false);
}

static uint64_t sum_of(struct cluster *cluster, const char *image, bool with_parent)
{
	const struct image_name name = in_pool(image);
	const struct image_extents_wish wish = {.with_parent = with_parent};
	struct image_extents extents = {0};
	struct error error = {0};

	assert_ok(image_extents(cluster, &name, &wish, &extents, &error), error);
	assert_int_equal(extents.size, 40ULL << 30);
	assert_true(extents.exact);
	return extents.bytes;
}

static void the_allocation_is_exact_and_without_parents(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	uint64_t sum = strtoull(asked("rbd diff " MANAGED "/written --format json | "
				      "jq '[.[].length] | add'"),
				NULL, 10);

	admin("rbd snap create " MANAGED "/written@base; rbd snap protect " MANAGED
	      "/written@base; "
	      "rbd clone " MANAGED "/written@base " MANAGED "/clone");
	assert_int_equal(sum_of(cluster, "written", false), sum);
	assert_int_equal(sum_of(cluster, "clone", true), sum);
	assert_int_equal(sum_of(cluster, "clone", false), 0);
	compare_extents(cluster, "clone", false, false);
	write_to("clone", 100 << 20, 4096);
	assert_int_equal(sum_of(cluster, "clone", false), 4096);
	compare_extents(cluster, "clone", false, false);
	compare_extents(cluster, "clone", true, true);
}

static int stop_at(void *context, uint64_t offset, uint64_t length)
{
	return ++*(int *)context == 2;
}

static void a_look_at_extents_can_be_ended(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("written");
	int seen = 0;
	struct image_extents_wish wish = {.extent = stop_at, .context = &seen};
	struct image_extents extents;
	struct error error = {0};

	assert_refused(image_extents(cluster, &name, &wish, &extents, &error), -ECANCELED, error);
	assert_int_equal(seen, 2);
	wish = (struct image_extents_wish){.way = {.progress = stop}};
	assert_refused(image_extents(cluster, &name, &wish, &extents, &error), -ECANCELED, error);
}

const struct CMUnitTest manage_image_tests[] = {
	UNIT("the images listed are those of rbd ls, format 1 too", the_images_are_those_of_rbd),
	UNIT("a list is given in pages, by prefix and from a name on", a_list_is_given_in_pages),
	UNIT("details leave no watch, count those of others, and pass over what is gone",
	     details_leave_no_watch_and_count_those_of_others),
	UNIT("details tell their progress and can be ended", details_tell_their_progress),
	UNIT("the info is that of rbd info", the_info_is_that_of_rbd),
	UNIT("the info has the parent and our records", the_info_has_parent_and_records),
	UNIT("an image of format 1 is looked at", an_image_of_format_1_is_looked_at),
	UNIT("what is missing is named: pool, namespace, image, snapshot",
	     what_is_missing_is_named),
	UNIT("who may not look is told the cap", who_may_not_look_is_told_the_cap),
	UNIT("the extents are those of rbd diff, exact and by whole objects",
	     the_extents_are_those_of_rbd_diff),
	UNIT("the allocation is exact and a clone's own",
	     the_allocation_is_exact_and_without_parents),
	UNIT("a look at extents can be ended", a_look_at_extents_can_be_ended),
};
const size_t manage_image_tests_count = sizeof(manage_image_tests) / sizeof(manage_image_tests[0]);
