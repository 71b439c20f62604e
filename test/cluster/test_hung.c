/* SPDX-License-Identifier: Apache-2.0 */
/* A cluster that stops in the middle: every call comes back in time. The last tests of all. */
#include "cluster.h"

/* ms, that a busy machine may add to a time-out; without one nothing would come at all */
#define BUSY 5000

static void in_time(const char *what, int r, int64_t start, int64_t limit, struct error *error)
{
	print_message("# %s: %lld ms: %s\n", what, (long long)(deadline_now() - start),
		      error->text);
	assert_int_equal(r, -ETIMEDOUT);
	assert_int_equal(error->code, -ETIMEDOUT);
	assert_in_range(deadline_now() - start, 0, limit + BUSY);
}

#define TIMED(call, limit)                                 \
	do {                                               \
		int64_t start_ = deadline_now();           \
		struct error error = {0};                  \
		int r_ = (call);                           \
		in_time(#call, r_, start_, limit, &error); \
	} while (0)

static struct cluster *impatient(void)
{
	struct cluster_access access = access_of("kube");
	struct cluster *cluster = NULL;
	struct error error = {0};

	assert_ok(cluster_connect(&access, 2000, &cluster, &error), error);
	assert_ok(cluster_use_pool(cluster, "kube", "", &error), error);
	return cluster;
}

static void a_hung_osd_holds_nobody_up(void **state)
{
	struct cluster *cluster = impatient();
	struct image_header header;
	struct watchers watchers;

	admin("rbd create kube/hang --size 64M --image-feature layering,exclusive-lock,journaling");
	header = header_of(cluster, "hang");
	lab("osd pause 0");
	TIMED(image_read_header(cluster, "hang", &header, &error), 4000);
	TIMED(image_is_empty(cluster, "hang", deadline_in(1000), &error), 2000);
	TIMED(image_write_record(cluster, "1", IMAGE_RECORD_FORMAT, "x", &error), 4000);
	TIMED(watchers_ask(cluster, "1", 1000, &watchers, &error), 5000);
	TIMED(make_image(cluster, "hang2", 1 << 22, &error), 14000);
	cluster_close(cluster);
	resume_osd();
}

static void a_hung_monitor_holds_nobody_up(void **state)
{
	struct cluster_access access = access_of("kube");
	struct cluster *cluster = impatient(), *other = NULL;

	lab("mon pause a");
	TIMED(cluster_connect(&access, 2000, &other, &error), 5000);
	/* this one waits for the newest osdmap, without a time-out of its own */
	TIMED(cluster_use_pool(cluster, "nopool", "", &error), 4000);
	TIMED(cluster_fence(cluster, "10.99.0.1:0/9", 60, "1", &error), 6000);
	cluster_close(cluster);
	lab("mon resume a");
}

const struct CMUnitTest hung_tests[] = {
	UNIT("a hung OSD holds nobody up", a_hung_osd_holds_nobody_up),
	UNIT("a hung monitor holds nobody up", a_hung_monitor_holds_nobody_up),
};
const size_t hung_tests_count = sizeof(hung_tests) / sizeof(hung_tests[0]);
