/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "ceph/features.h"
#include "ceph/image.h"

/* ceph: src/include/rbd/features.h */
enum {
	LAYERING = 0x1,
	STRIPING = 0x2,
	LOCK = 0x4,
	OBJECT_MAP = 0x8,
	FAST_DIFF = 0x10,
	DEEP_FLATTEN = 0x20,
	JOURNALING = 0x40,
	DATA_POOL = 0x80,
	OPERATIONS = 0x100,
	MIGRATING = 0x200,
	ALL_MUTABLE = LOCK | OBJECT_MAP | FAST_DIFF | JOURNALING,
};

#define KERNEL_5_10 0x1bf /* and later: /sys/bus/rbd/supported_features (lab.md) */
#define KERNEL_4_9  0x7   /* layering, striping, exclusive-lock */
#define KERNEL_3_10 0x3   /* layering, striping */

static void only_what_the_kernel_lacks_goes(void **state)
{
	static const struct {
		uint64_t features;
		uint64_t supported;
		uint64_t gone;
	} cases[] = {
		{LAYERING, KERNEL_5_10, 0},
		{LAYERING | LOCK, KERNEL_5_10, 0},
		{LAYERING | ALL_MUTABLE | DEEP_FLATTEN, KERNEL_5_10, JOURNALING},
		{LAYERING | LOCK | OBJECT_MAP | FAST_DIFF | DEEP_FLATTEN, KERNEL_5_10, 0},
		{LAYERING | LOCK | OBJECT_MAP | FAST_DIFF | DEEP_FLATTEN, KERNEL_4_9,
		 OBJECT_MAP | FAST_DIFF | DEEP_FLATTEN},
		{LAYERING | LOCK, KERNEL_3_10, LOCK},
		{0, 0, 0},
	};

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		assert_int_equal(image_features_to_disable(cases[i].features, cases[i].supported),
				 cases[i].gone);
}

static void what_depends_on_a_feature_goes_with_it(void **state)
{
	uint64_t everything = LAYERING | ALL_MUTABLE | DEEP_FLATTEN;

	/* the kernel would serve object-map, fast-diff and journaling, but not the lock */
	assert_int_equal(image_features_to_disable(everything, everything & ~(uint64_t)LOCK),
			 ALL_MUTABLE);
	assert_int_equal(image_features_to_disable(everything, everything & ~(uint64_t)OBJECT_MAP),
			 OBJECT_MAP | FAST_DIFF);
	/* fast-diff needs object-map, not the other way round */
	assert_int_equal(image_features_to_disable(everything, everything & ~(uint64_t)FAST_DIFF),
			 FAST_DIFF);
}

static void what_the_image_does_not_have_does_not_go(void **state)
{
	assert_int_equal(image_features_to_disable(LAYERING | LOCK, LAYERING), LOCK);
	assert_int_equal(image_features_to_disable(LAYERING | LOCK | JOURNALING, LAYERING),
			 LOCK | JOURNALING);
}

static void what_cannot_go_does_not_seem_to_fit(void **state)
{
	assert_int_equal(image_features_to_disable(LAYERING | DATA_POOL, KERNEL_4_9), DATA_POOL);
	assert_int_equal(image_features_to_disable(LAYERING | MIGRATING, KERNEL_5_10), MIGRATING);
	assert_int_equal(image_features_to_disable(LAYERING | 1ULL << 60, KERNEL_5_10), 1ULL << 60);
}

/* Refused before anything is asked of the cluster: there is none here. */
static void refused_by_name(uint64_t features, uint64_t supported, const char *name)
{
	struct image_header header = {.features = features};
	struct error error = {0};
	char nobody[4096] = {0}; /* a cluster of which only the (empty) names are looked at */

	assert_int_equal(
		image_fit_features((struct cluster *)nobody, "db", &header, supported, &error),
		-ENOTSUP);
	assert_contains(error.text, name);
	assert_contains(error.text, "db");
}

static void what_cannot_go_is_refused_by_its_name(void **state)
{
	refused_by_name(LAYERING | DATA_POOL, KERNEL_4_9, "data-pool");
	refused_by_name(LAYERING | OPERATIONS, KERNEL_4_9, "operations");
	refused_by_name(LAYERING | LOCK | JOURNALING | MIGRATING, KERNEL_5_10, "migrating");
	refused_by_name(LAYERING | STRIPING, LAYERING, "striping");
	refused_by_name(LAYERING | 0x400, KERNEL_5_10, "non-primary");
	refused_by_name(LAYERING | 1ULL << 60, KERNEL_5_10, "0x1000000000000000");
}

static void nothing_to_do_needs_no_cluster(void **state)
{
	struct image_header header = {.features = LAYERING | LOCK};
	struct error error = {0};
	char nobody[4096] = {0};

	assert_int_equal(
		image_fit_features((struct cluster *)nobody, "db", &header, KERNEL_5_10, &error),
		0);
}

static void names_are_those_of_the_rbd_command(void **state)
{
	char text[256], small[8];

	assert_string_equal(image_features_text(LAYERING | LOCK, text, sizeof(text)),
			    "layering,exclusive-lock");
	assert_string_equal(image_features_text(0x1ff, text, sizeof(text)),
			    "layering,striping,exclusive-lock,object-map,fast-diff,deep-flatten,"
			    "journaling,data-pool,operations");
	assert_string_equal(image_features_text(LAYERING | 1ULL << 60, text, sizeof(text)),
			    "layering,0x1000000000000000");
	assert_string_equal(image_features_text(0, text, sizeof(text)), "");
	assert_string_equal(image_features_text(LAYERING | LOCK, small, sizeof(small)), "layerin");
}

static uint64_t parsed(const char *text)
{
	struct error error = {0};
	uint64_t features = 0;

	if (image_features_parse(text, &features, &error) < 0)
		fail_msg("\"%s\": %s", text, error.text);
	return features;
}

static void names_become_bits(void **state)
{
	assert_int_equal(parsed(""), LAYERING | LOCK);
	assert_int_equal(parsed("layering"), LAYERING);
	assert_int_equal(parsed("exclusive-lock,layering"), LAYERING | LOCK);
	assert_int_equal(parsed("fast-diff,object-map,exclusive-lock,deep-flatten,layering"),
			 LAYERING | LOCK | OBJECT_MAP | FAST_DIFF | DEEP_FLATTEN);
}

static void refused(const char *text, const char *words, const char *advice)
{
	struct error error = {0};
	uint64_t features;

	assert_int_equal(image_features_parse(text, &features, &error), -EINVAL);
	assert_contains(error.text, words);
	assert_contains(error.advice, advice);
}

static void an_unknown_name_is_refused_with_the_nearest(void **state)
{
	refused("layerin", "unknown feature \"layerin\", the nearest known one is \"layering\"",
		"layering,exclusive-lock,object-map,fast-diff,deep-flatten");
	refused("layering,objectmap", "the nearest known one is \"object-map\"", "");
	refused("journal", "unknown feature \"journal\"", "");
	refused("Layering", "unknown feature \"Layering\"", "");
	refused("layering, exclusive-lock", "unknown feature \" exclusive-lock\"", "");
	refused("0x5", "unknown feature \"0x5\"", "");
}

static void what_no_image_is_made_with_is_refused_with_the_reason(void **state)
{
	refused("layering,exclusive-lock,journaling", "journaling cannot be asked for: no kernel",
		"");
	refused("layering,striping", "striping cannot be asked for", "");
	refused("layering,data-pool", "the option dataPool", "");
	refused("operations", "operations cannot be asked for", "");
	refused("migrating", "migrating cannot be asked for", "");
	refused("non-primary", "non-primary cannot be asked for", "");
	refused("dirty-cache", "dirty-cache cannot be asked for", "");
}

static void a_set_that_lacks_something_is_refused_with_what_it_lacks(void **state)
{
	refused("layering,object-map", "object-map needs exclusive-lock", "add exclusive-lock");
	refused("exclusive-lock,fast-diff", "fast-diff needs object-map", "add object-map");
	refused("deep-flatten,exclusive-lock", "deep-flatten needs layering", "add layering");
	refused("layering,layering", "layering is named twice", "");
	refused("layering,,exclusive-lock", "empty name", "");
	refused("layering,", "empty name", "");
	refused(",", "empty name", "");
}

/* Nothing changes for a read-only map; what would be read must be what is there. */
static void what_is_read_must_be_the_image(void **state)
{
	struct error error = {0};

	assert_int_equal(
		image_refuse_unreadable("kube/db", LAYERING | ALL_MUTABLE, KERNEL_4_9, &error), 0);
	assert_int_equal(
		image_refuse_unreadable("kube/db", LAYERING | DATA_POOL, KERNEL_5_10, &error), 0);
	assert_int_equal(
		image_refuse_unreadable("kube/db", LAYERING | DATA_POOL, KERNEL_4_9, &error),
		-ENOTSUP);
	assert_contains(error.text, "data-pool");
	assert_int_equal(image_refuse_unreadable("kube/db", LAYERING | MIGRATING,
						 KERNEL_5_10 | MIGRATING, &error),
			 -ENOTSUP);
	assert_contains(error.text, "kube/db has the feature migrating");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT("only what the kernel lacks goes", only_what_the_kernel_lacks_goes),
		UNIT("what depends on a feature goes with it",
		     what_depends_on_a_feature_goes_with_it),
		UNIT("what the image does not have does not go",
		     what_the_image_does_not_have_does_not_go),
		UNIT("what cannot go does not seem to fit", what_cannot_go_does_not_seem_to_fit),
		UNIT("what cannot go is refused by its name",
		     what_cannot_go_is_refused_by_its_name),
		UNIT("nothing to do needs no cluster", nothing_to_do_needs_no_cluster),
		UNIT("features have the names of the rbd command",
		     names_are_those_of_the_rbd_command),
		UNIT("a list of names becomes bits, none is layering and exclusive-lock",
		     names_become_bits),
		UNIT("an unknown name is refused with the nearest and all that are known",
		     an_unknown_name_is_refused_with_the_nearest),
		UNIT("what no image is made with is refused with the reason",
		     what_no_image_is_made_with_is_refused_with_the_reason),
		UNIT("a set that lacks something is refused with what it lacks",
		     a_set_that_lacks_something_is_refused_with_what_it_lacks),
		UNIT("what a read-only volume reads must be the image",
		     what_is_read_must_be_the_image),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
