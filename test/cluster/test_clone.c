/* SPDX-License-Identifier: Apache-2.0 */
/* An image that is made as a clone. */
#include "cluster.h"

#include "base/str.h"

#define KERNEL       0x1bf /* 5.10 and later */
#define KERNEL_4_9   0x7
#define DEFAULTS     "layering,exclusive-lock"
#define PARENT_BYTES (8 << 20)

/* kube/NAME with "treasure" in its first block and two snapshots: @free, @kept (protected). */
static void parent_of(const char *name)
{
	admin("{ echo treasure; head -c 8388599 /dev/zero; } | rbd import - kube/%s", name);
	admin("rbd snap create kube/%s@free && rbd snap create kube/%s@kept && "
	      "rbd snap protect kube/%s@kept",
	      name, name, name);
}

struct clone {
	const char *pool, *parent, *snapshot, *features, *data_pool;
	uint64_t size, most, supported;
};

static int clone(struct cluster *cluster, const char *image, struct clone how, struct error *error)
{
	struct image_plan plan = {
		.size = how.size,
		.data_pool = how.data_pool ? how.data_pool : "",
		.parent = {how.pool ? how.pool : "kube", "", how.parent, how.snapshot},
		.parent_max = how.most,
		.supported = how.supported ? how.supported : KERNEL,
	};

	if (image_features_parse(how.features ? how.features : "", &plan.features, error) < 0)
		return error->code;
	return image_create(cluster, image, &plan, error);
}

static const char *told(const char *image, const char *field)
{
	return asked("rbd info kube/%s --format json | jq -r '.%s'", image, field);
}

/* Its data, its parent, and that the parent's is as it was. */
static void assert_clone(const char *image, const char *parent, const char *snapshot)
{
	assert_string_equal(asked("rbd export kube/%s - 2>/dev/null | head -c 8", image),
			    "treasure");
	assert_string_equal(told(image, "parent.image"), parent);
	assert_string_equal(told(image, "parent.snapshot"), snapshot);
	assert_string_equal(
		asked("rbd children kube/%s@%s | grep -c '/%s$' || true", parent, snapshot, image),
		"1");
	assert_string_equal(asked("rbd export kube/%s - 2>/dev/null | head -c 8", parent),
			    "treasure");
}

static void refused_clone(const char *image, struct clone how, int code, const char *text,
			  const char *advice)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error;

	assert_refused(clone(cluster, image, how, &error), code, error);
	assert_contains(error.text, image);
	assert_contains(error.text, text);
	assert_contains(error.advice, advice);
	assert_int_not_equal(tried("rbd info kube/%s >/dev/null 2>&1", image), 0);
}

static void a_protected_snapshot_can_always_be_cloned(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	parent_of("base");
	assert_ok(
		clone(cluster, "v1", (struct clone){.parent = "base", .snapshot = "kept"}, &error),
		error);
	assert_clone("v1", "base", "kept");
	assert_int_equal(header_of(cluster, "v1").size, PARENT_BYTES);
	assert_string_equal(asked("rbd info kube/v1 --format json | jq -r '.features|join(\",\")'"),
			    DEFAULTS);
	assert_string_equal(
		asked("rbd info kube/base --format json | jq -r '.features|index(\"operations\")'"),
		"null");
}

static void an_unprotected_one_is_asked_for_by_name(void **state)
{
	refused_clone("asks", (struct clone){.parent = "base", .snapshot = "free"}, -EINVAL,
		      "kube/base@free is not protected", "rbd snap protect kube/base@free");
}

static void what_is_missing_is_named(void **state)
{
	refused_clone("m1", (struct clone){.parent = "gone", .snapshot = "kept"}, -ENOENT,
		      "kube/gone, does not exist", "rbd ls kube");
	refused_clone("m2", (struct clone){.parent = "base", .snapshot = "gone"}, -ENOENT,
		      "image kube/base has no snapshot gone", "free, kept");
	refused_clone("m3", (struct clone){.pool = "nopool", .parent = "base", .snapshot = "kept"},
		      -ENOENT, "pool nopool does not exist", "");
	refused_clone("m4",
		      (struct clone){.parent = "base", .snapshot = "kept", .data_pool = "nopool"},
		      -ENOENT, "data pool nopool", "dataPool");
}

static void what_cannot_become_a_clone_is_refused(void **state)
{
	refused_clone("small",
		      (struct clone){.parent = "base", .snapshot = "kept", .size = 4 << 20},
		      -EINVAL, "8388608 bytes", "larger");
	refused_clone(
		"flat",
		(struct clone){.parent = "base", .snapshot = "kept", .features = "exclusive-lock"},
		-EINVAL, "layering", "layering");
	refused_clone("vast", (struct clone){.parent = "base", .snapshot = "kept", .most = 4 << 20},
		      -EPERM, "8388608 bytes, and the administrator's policy allows 4194304",
		      "maxSize");
	admin("rbd create kube/lone --size 8M --image-feature exclusive-lock && "
	      "rbd snap create kube/lone@s");
	refused_clone("of-lone", (struct clone){.parent = "lone", .snapshot = "s"}, -ENOTSUP,
		      "layering", "rbd cp");
}

static void a_clone_grows_beyond_its_parent(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	assert_ok(clone(cluster, "larger",
			(struct clone){.parent = "base", .snapshot = "kept", .size = 64 << 20},
			&error),
		  error);
	assert_ok(image_grow(cluster, "larger", 64 << 20, &error), error);
	assert_int_equal(header_of(cluster, "larger").size, 64 << 20);
	assert_clone("larger", "base", "kept");
}

/* 0: the proof of emptiness counts the parent; but of its own the clone has nothing. */
static void a_clone_is_not_empty_but_unused(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};

	assert_ok(clone(cluster, "undone", (struct clone){.parent = "base", .snapshot = "kept"},
			&error),
		  error);
	header = header_of(cluster, "undone");
	assert_int_equal(image_is_empty(cluster, "undone", deadline_in(10000), &error), 0);
	assert_ok(image_remove_unused(cluster, "undone", header.id, "", &error), error);
	assert_string_equal(asked("rbd children kube/base@kept | grep -c /undone || true"), "0");
	assert_string_equal(asked("rbd export kube/base@kept - 2>/dev/null | head -c 8"),
			    "treasure");
	assert_ok(clone(cluster, "used", (struct clone){.parent = "base", .snapshot = "kept"},
			&error),
		  error);
	header = header_of(cluster, "used");
	admin("rbd bench kube/used --io-type write --io-size 4K --io-total 4K");
	assert_refused(image_remove_unused(cluster, "used", header.id, "", &error), -EBUSY, error);
	assert_contains(error.text, "data");
}

static void a_clone_has_its_own_features_and_data_pool(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("wide", "kube", "");
	struct error error = {0};

	assert_ok(clone(cluster, "rich-clone",
			(struct clone){.parent = "base",
				       .snapshot = "kept",
				       .data_pool = "wide",
				       .features = DEFAULTS ",object-map,fast-diff"},
			&error),
		  error);
	assert_string_equal(told("rich-clone", "data_pool"), "wide");
	assert_string_equal(
		asked("rbd info kube/rich-clone --format json | jq -r '.features|join(\",\")'"),
		DEFAULTS ",object-map,fast-diff,data-pool");
	assert_clone("rich-clone", "base", "kept");
}

/* What is left where its maker was killed before it was tied to its parent is an empty image. */
static void a_clone_that_was_cut_off_is_not_taken_for_a_new_image(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	const struct image_name parent = {"kube", "", "base", "kept"};
	struct error error = {0};

	assert_ok(make_image(cluster, "half", PARENT_BYTES, &error), error);
	assert_refused(image_refuse_half_clone(cluster, "half", &parent, &error), -EUCLEAN, error);
	assert_contains(error.text, "kube/half is to be a clone of kube/base@kept");
	assert_contains(error.advice, "rbd rm kube/half");
	assert_ok(clone(cluster, "whole-clone",
			(struct clone){.parent = "base", .snapshot = "kept"}, &error),
		  error);
	assert_ok(image_refuse_half_clone(cluster, "whole-clone", &parent, &error), error);
	admin("rbd flatten kube/whole-clone");
	assert_string_equal(told("whole-clone", "parent"), "null");
	assert_ok(image_refuse_half_clone(cluster, "whole-clone", &parent, &error), error);
}

/* A template in another pool. */
static void a_parent_in_another_pool_needs_a_cap_for_reading(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	const struct clone of_kept = {.pool = "templates", .parent = "t", .snapshot = "kept"};
	struct error error = {0};

	admin("ceph osd pool create templates 8 && rbd pool init templates");
	admin("echo treasure | rbd import - templates/t && rbd snap create templates/t@free && "
	      "rbd snap create templates/t@kept && rbd snap protect templates/t@kept");
	refused_clone("no-cap", of_kept, -EPERM, "osd 'profile rbd-read-only pool=templates'",
		      "osd 'profile rbd pool=kube, profile rbd-read-only pool=templates'");
	user_with("reader", "mon 'profile rbd' osd 'profile rbd pool=kube, "
			    "profile rbd-read-only pool=templates'");
	cluster = connected("reader", "kube", "");
	assert_ok(clone(cluster, "of-template", of_kept, &error), error);
	assert_string_equal(asked("rbd export kube/of-template - 2>/dev/null | head -c 8"),
			    "treasure");
}

/* From here on the cluster makes clones of format 2. */
static void a_newer_cluster_needs_no_protection(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};

	parent_of("base2");
	assert_ok(clone(cluster, "before", (struct clone){.parent = "base2", .snapshot = "kept"},
			&error),
		  error);
	admin("ceph osd set-require-min-compat-client mimic");
	cluster_close(cluster);
	cluster = connected("kube", "kube", "");
	assert_ok(
		clone(cluster, "v2", (struct clone){.parent = "base2", .snapshot = "free"}, &error),
		error);
	assert_clone("v2", "base2", "free");
	assert_true(header_of(cluster, "base2").features & 0x100);
	assert_true(header_of(cluster, "v2").features & 0x100);
	header = header_of(cluster, "v2");
	assert_int_equal(image_is_empty(cluster, "v2", deadline_in(10000), &error), 0);
	/* what hangs on an image of such clones, an old kernel is told by name */
	assert_refused(image_fit_features(cluster, "v2", &header, KERNEL_4_9, &error), -ENOTSUP,
		       error);
	assert_contains(error.text, "operations");
	assert_ok(image_fit_features(cluster, "v2", &header, KERNEL, &error), error);
	assert_ok(image_remove_unused(cluster, "v2", header.id, "", &error), error);
	assert_false(header_of(cluster, "base2").features & 0x100);
	assert_string_equal(asked("rbd export kube/base2@free - 2>/dev/null | head -c 8"),
			    "treasure");
}

static void an_old_kernel_needs_it_still(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	const struct clone of_kept = {
		.parent = "base2", .snapshot = "kept", .supported = KERNEL_4_9};
	struct error error = {0};

	refused_clone(
		"old1",
		(struct clone){.parent = "base2", .snapshot = "free", .supported = KERNEL_4_9},
		-EINVAL, "kernel", "rbd snap protect kube/base2@free");
	assert_ok(clone(cluster, "old2", of_kept, &error), error);
	assert_clone("old2", "base2", "kept");
	assert_false(header_of(cluster, "old2").features & 0x100);
}

/* It is noted in the parent's header, which the profile for reading allows, mere reading does
 * not. */
static void a_cap_for_reading_is_enough_for_format_2_too(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("reader", "kube", "");
	const struct clone of_free = {.pool = "templates", .parent = "t", .snapshot = "free"};
	struct error error = {0};

	assert_ok(clone(cluster, "of-free", of_free, &error), error);
	assert_true(header_of(cluster, "of-free").features & 0x100);
	assert_string_equal(asked("rbd export kube/of-free - 2>/dev/null | head -c 8"), "treasure");
	cluster_close(cluster);
	user_with("mere-reader", "mon 'profile rbd' osd 'profile rbd pool=kube, "
				 "allow class-read pool=templates, allow r pool=templates'");
	cluster = connected("mere-reader", "kube", "");
	assert_refused(clone(cluster, "of-free-2", of_free, &error), -EPERM, error);
	assert_contains(error.text, "osd 'profile rbd-read-only pool=templates'");
	assert_int_not_equal(tried("rbd info kube/of-free-2 >/dev/null 2>&1"), 0);
	assert_ok(clone(cluster, "of-kept-2",
			(struct clone){.pool = "templates", .parent = "t", .snapshot = "kept"},
			&error),
		  error);
	assert_false(header_of(cluster, "of-kept-2").features & 0x100);
	assert_string_equal(asked("rbd export kube/of-kept-2 - 2>/dev/null | head -c 8"),
			    "treasure");
	assert_string_equal(asked("rados -p templates ls | grep may-i || true"), "");
}

const struct CMUnitTest clone_tests[] = {
	UNIT("a protected snapshot can always be cloned",
	     a_protected_snapshot_can_always_be_cloned),
	UNIT("the protection of an unprotected one is asked for by name",
	     an_unprotected_one_is_asked_for_by_name),
	UNIT("a parent, snapshot or pool that is missing is named", what_is_missing_is_named),
	UNIT("what cannot become a clone is refused before anything is made",
	     what_cannot_become_a_clone_is_refused),
	UNIT("a clone grows beyond its parent", a_clone_grows_beyond_its_parent),
	UNIT("a clone of data is not empty, but is removed as long as nobody used it",
	     a_clone_is_not_empty_but_unused),
	UNIT("a clone has its own features and data pool",
	     a_clone_has_its_own_features_and_data_pool),
	UNIT("a clone that was cut off is not taken for a new image",
	     a_clone_that_was_cut_off_is_not_taken_for_a_new_image),
	UNIT("a parent in another pool needs a cap for reading there",
	     a_parent_in_another_pool_needs_a_cap_for_reading),
	UNIT("a newer cluster clones what is not protected (format 2)",
	     a_newer_cluster_needs_no_protection),
	UNIT("an old kernel needs the protection still", an_old_kernel_needs_it_still),
	UNIT("a cap for reading the parent is enough for format 2 too",
	     a_cap_for_reading_is_enough_for_format_2_too),
};
const size_t clone_tests_count = ARRAY_SIZE(clone_tests);
