/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots and the trash. */
#include "manage.h"

#include <time.h>

static void snapshots_are_made_and_listed(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_free_ struct snapshot_entry *list = NULL;
	struct image_name name = in_pool("film@first");
	struct error error = {0};
	size_t count;

	assert_ok(make_managed(cluster, "film", 8 << 20, &error), error);
	assert_ok(snapshot_create(cluster, &name, &error), error);
	assert_refused(snapshot_create(cluster, &name, &error), -EEXIST, error);
	assert_ok(image_resize(cluster, &name, 16 << 20, false, NULL, &error), error);
	name.snapshot = "a-second";
	assert_ok(snapshot_create(cluster, &name, &error), error);
	assert_ok(snapshot_protect(cluster, &name, &error), error);
	assert_ok(snapshot_protect(cluster, &name, &error), error);
	assert_ok(snapshot_list(cluster, &name, &list, &count, &error), error);
	assert_int_equal(count, 2);
	assert_string_equal(list[0].name, "first");
	assert_string_equal(list[0].kind, "user");
	assert_int_equal(list[0].size, 8 << 20);
	assert_false(list[0].is_protected);
	assert_string_equal(list[1].name, "a-second");
	assert_int_equal(list[1].size, 16 << 20);
	assert_true(list[1].is_protected);
	assert_in_range(list[1].created, time(NULL) - 600, time(NULL) + 1);
	assert_int_equal(list[1].id, atoi(asked("rbd snap ls " MANAGED "/film --format json | "
						"jq '.[1].id'")));
	name.snapshot = "";
	assert_refused(snapshot_create(cluster, &name, &error), -EINVAL, error);
}

static void a_protected_snapshot_stays(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_name name = in_pool("film@a-second");
	struct error error = {0};

	assert_refused(snapshot_remove(cluster, &name, NULL, &error), -EBUSY, error);
	admin("rbd clone --rbd-default-clone-format 1 " MANAGED "/film@a-second " MANAGED
	      "/sequel");
	assert_refused(snapshot_unprotect(cluster, &name, &error), -EBUSY, error);
	assert_contains(error.text, MANAGED "/sequel");
	admin("rbd rm " MANAGED "/sequel");
	assert_ok(snapshot_unprotect(cluster, &name, &error), error);
	assert_ok(snapshot_unprotect(cluster, &name, &error), error);
	assert_ok(snapshot_remove(cluster, &name, NULL, &error), error);
	assert_string_equal(asked("rbd snap ls " MANAGED "/film --format json | jq -r '.[].name'"),
			    "first");
	assert_refused(snapshot_remove(cluster, &name, NULL, &error), -ENOENT, error);
	assert_contains(error.advice, "first");
}

/* It lives on in the trash of the image's snapshots, where its clone needs it. */
static void a_snapshot_with_a_new_clone_goes_to_the_trash(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_free_ struct snapshot_entry *list = NULL;
	struct image_name name = in_pool("film@first");
	struct error error = {0};
	size_t count;

	admin("ceph osd set-require-min-compat-client mimic; rbd clone --rbd-default-clone-format "
	      "2 " MANAGED "/film@first " MANAGED "/remake");
	assert_ok(snapshot_remove(cluster, &name, NULL, &error), error);
	assert_ok(snapshot_list(cluster, &name, &list, &count, &error), error);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].kind, "trash");
	assert_false(list[0].is_protected);
	admin("rbd rm " MANAGED "/remake");
}

static int count_up(void *context, uint64_t done, uint64_t total)
{
	++*(int *)context;
	return 0;
}

static void an_image_is_rolled_back(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_name name = in_pool("ledger@before");
	int calls = 0;
	const struct manage_way way = {.progress = count_up, .context = &calls};
	struct error error = {0};
	char before[64];

	assert_ok(make_managed(cluster, "ledger", 8 << 20, &error), error);
	write_to("ledger", 4096, 4096);
	assert_int_equal(
		str_copy(before, sizeof(before), asked("rbd export " MANAGED "/ledger - | cksum")),
		0);
	assert_ok(snapshot_create(cluster, &name, &error), error);
	write_to("ledger", 0, 1 << 20);
	assert_ok(image_resize(cluster, &name, 16 << 20, false, NULL, &error), error);
	assert_ok(snapshot_rollback(cluster, &name, &way, &error), error);
	assert_true(calls > 0);
	assert_string_equal(asked("rbd export " MANAGED "/ledger - | cksum"), before);
	name.snapshot = "nothing";
	assert_refused(snapshot_rollback(cluster, &name, NULL, &error), -ENOENT, error);
}

static void an_image_goes_to_the_trash_and_comes_back(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	_cleanup_free_ struct trash_entry *list = NULL;
	struct image_name name = in_pool("space/thrown");
	struct error error = {0};
	char id[IMAGE_ID_MAX], of_image[IMAGE_ID_MAX];
	size_t count;

	assert_ok(make_managed(cluster, "space/thrown", 8 << 20, &error), error);
	assert_int_equal(str_copy(of_image, sizeof(of_image), rbd_says("space/thrown", ".id")), 0);
	assert_ok(trash_move(cluster, &name, 3600, id, &error), error);
	assert_string_equal(id, of_image);
	assert_ok(trash_list(cluster, &name, &list, &count, &error), error);
	assert_int_equal(count, 1);
	assert_string_equal(list[0].id, id);
	assert_string_equal(list[0].name, "thrown");
	assert_string_equal(list[0].source, "user");
	assert_in_range(list[0].deleted, time(NULL) - 600, time(NULL) + 1);
	assert_in_range(list[0].deferred_until - list[0].deleted, 3590, 3610);
	assert_refused(trash_move(cluster, &name, 0, id, &error), -ENOENT, error);
	assert_ok(make_managed(cluster, "space/thrown", 8 << 20, &error), error);
	assert_refused(trash_restore(cluster, &name, of_image, "", &error), -EEXIST, error);
	assert_ok(trash_restore(cluster, &name, of_image, "caught", &error), error);
	assert_string_equal(rbd_says("space/caught", ".id"), of_image);
	assert_refused(trash_restore(cluster, &name, of_image, "", &error), -ENOENT, error);
}

static void what_has_too_long_a_name_is_not_said_to_be_done(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	const struct manage_way way = {.deadline = deadline_in(TIMEOUT)};
	struct image_name name = in_pool("space/any");
	struct error error = {0};
	char id[IMAGE_ID_MAX], image[301];

	memset(image, 'a', sizeof(image) - 1);
	image[sizeof(image) - 1] = '\0';
	admin("rbd create " MANAGED "/space/%s --size 8M", image);
	assert_int_equal(
		str_copy(id, sizeof(id),
			 asked("rbd info --format json " MANAGED "/space/%s | jq -r .id", image)),
		0);
	admin("rbd trash mv " MANAGED "/space/%s", image);
	assert_refused(trash_restore(cluster, &name, id, "", &error), -ENAMETOOLONG, error);
	assert_refused(trash_remove(cluster, &name, id, false, &way, &error), -ENAMETOOLONG, error);
	admin("rbd trash rm " MANAGED "/space/%s", id);
}

static void what_is_kept_is_not_removed_before_its_time(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_name name = in_pool("space/caught");
	struct error error = {0};
	char id[IMAGE_ID_MAX];

	assert_ok(trash_move(cluster, &name, 3600, id, &error), error);
	assert_refused(trash_remove(cluster, &name, id, false, NULL, &error), -EAGAIN, error);
	assert_ok(trash_remove(cluster, &name, id, true, NULL, &error), error);
	assert_refused(trash_remove(cluster, &name, id, true, NULL, &error), -ENOENT, error);
	name = in_pool("space/thrown");
	assert_ok(trash_move(cluster, &name, 0, id, &error), error);
	assert_ok(trash_remove(cluster, &name, id, false, NULL, &error), error);
	assert_string_equal(asked("rbd trash ls --all " MANAGED "/space"), "");
}

static void an_image_in_the_trash_with_snapshots_stays(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();
	struct image_name name = in_pool("ledger");
	struct error error = {0};
	char id[IMAGE_ID_MAX];

	assert_ok(trash_move(cluster, &name, 0, id, &error), error);
	assert_refused(trash_remove(cluster, &name, id, true, NULL, &error), -ENOTEMPTY, error);
	assert_contains(error.text, "before");
	assert_ok(trash_restore(cluster, &name, id, "", &error), error);
	admin("rbd snap ls " MANAGED "/ledger | grep before");
}

const struct CMUnitTest manage_snapshot_tests[] = {
	UNIT("snapshots are made and listed", snapshots_are_made_and_listed),
	UNIT("a protected snapshot stays, and the clones that hang on it are named",
	     a_protected_snapshot_stays),
	UNIT("a snapshot with a clone of format 2 goes to the trash",
	     a_snapshot_with_a_new_clone_goes_to_the_trash),
	UNIT("an image is rolled back", an_image_is_rolled_back),
	UNIT("an image goes to the trash and comes back",
	     an_image_goes_to_the_trash_and_comes_back),
	UNIT("what has too long a name is not said to be done",
	     what_has_too_long_a_name_is_not_said_to_be_done),
	UNIT("what is kept in the trash is not removed before its time",
	     what_is_kept_is_not_removed_before_its_time),
	UNIT("an image in the trash that has snapshots stays",
	     an_image_in_the_trash_with_snapshots_stays),
};
const size_t manage_snapshot_tests_count =
	sizeof(manage_snapshot_tests) / sizeof(manage_snapshot_tests[0]);
