/* SPDX-License-Identifier: Apache-2.0 */
/* Each cap of the driver's user taken away: what fails says which one it is, and how to set it. */
#include "cluster.h"

#include "base/str.h"

#define MON    "mon 'profile rbd'"
#define OSD    "osd 'profile rbd pool=kube'"
#define ALL_OF "`ceph auth caps client.less mon 'profile rbd' osd 'profile rbd pool=kube'`"

enum step { READ, WATCHERS, MAKE, RECORD, GROW, FEATURES, FENCE, STEPS };

static const char *const names[STEPS] = {"read the header",
					 "ask the watchers",
					 "make an image",
					 "write a record",
					 "grow",
					 "take features",
					 "fence"};

/* Every step of a volume's way that asks the cluster. */
static int step(enum step step, struct cluster *cluster, struct error *error)
{
	struct image_header header = {.features = 0x45};
	struct watchers watchers;
	const char *id = asked("rbd info kube/capped --format json | jq -r .id");

	*error = (struct error){0};
	switch (step) {
	case READ:
		return image_read_header(cluster, "capped", &header, error);
	case WATCHERS:
		return watchers_ask(cluster, id, 1000, &watchers, error);
	case MAKE:
		return make_image(cluster, "with-less", 4 << 20, error);
	case RECORD:
		return image_write_record(cluster, id, IMAGE_RECORD_HOLDER, "x", error);
	case GROW:
		return image_grow(cluster, "capped", 64 << 20, error);
	case FEATURES:
		return image_fit_features(cluster, "capped", &header, 0x1bf, error);
	case FENCE:
		return cluster_fence(cluster, "10.99.0.1:0/1", 60, id, error);
	default:
		return 0;
	}
}

#define BIT(step) (1U << (step))

/* With these caps exactly the steps of `denied` fail, and what they say names `lacking`. */
static void with_caps(const char *caps, unsigned int denied, const char *lacking)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error;

	admin("rbd rm kube/capped; rbd rm kube/with-less; rbd create kube/capped --size 8M --image-feature "
	      "layering,exclusive-lock,journaling");
	user_with("less", caps);
	cluster = connected("less", "kube", "");
	for (int i = 0; i < STEPS; i++) {
		int r = step((enum step)i, cluster, &error);

		print_message("# %s: %s: %d %s -- %s\n", caps, names[i], r, error.text,
			      error.advice);
		if (!(denied & BIT(i))) {
			assert_ok(r, error);
			continue;
		}
		if (r == -ETIMEDOUT && !strstr(caps, "osd")) {
			/* the OSDs of 18.2 do not let such a user in at all */
			assert_contains(error.advice, "`ceph auth get client.less`");
			return;
		}
		assert_true(r == -EPERM || r == -EACCES);
		assert_contains(error.text, "client.less");
		assert_contains(error.text, lacking);
		assert_contains(error.advice, ALL_OF);
	}
}

static void all_caps_do(void **state)
{
	with_caps(MON " " OSD, 0, "");
}

static void without_a_monitor_cap_nobody_connects(void **state)
{
	struct cluster *cluster = NULL;
	struct cluster_access access;
	struct error error;

	user_with("less", OSD);
	access = access_of("less");
	assert_refused(cluster_connect(&access, TIMEOUT, &cluster, &error), -EACCES, error);
	assert_contains(error.text, "client.less");
	assert_contains(error.text, "mon 'profile rbd'");
	assert_contains(error.advice, "ceph auth get client.less");
}

static void without_the_monitors_profile_nobody_is_fenced(void **state)
{
	with_caps("mon 'allow r' " OSD, BIT(FENCE), "mon 'profile rbd'");
}

static void without_an_osd_cap_nothing_is_read(void **state)
{
	/* fenced, but not proven */
	with_caps(MON, BIT(STEPS) - 1, "osd 'profile rbd pool=kube'");
}

static void a_cap_on_another_pool_is_none(void **state)
{
	with_caps(MON " osd 'profile rbd pool=other'", BIT(STEPS) - 1,
		  "osd 'profile rbd pool=kube'");
}

static void without_class_methods_no_header_is_read(void **state)
{
	with_caps(MON " osd 'allow rw pool=kube'",
		  BIT(READ) | BIT(MAKE) | BIT(GROW) | BIT(FEATURES) | BIT(FENCE),
		  "osd 'profile rbd pool=kube'");
}

static void who_may_only_read_changes_nothing(void **state)
{
	with_caps(MON " osd 'profile rbd-read-only pool=kube'",
		  BIT(MAKE) | BIT(RECORD) | BIT(GROW) | BIT(FEATURES),
		  "osd 'profile rbd pool=kube'");
}

const struct CMUnitTest caps_tests[] = {
	UNIT("all the caps of the README do", all_caps_do),
	UNIT("without a cap for the monitors nobody connects",
	     without_a_monitor_cap_nobody_connects),
	UNIT("without the monitors' profile rbd nobody is fenced, and that is said",
	     without_the_monitors_profile_nobody_is_fenced),
	UNIT("without a cap for the OSDs nothing is read, and that is said",
	     without_an_osd_cap_nothing_is_read),
	UNIT("a cap on another pool is none", a_cap_on_another_pool_is_none),
	UNIT("without the class's methods no header is read, and that is said",
	     without_class_methods_no_header_is_read),
	UNIT("who may only read changes nothing, and is told why",
	     who_may_only_read_changes_nothing),
};
const size_t caps_tests_count = ARRAY_SIZE(caps_tests);
