/* SPDX-License-Identifier: Apache-2.0 */
/* Making, changing and removing images. */
#include "manage.h"

static int make_with(struct cluster *cluster, const char *text, uint64_t size,
		     struct image_made *ret, struct error *error)
{
	const struct image_name name = in_pool(text);
	struct image_plan plan = {.size = size, .data_pool = "", .supported = UINT64_MAX};

	if (image_features_parse("", &plan.features, error) < 0)
		return error->code;
	return image_make(cluster, &name, &plan, ret, error);
}

static void an_image_is_made_once(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_made made = {.size = 0}, again = {.size = 0};
	struct error error = {0};

	assert_int_equal(make_with(cluster, "space/once", 12 << 20, &made, &error), 1);
	assert_string_equal(made.id, rbd_says("space/once", ".id"));
	assert_int_equal(made.size, 12 << 20);
	assert_int_equal(atoi(rbd_says("space/once", ".size")), 12 << 20);
	assert_string_equal(rbd_says("space/once", ".features | join(\",\")"),
			    "layering,exclusive-lock");
	assert_int_equal(make_with(cluster, "space/once", 16 << 20, &again, &error), 0);
	assert_string_equal(again.id, made.id);
	assert_int_equal(again.size, 12 << 20);
	assert_int_equal(again.features, made.features);
	assert_refused(make_with(cluster, "nospace/once", 12 << 20, &made, &error), -ENOENT, error);
}

/* Whoever made it was killed after the name. */
static void a_making_that_was_cut_off_is_taken_up(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_made made = {.size = 0};
	struct error error = {0};

	assert_int_equal(make_with(cluster, "torn", 8 << 20, &made, &error), 1);
	admin("rados -p " MANAGED " rm rbd_header.%s", made.id);
	assert_int_equal(make_with(cluster, "torn", 12 << 20, &made, &error), 1);
	assert_int_equal(atoi(rbd_says("torn", ".size")), 12 << 20);
}

static void a_clone_is_made_and_flattened(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("cloned");
	struct image_plan plan = {.data_pool = "",
				  .parent = in_pool("golden@1"),
				  .features = 5,
				  .supported = UINT64_MAX};
	struct image_made made;
	struct error error = {0};

	assert_ok(make_managed(cluster, "golden", 16 << 20, &error), error);
	write_to("golden", 4 << 20, 4096);
	assert_refused(image_make(cluster, &name, &plan, &made, &error), -ENOENT, error);
	admin("rbd snap create " MANAGED "/golden@1 && rbd snap protect " MANAGED "/golden@1");
	assert_int_equal(image_make(cluster, &name, &plan, &made, &error), 1);
	assert_int_equal(made.size, 16 << 20);
	assert_string_equal(rbd_says("cloned", ".parent.image"), "golden");
	assert_ok(image_flatten(cluster, &name, NULL, &error), error);
	assert_string_equal(rbd_says("cloned", ".parent"), "null");
	assert_string_equal(asked("rbd export " MANAGED "/cloned - | cksum"),
			    asked("rbd export " MANAGED "/golden - | cksum"));
	assert_refused(image_flatten(cluster, &name, NULL, &error), -EINVAL, error);
}

static int count_up(void *context, uint64_t done, uint64_t total)
{
	assert_true(done <= total);
	++*(int *)context;
	return 0;
}

static void an_image_is_resized(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("sized");
	int calls = 0;
	const struct manage_way way = {.progress = count_up, .context = &calls};
	struct error error = {0};

	assert_ok(make_managed(cluster, "sized", 64 << 20, &error), error);
	write_to("sized", 60 << 20, 4096);
	assert_ok(image_resize(cluster, &name, 128 << 20, false, NULL, &error), error);
	assert_int_equal(atoi(rbd_says("sized", ".size")), 128 << 20);
	assert_ok(image_resize(cluster, &name, 128 << 20, false, NULL, &error), error);
	assert_refused(image_resize(cluster, &name, 32 << 20, false, NULL, &error), -EFBIG, error);
	assert_int_equal(atoi(rbd_says("sized", ".size")), 128 << 20);
	assert_ok(image_resize(cluster, &name, 32 << 20, true, &way, &error), error);
	assert_int_equal(atoi(rbd_says("sized", ".size")), 32 << 20);
	assert_true(calls > 0);
	assert_string_equal(asked("rados -p " MANAGED " ls | grep -c \"$(rbd info " MANAGED
				  "/sized --format json | jq -r .block_name_prefix)\" || true"),
			    "0");
}

static void who_is_watched_grows_but_does_not_shrink(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = {"kube", "", "watched-busy", ""};
	struct error error = {0};
	struct holder holder;

	admin("rbd create kube/watched-busy --size 64M --image-feature layering,exclusive-lock");
	holder = holder_start("watched-busy");
	assert_int_equal(holder_write(&holder), 4096);
	assert_ok(image_resize(cluster, &name, 128 << 20, false, NULL, &error), error);
	assert_refused(image_resize(cluster, &name, 64 << 20, true, NULL, &error), -EBUSY, error);
	assert_contains(error.text, "10.77.0.1:0/");
	assert_refused(image_remove(cluster, &name, NULL, &error), -EBUSY, error);
	assert_contains(error.text, "10.77.0.1:0/");
	assert_refused(image_features_off(cluster, &name, 4, NULL, &error), -EBUSY, error);
	assert_refused(trash_move(cluster, &name, 0, (char[IMAGE_ID_MAX]){""}, &error), -EBUSY,
		       error);
	assert_ok(snapshot_create(cluster, &(struct image_name){"kube", "", "watched-busy", "s"},
				  &error),
		  error);
	assert_refused(snapshot_rollback(cluster,
					 &(struct image_name){"kube", "", "watched-busy", "s"},
					 NULL, &error),
		       -EBUSY, error);
	assert_int_equal(holder_write(&holder), 4096);
	holder_kill(&holder);
}

static void an_image_is_removed(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("gone");
	struct error error = {0};

	assert_ok(make_managed(cluster, "gone", 64 << 20, &error), error);
	write_to("gone", 0, 4096);
	assert_ok(image_remove(cluster, &name, NULL, &error), error);
	assert_int_not_equal(tried("rbd info " MANAGED "/gone >/dev/null 2>&1"), 0);
	assert_refused(image_remove(cluster, &name, NULL, &error), -ENOENT, error);
}

static void an_image_with_snapshots_or_clones_stays(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("mother");
	struct error error = {0};

	assert_ok(make_managed(cluster, "mother", 8 << 20, &error), error);
	admin("rbd snap create " MANAGED "/mother@first; rbd snap create " MANAGED
	      "/mother@second");
	assert_refused(image_remove(cluster, &name, NULL, &error), -ENOTEMPTY, error);
	assert_contains(error.text, "2 snapshots: ");
	assert_contains(error.text, "first");
	/* a clone of format 2, whose snapshot is then in the trash */
	admin("ceph osd set-require-min-compat-client mimic; "
	      "rbd clone --rbd-default-clone-format 2 " MANAGED "/mother@first " MANAGED
	      "/space/daughter; rbd snap rm " MANAGED "/mother@first; "
	      "rbd snap rm " MANAGED "/mother@second");
	assert_refused(image_remove(cluster, &name, NULL, &error), -ENOTEMPTY, error);
	assert_contains(error.text, MANAGED "/space/daughter");
	admin("rbd rm " MANAGED "/space/daughter");
	assert_ok(image_remove(cluster, &name, NULL, &error), error);
}

static int stop_late(void *context, uint64_t done, uint64_t total)
{
	return done * 2 > total;
}

/* What an interrupted removal leaves is taken up by the next one. */
static void a_removal_can_be_ended_and_taken_up(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("half");
	const struct manage_way way = {.progress = stop_late};
	struct image_page page = {0};
	struct error error = {0};

	assert_ok(make_managed(cluster, "half", 4ULL << 30, &error), error);
	write_to("half", 0, 4096);
	assert_refused(image_remove(cluster, &name, &way, &error), -ECANCELED, error);
	assert_string_equal(asked("rbd ls " MANAGED " | grep -x half"), "half");
	assert_ok(image_list(cluster, &name, "half", "", 0, &page, &error), error);
	assert_int_equal(page.count, 1);
	image_page_done(&page);
	assert_ok(image_remove(cluster, &name, NULL, &error), error);
	assert_string_equal(asked("rbd ls " MANAGED " | grep -x half || true"), "");
	assert_string_equal(asked("rbd trash ls --all " MANAGED), "");
}

static const char *features_of(const char *image)
{
	return rbd_says(image, ".features | join(\",\")");
}

static uint64_t named(const char *text)
{
	struct error error = {0};
	uint64_t features;

	assert_ok(image_features_named(text, &features, &error), error);
	return features;
}

static void features_are_switched_in_any_order(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("switched");
	struct error error = {0};
	uint64_t changed = 0;

	admin("rbd create " MANAGED "/switched --size 8M --image-feature layering,exclusive-lock,"
	      "object-map,fast-diff,deep-flatten");
	/* the article's own line */
	assert_ok(image_features_off(cluster, &name,
				     named("exclusive-lock object-map fast-diff deep-flatten"),
				     &changed, &error),
		  error);
	assert_string_equal(features_of("switched"), "layering");
	assert_int_equal(changed, named("deep-flatten,fast-diff,object-map,exclusive-lock"));
	assert_ok(image_features_off(cluster, &name, named("object-map, journaling"), &changed,
				     &error),
		  error);
	assert_int_equal(changed, 0);
	assert_ok(image_features_on(cluster, &name, named("fast-diff"), &changed, &error), error);
	assert_string_equal(features_of("switched"),
			    "layering,exclusive-lock,object-map,fast-diff");
	assert_int_equal(changed, named("exclusive-lock object-map fast-diff"));
	assert_ok(image_features_on(cluster, &name, named("journaling exclusive-lock"), &changed,
				    &error),
		  error);
	assert_int_equal(changed, named("journaling"));
	assert_ok(image_features_off(cluster, &name, named("exclusive-lock"), &changed, &error),
		  error);
	assert_string_equal(features_of("switched"), "layering");
}

static void what_cannot_be_switched_is_named(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("switched");
	struct error error = {0};

	assert_refused(image_features_off(cluster, &name, named("layering"), NULL, &error),
		       -ENOTSUP, error);
	assert_contains(error.text, "layering");
	assert_refused(image_features_on(cluster, &name, named("exclusive-lock,deep-flatten"), NULL,
					 &error),
		       -ENOTSUP, error);
	assert_contains(error.text, "deep-flatten");
	assert_string_equal(features_of("switched"), "layering");
	assert_refused(image_features_on(cluster, &name, named("striping"), NULL, &error), -ENOTSUP,
		       error);
}

static void journaling_of_a_mirrored_image_stays(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("mirrored");
	struct error error = {0};

	admin("rbd mirror pool enable " MANAGED " image && rbd create " MANAGED
	      "/mirrored --size 8M --image-feature exclusive-lock,journaling && "
	      "rbd mirror image enable " MANAGED "/mirrored journal");
	assert_refused(image_features_off(cluster, &name, named("journaling"), NULL, &error),
		       -ENOTSUP, error);
	assert_refused(image_features_off(cluster, &name, named("exclusive-lock"), NULL, &error),
		       -ENOTSUP, error);
	assert_string_equal(features_of("mirrored"), "exclusive-lock,journaling");
	admin("rbd mirror image disable " MANAGED "/mirrored && rbd rm " MANAGED "/mirrored && "
	      "rbd mirror pool disable " MANAGED);
}

static void a_record_is_taken_off(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager(), *driver = NULL;
	const struct image_name name = in_pool("recorded");
	struct image_info info;
	struct error error = {0};

	assert_ok(make_managed(cluster, "recorded", 8 << 20, &error), error);
	assert_int_equal(image_clear_record(cluster, &name, IMAGE_RECORD_FORMAT, &error), 0);
	driver = connected(MANAGED, MANAGED, "");
	assert_ok(image_write_record(driver, header_of(driver, "recorded").id, IMAGE_RECORD_FORMAT,
				     "formatted x", &error),
		  error);
	assert_ok(image_write_record(driver, header_of(driver, "recorded").id, IMAGE_RECORD_HOLDER,
				     "y", &error),
		  error);
	assert_int_equal(image_clear_record(cluster, &name, IMAGE_RECORD_FORMAT, &error), 1);
	assert_ok(image_info(cluster, &name, &info, &error), error);
	assert_string_equal(info.record_format, "");
	assert_string_equal(info.record_holder, "y");
}

static void records_stay_while_somebody_has_the_image_open(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = {"kube", "", "record-busy", ""};
	struct error error = {0};
	struct holder holder;

	admin("rbd create kube/record-busy --size 64M --image-feature layering,exclusive-lock && "
	      "rados -p kube setxattr rbd_header.$(rbd info kube/record-busy --format json | "
	      "jq -r .id) " IMAGE_RECORD_HOLDER " x");
	holder = holder_start("record-busy");
	assert_int_equal(holder_write(&holder), 4096);
	assert_refused(image_clear_record(cluster, &name, IMAGE_RECORD_HOLDER, &error), -EBUSY,
		       error);
	assert_contains(error.text, "10.77.0.1:0/");
	assert_refused(image_clear_record(cluster, &name, IMAGE_RECORD_FORMAT, &error), -EBUSY,
		       error);
	holder_kill(&holder);
	assert_string_equal(asked("rados -p kube getxattr rbd_header.$(rbd info kube/record-busy "
				  "--format json | jq -r .id) " IMAGE_RECORD_HOLDER),
			    "x");
}

/* Somebody writes the record anew between the look and the removal. */
static typeof(rados_write_op_cmpxattr) *compare;
static char write_anew[256];

static void compare_late(rados_write_op_t op, const char *name, uint8_t how, const char *value,
			 size_t length)
{
	(void)tried("%s", write_anew);
	compare(op, name, how, value, length);
}

static void a_record_that_was_just_written_stays(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct image_name name = in_pool("raced");
	struct image_info info;
	struct error error = {0};

	assert_ok(make_managed(cluster, "raced", 8 << 20, &error), error);
	admin("rados -p " MANAGED " setxattr rbd_header.%s " IMAGE_RECORD_HOLDER " older",
	      rbd_says("raced", ".id"));
	(void)snprintf(write_anew, sizeof(write_anew),
		       "rados -p " MANAGED " setxattr rbd_header.%s " IMAGE_RECORD_HOLDER " newer",
		       rbd_says("raced", ".id"));
	compare = rados.rados_write_op_cmpxattr;
	rados.rados_write_op_cmpxattr = compare_late;
	assert_refused(image_clear_record(cluster, &name, IMAGE_RECORD_HOLDER, &error), -EBUSY,
		       error);
	rados.rados_write_op_cmpxattr = compare;
	assert_ok(image_info(cluster, &name, &info, &error), error);
	assert_string_equal(info.record_holder, "newer");
}

const struct CMUnitTest manage_change_tests[] = {
	UNIT("an image is made once, and a repeated call finds it", an_image_is_made_once),
	UNIT("a making that was cut off is taken up", a_making_that_was_cut_off_is_taken_up),
	UNIT("a clone is made and flattened", a_clone_is_made_and_flattened),
	UNIT("an image is resized, smaller only where that is allowed", an_image_is_resized),
	UNIT("who is watched may grow and be snapshot, but is neither made smaller nor removed",
	     who_is_watched_grows_but_does_not_shrink),
	UNIT("an image is removed", an_image_is_removed),
	UNIT("an image with snapshots or clones stays", an_image_with_snapshots_or_clones_stays),
	UNIT("a removal can be ended and taken up", a_removal_can_be_ended_and_taken_up),
	UNIT("features are switched in any order, with what hangs on them",
	     features_are_switched_in_any_order),
	UNIT("what cannot be switched is named, and nothing else is",
	     what_cannot_be_switched_is_named),
	UNIT("journaling of a mirrored image stays", journaling_of_a_mirrored_image_stays),
	UNIT("a record is taken off an image", a_record_is_taken_off),
	UNIT("records stay while somebody has the image open",
	     records_stay_while_somebody_has_the_image_open),
	UNIT("a record that was written just now stays", a_record_that_was_just_written_stays),
};
const size_t manage_change_tests_count =
	sizeof(manage_change_tests) / sizeof(manage_change_tests[0]);
