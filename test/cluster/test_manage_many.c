/* SPDX-License-Identifier: Apache-2.0 */
/* Many at once on one connection, many images, and a cluster that falls silent. */
#include "manage.h"

#include <pthread.h>
#include <stdatomic.h>

#define THREADS 16
#define IMAGES  1000

struct crowd {
	struct cluster *cluster;
	void (*work)(struct crowd *crowd, int i);
	int count;
	atomic_int next;
	atomic_int failed;
};

/* Assertions of cmocka belong to the thread of the test: these say what went wrong. */
static void check(struct crowd *crowd, int r, int wanted, const struct error *error)
{
	if (r != wanted) {
		crowd->failed++;
		print_message("# %d instead of %d: %s\n", r, wanted, r < 0 ? error->text : "");
	}
}

static void *join_in(void *argument)
{
	struct crowd *crowd = argument;
	int i;

	while ((i = crowd->next++) < crowd->count)
		crowd->work(crowd, i);
	return NULL;
}

static void all_at_once(struct cluster *cluster, int count, void (*work)(struct crowd *, int))
{
	struct crowd crowd = {.cluster = cluster, .work = work, .count = count};
	pthread_t threads[THREADS];

	for (int i = 0; i < THREADS; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, join_in, &crowd), 0);
	for (int i = 0; i < THREADS; i++)
		pthread_join(threads[i], NULL);
	assert_int_equal(crowd.failed, 0);
}

/* Threads work in two pools and a namespace at the same time. */
static struct image_name numbered(int i, char text[32])
{
	static const char *const spaces[][2] = {{MANAGED, ""}, {MANAGED, "space"}, {"kube", ""}};
	const char *const *place = spaces[i % 3];

	(void)snprintf(text, 32, "crowd-%d", i);
	return (struct image_name){place[0], place[1], text, ""};
}

static uint64_t size_of(int i)
{
	return (uint64_t)(4 + i) << 20;
}

static int make_one(struct cluster *cluster, const struct image_name *name, uint64_t size,
		    struct image_made *made, struct error *error)
{
	const struct image_plan plan = {
		.size = size, .features = 5, .data_pool = "", .supported = UINT64_MAX};

	return image_make(cluster, name, &plan, made, error);
}

static void live_a_life(struct crowd *crowd, int i)
{
	char text[32];
	struct image_name name = numbered(i, text), snapshot = name;
	struct image_extents_wish wish = {.with_parent = false};
	struct image_made made = {.size = 0};
	struct image_info info = {.size = 0};
	struct image_extents extents = {.bytes = 1};
	struct error error = {0};

	snapshot.snapshot = "s";
	check(crowd, make_one(crowd->cluster, &name, size_of(i), &made, &error), 1, &error);
	check(crowd, image_info(crowd->cluster, &name, &info, &error), 0, &error);
	check(crowd, info.size == size_of(i) && str_eq(info.id, made.id), 1, &error);
	check(crowd, image_resize(crowd->cluster, &name, size_of(i) * 2, false, NULL, &error), 0,
	      &error);
	check(crowd, snapshot_create(crowd->cluster, &snapshot, &error), 0, &error);
	check(crowd, image_remove(crowd->cluster, &name, NULL, &error), -ENOTEMPTY, &error);
	check(crowd, snapshot_remove(crowd->cluster, &snapshot, NULL, &error), 0, &error);
	check(crowd, image_extents(crowd->cluster, &name, &wish, &extents, &error), 0, &error);
	check(crowd, extents.bytes == 0 && extents.size == size_of(i) * 2, 1, &error);
	check(crowd, image_remove(crowd->cluster, &name, NULL, &error), 0, &error);
	check(crowd, image_info(crowd->cluster, &name, &info, &error), -ENOENT, &error);
}

static void sixteen_threads_share_a_connection(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();

	all_at_once(cluster, 3 * THREADS, live_a_life);
	assert_false(cluster_is_stuck(cluster));
	assert_string_equal(asked("{ rbd ls " MANAGED "; rbd ls " MANAGED
				  "/space; rbd ls kube; } | "
				  "grep crowd || true"),
			    "");
}

static atomic_int made_it;

static void make_the_same(struct crowd *crowd, int i)
{
	const struct image_name name = {MANAGED, "", "the-same", ""};
	struct image_made made = {.size = 0};
	struct error error = {0};
	int r = make_one(crowd->cluster, &name, 8 << 20, &made, &error);

	check(crowd, r == 0 || r == 1, 1, &error);
	check(crowd, made.size == 8 << 20, 1, &error);
	made_it += r == 1;
}

static void one_of_many_makes_an_image_and_all_find_it(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = manager();

	made_it = 0;
	all_at_once(cluster, 2 * THREADS, make_the_same);
	assert_int_equal(made_it, 1);
}

static void make_of_many(struct crowd *crowd, int i)
{
	char text[32];
	const struct image_name name = {"many", "", text, ""};
	struct image_made made;
	struct error error = {0};

	(void)snprintf(text, sizeof(text), "image-%04d", i);
	check(crowd, make_one(crowd->cluster, &name, 4 << 20, &made, &error), 1, &error);
}

static void a_thousand_images_are_listed_in_pages(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");
	const struct image_name where = {"many", "", "", ""};
	struct image_page page = {.more = true};
	struct error error = {0};
	char after[MANAGE_NAME_MAX] = "", name[32];
	int seen = 0;

	admin("ceph osd pool create many 8 && rbd pool init many");
	all_at_once(cluster, IMAGES, make_of_many);
	while (page.more) {
		assert_ok(image_list(cluster, &where, "", after, 300, &page, &error), error);
		for (size_t i = 0; i < page.count; i++, seen++) {
			(void)snprintf(name, sizeof(name), "image-%04d", seen);
			assert_string_equal(page.list[i].name, name);
		}
		(void)str_copy(after, sizeof(after), name);
		assert_int_equal(page.count, seen < IMAGES ? 300 : IMAGES % 300);
		image_page_done(&page);
		page.more = seen < IMAGES;
	}
	assert_int_equal(seen, IMAGES);
}

/* One read of the directory, against one image after the other. */
static void a_list_opens_no_image(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected_as("admin");
	const struct image_name where = {"many", "", "", ""};
	_cleanup_image_page_ struct image_page page = {0};
	struct error error = {0};
	int64_t start = deadline_now(), listed, detailed;

	assert_ok(image_list(cluster, &where, "", "", 0, &page, &error), error);
	listed = deadline_now() - start;
	start = deadline_now();
	assert_ok(image_list_details(cluster, &where, &page, NULL, &error), error);
	detailed = deadline_now() - start;
	print_message("# %zu images: list %lld ms, details %lld ms\n", page.count,
		      (long long)listed, (long long)detailed);
	assert_int_equal(page.count, IMAGES);
	for (size_t i = 0; i < page.count; i++)
		assert_true(page.list[i].known && page.list[i].size == 4 << 20 &&
			    page.list[i].features == 5 && page.list[i].watchers == 0);
	assert_true(listed * 5 < detailed);
}

static void a_connection_has_several_owners(void **state)
{
	struct cluster *cluster = manager(), *other = cluster_keep(cluster);
	struct error error = {0};

	cluster_close(cluster);
	assert_ok(cluster_ping(other, deadline_in(TIMEOUT), &error), error);
	assert_false(cluster_is_stuck(other));
	cluster_close(other);
}

/* Whatever has failed: the next tests find a cluster that answers. */
static int wake_all(void **state)
{
	(void)tried("\"$LAB_COMMAND\" mon resume a; \"$LAB_COMMAND\" osd resume 0");
	return 0;
}

#define UNIT_WAKES(sentence, function)                   \
	{                                                \
		sentence, function, NULL, wake_all, NULL \
	}

/* A kept connection, as rbd-rest has it, while the monitor is silent and when it is back. */
static void a_silent_monitor_is_seen_and_forgotten(void **state)
{
	struct cluster_access access = access_of(MANAGED);
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct pool_entry entry;
	struct error error = {0};
	const struct image_name name = in_pool("the-same");
	struct image_info info;
	int64_t start;

	access.threads = 16;
	assert_ok(cluster_connect(&access, 4000, &cluster, &error), error);
	assert_ok(cluster_ping(cluster, deadline_in(TIMEOUT), &error), error);
	lab("mon pause a");
	start = deadline_now();
	assert_refused(cluster_ping(cluster, deadline_in(500), &error), -ETIMEDOUT, error);
	assert_refused(cluster_ping(cluster, deadline_in(500), &error), -ETIMEDOUT, error);
	assert_refused(pool_find(cluster, "nopool", &entry, &error), -ETIMEDOUT, error);
	assert_in_range(deadline_now() - start, 500, 20000);
	assert_true(cluster_is_stuck(cluster));
	/* whoever asks the OSDs only is not held up */
	assert_ok(image_info(cluster, &name, &info, &error), error);
	lab("mon resume a");
	for (int i = 0; i < 600 && cluster_is_stuck(cluster); i++)
		deadline_pause(100, deadline_in(1000));
	assert_false(cluster_is_stuck(cluster));
	assert_ok(cluster_ping(cluster, deadline_in(TIMEOUT), &error), error);
}

static void a_silent_osd_ends_a_long_operation(void **state)
{
	struct cluster_access access = access_of(MANAGED);
	_cleanup_cluster_ struct cluster *cluster = NULL;
	const struct image_name name = in_pool("the-same");
	struct manage_way way = {.deadline = {0}};
	struct image_extents_wish wish = {.way = way};
	struct image_extents extents;
	struct image_page page = {0};
	struct error error = {0};
	int64_t start;

	access.threads = 16;
	assert_ok(cluster_connect(&access, 4000, &cluster, &error), error);
	lab("osd pause 0");
	start = deadline_now();
	assert_refused(image_list(cluster, &name, "", "", 0, &page, &error), -ETIMEDOUT, error);
	wish.way.deadline = deadline_in(3000);
	assert_refused(image_extents(cluster, &name, &wish, &extents, &error), -ETIMEDOUT, error);
	way.deadline = deadline_in(3000);
	assert_refused(image_resize(cluster, &name, 16 << 20, false, &way, &error), -ETIMEDOUT,
		       error);
	assert_in_range(deadline_now() - start, 2000, 40000);
	resume_osd();
}

const struct CMUnitTest manage_many_tests[] = {
	UNIT("sixteen threads share a connection, in two pools and a namespace",
	     sixteen_threads_share_a_connection),
	UNIT("one of many makes an image, and all find it",
	     one_of_many_makes_an_image_and_all_find_it),
	UNIT("a thousand images are listed in pages", a_thousand_images_are_listed_in_pages),
	UNIT("a list opens no image", a_list_opens_no_image),
	UNIT("a connection has several owners", a_connection_has_several_owners),
	UNIT_WAKES("a silent monitor is seen, and forgotten when it is back",
		   a_silent_monitor_is_seen_and_forgotten),
	UNIT_WAKES("a silent OSD ends a long operation", a_silent_osd_ends_a_long_operation),
};
const size_t manage_many_tests_count = sizeof(manage_many_tests) / sizeof(manage_many_tests[0]);
