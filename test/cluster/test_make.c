/* SPDX-License-Identifier: Apache-2.0 */
/* How an image is made: its features, its data pool, its namespace; and a snapshot by its name. */
#include "cluster.h"

#include "base/str.h"

static const char *told(const char *image, const char *field)
{
	return asked("rbd info %s --format json | jq -r '.%s'", image, field);
}

static int make_with(struct cluster *cluster, const char *image, const char *features,
		     const char *data_pool, struct error *error)
{
	struct image_plan plan = {.size = 8 << 20, .data_pool = data_pool, .supported = UINT64_MAX};

	if (image_features_parse(features, &plan.features, error) < 0)
		return error->code;
	return image_create(cluster, image, &plan, error);
}

static void nothing_of(const char *image)
{
	assert_int_not_equal(tried("rbd info %s >/dev/null 2>&1", image), 0);
}

static void an_image_has_the_features_that_were_asked_for(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	const char *const sets[] = {
		"layering",
		"exclusive-lock",
		"layering,exclusive-lock",
		"layering,exclusive-lock,object-map,fast-diff,deep-flatten",
	};
	struct error error = {0};
	char image[64];

	for (size_t i = 0; i < ARRAY_SIZE(sets); i++) {
		(void)snprintf(image, sizeof(image), "set%zu", i);
		assert_ok(make_with(cluster, image, sets[i], "", &error), error);
		assert_string_equal(asked("rbd info kube/%s --format json | "
					  "jq -r '.features | join(\",\")'",
					  image),
				    sets[i]);
	}
}

static void the_data_lies_in_the_data_pool(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error = {0};

	admin("ceph osd pool create wide 8 && rbd pool init wide");
	user_with("wide", "mon 'profile rbd' osd 'profile rbd pool=kube, profile rbd pool=wide'");
	cluster = connected("wide", "kube", "");
	assert_ok(make_with(cluster, "apart", "layering,exclusive-lock", "wide", &error), error);
	assert_string_equal(told("kube/apart", "data_pool"), "wide");
	admin("rbd bench kube/apart --io-type write --io-size 4K --io-total 4K");
	assert_string_not_equal(asked("rados -p wide ls | grep -c rbd_data || true"), "0");
	assert_string_equal(asked("rados -p wide ls | grep may-i || true"), "");
}

/* Its header is lost, and what was written lies in the pool that the volume names. */
static void what_lies_in_the_data_pool_is_not_taken_for_unfinished(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("wide", "kube", "");
	struct error error = {0};

	assert_ok(make_with(cluster, "torn", "layering,exclusive-lock", "wide", &error), error);
	admin("rbd bench kube/torn --io-type write --io-size 4K --io-total 4K");
	admin("rados -p kube rm rbd_header.%s",
	      asked("rbd info kube/torn --format json | jq -r .id"));
	assert_refused(image_clear_unfinished(cluster, "torn", "wide", &error), -EIO, error);
	assert_contains(error.text, "damaged");
	assert_string_equal(asked("rados -p kube ls | grep -c '^rbd_id.torn$'"), "1");
}

static void a_data_pool_that_is_missing_is_named(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error;

	assert_refused(make_with(cluster, "lost", "", "nopool", &error), -ENOENT, error);
	assert_contains(error.text, "kube/lost");
	assert_contains(error.text, "nopool");
	assert_contains(error.advice, "dataPool");
	nothing_of("kube/lost");
}

/* The cluster itself would make it, and the first write would fail. */
static void a_data_pool_without_a_cap_is_named(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error;

	user_with("reads-wide", "mon 'profile rbd' osd 'profile rbd pool=kube, "
				"profile rbd-read-only pool=wide'");
	cluster = connected("reads-wide", "kube", "");
	assert_refused(make_with(cluster, "denied", "", "wide", &error), -EPERM, error);
	assert_contains(error.text, "client.reads-wide");
	assert_contains(error.text, "osd 'profile rbd pool=wide'");
	assert_contains(error.advice, "osd 'profile rbd pool=kube, profile rbd pool=wide'");
	nothing_of("kube/denied");
}

static void a_namespace_that_is_missing_is_named(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error;

	assert_refused(cluster_use_pool(cluster, "kube", "nobody", &error), -ENOENT, error);
	assert_contains(error.text, "namespace nobody");
	assert_contains(error.text, "pool kube");
	assert_contains(error.advice, "rbd namespace create kube/nobody");
	admin("rbd namespace create kube/made && rbd create kube/outside --size 4M");
	assert_ok(cluster_use_pool(cluster, "kube", "made", &error), error);
	assert_refused(image_read_header(cluster, "outside", &header, &error), -ENOENT, error);
	assert_contains(error.text, "kube/made/outside");
	assert_ok(make_image(cluster, "inside", 4 << 20, &error), error);
	assert_string_equal(asked("rbd ls kube/made"), "inside");
	assert_string_equal(asked("rbd ls kube | grep -c inside || true"), "0");
	header = header_of(cluster, "inside");
	assert_ok(image_remove_unused(cluster, "inside", header.id, "", &error), error);
	admin("rbd namespace rm kube/made");
	assert_refused(cluster_use_pool(cluster, "kube", "made", &error), -ENOENT, error);
}

/* Whose caps end at the namespace. */
static void a_user_of_one_namespace_makes_images_there(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error;

	admin("rbd namespace create kube/mine && rbd namespace create kube/theirs");
	user_with("tenant", "mon 'profile rbd' osd 'profile rbd pool=kube namespace=mine'");
	cluster = connected("tenant", "kube", "mine");
	assert_ok(make_image(cluster, "db", 4 << 20, &error), error);
	assert_string_equal(asked("rbd ls kube/mine"), "db");
	assert_refused(cluster_use_pool(cluster, "kube", "theirs", &error), -EPERM, error);
	assert_contains(error.text, "osd 'profile rbd pool=kube namespace=theirs'");
}

static void a_snapshot_has_the_size_of_its_moment(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};

	admin("rbd create kube/moments --size 8M && rbd snap create kube/moments@early");
	admin("rbd resize kube/moments --size 16M && rbd snap create kube/moments@late");
	header = header_of(cluster, "moments");
	assert_ok(image_read_snapshot(cluster, "moments", "early", &header, &error), error);
	assert_int_equal(header.size, 8 << 20);
	assert_ok(image_read_snapshot(cluster, "moments", "late", &header, &error), error);
	assert_int_equal(header.size, 16 << 20);
	assert_string_equal(asked("rados -p kube listwatchers rbd_header.%s", header.id), "");
}

static void a_snapshot_that_is_missing_is_named_with_those_there_are(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header = header_of(cluster, "moments");
	struct error error;

	assert_refused(image_read_snapshot(cluster, "moments", "never", &header, &error), -ENOENT,
		       error);
	assert_contains(error.text, "kube/moments");
	assert_contains(error.text, "no snapshot never");
	assert_contains(error.advice, "early, late");
	admin("rbd create kube/no-moment --size 8M");
	assert_refused(image_read_snapshot(cluster, "no-moment", "never", &header, &error), -ENOENT,
		       error);
	assert_contains(error.advice, "rbd snap create kube/no-moment@never");
	admin("for i in $(seq 40); do rbd snap create kube/no-moment@s$i; done");
	assert_ok(image_read_snapshot(cluster, "no-moment", "s40", &header, &error), error);
}

static void what_is_being_migrated_is_neither_made_nor_used(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error;

	admin("rbd create kube/source --size 8M && rbd migration prepare kube/source kube/target");
	assert_refused(make_image(cluster, "source", 8 << 20, &error), -EBUSY, error);
	assert_contains(error.text, "kube/source is being migrated");
	assert_contains(error.advice, "rbd migration commit");
	header = header_of(cluster, "target");
	assert_refused(image_fit_features(cluster, "target", &header, 0x1bf, &error), -ENOTSUP,
		       error);
	assert_contains(error.text, "migrating");
	assert_refused(image_refuse_unreadable("kube/target", header.features, 0x1bf, &error),
		       -ENOTSUP, error);
	admin("rbd migration execute kube/target && rbd migration commit kube/target");
	header = header_of(cluster, "target");
	assert_ok(image_fit_features(cluster, "target", &header, 0x1bf, &error), error);
	/* with something else in the trash, as much as one look does not hold */
	admin("for i in $(seq 20); do rbd create kube/rubbish$i --size 4M && "
	      "rbd trash mv kube/rubbish$i; done");
	assert_ok(make_image(cluster, "source", 8 << 20, &error), error);
}

const struct CMUnitTest make_tests[] = {
	UNIT("an image has the features that were asked for",
	     an_image_has_the_features_that_were_asked_for),
	UNIT("the data lies in the data pool", the_data_lies_in_the_data_pool),
	UNIT("what lies in the data pool is not taken for unfinished",
	     what_lies_in_the_data_pool_is_not_taken_for_unfinished),
	UNIT("a data pool that is missing is named", a_data_pool_that_is_missing_is_named),
	UNIT("a data pool without a cap for it is named", a_data_pool_without_a_cap_is_named),
	UNIT("a namespace that is missing is named, one that is there has its own images",
	     a_namespace_that_is_missing_is_named),
	UNIT("a user of one namespace makes images there, and only there",
	     a_user_of_one_namespace_makes_images_there),
	UNIT("a snapshot has the size of its moment, and reading it leaves no watch",
	     a_snapshot_has_the_size_of_its_moment),
	UNIT("a snapshot that is missing is named, with those that there are",
	     a_snapshot_that_is_missing_is_named_with_those_there_are),
	UNIT("what is being migrated is neither made nor used",
	     what_is_being_migrated_is_neither_made_nor_used),
};
const size_t make_tests_count = ARRAY_SIZE(make_tests);
