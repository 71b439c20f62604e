/* SPDX-License-Identifier: Apache-2.0 */
/* What is changed: create, features, growth, removal. */
#include "cluster.h"

#include "base/str.h"

#define KERNEL     0x1bf /* 5.10 and later: all but journaling */
#define EVERYTHING "layering,exclusive-lock,object-map,fast-diff,deep-flatten,journaling"

static const char *features_of(const char *image)
{
	return asked("rbd info kube/%s --format json | jq -r '.features | join(\",\")'", image);
}

static void an_image_is_made_with_exactly_these_features(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	assert_ok(make_image(cluster, "made", 3 << 20, &error), error);
	assert_string_equal(features_of("made"), "layering,exclusive-lock");
	assert_int_equal(header_of(cluster, "made").size, 3 << 20);
	assert_refused(make_image(cluster, "made", 3 << 20, &error), -EEXIST, error);
}

static int fit(struct cluster *cluster, const char *image, uint64_t supported, struct error *error)
{
	struct image_header header = header_of(cluster, image);

	return image_fit_features(cluster, image, &header, supported, error);
}

static void the_image_with_everything_loses_journaling_only(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	admin("rbd create kube/rich --size 8M --image-feature " EVERYTHING);
	assert_ok(fit(cluster, "rich", KERNEL, &error), error);
	assert_string_equal(features_of("rich"),
			    "layering,exclusive-lock,object-map,fast-diff,deep-flatten");
	assert_ok(fit(cluster, "rich", KERNEL, &error), error);
}

static void an_old_kernel_takes_more_away_at_once(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	admin("rbd create kube/old-kernel --size 8M --image-feature " EVERYTHING);
	assert_ok(fit(cluster, "old-kernel", 0x1, &error), error);
	assert_string_equal(features_of("old-kernel"), "layering");
}

static void the_written_data_stays(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	admin("echo treasure | rbd import - kube/kept --image-feature " EVERYTHING);
	admin("rbd snap create kube/kept@s");
	assert_ok(fit(cluster, "kept", 0x1, &error), error);
	assert_string_equal(asked("rbd export kube/kept - 2>/dev/null"), "treasure");
	assert_string_equal(asked("rbd export kube/kept@s - 2>/dev/null"), "treasure");
}

static void features_are_not_changed_under_others(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct holder holder;
	struct error error;

	admin("rbd create kube/busy --size 8M --image-feature " EVERYTHING);
	holder = holder_start("busy");
	assert_refused(fit(cluster, "busy", KERNEL, &error), -EBUSY, error);
	assert_string_equal(features_of("busy"), EVERYTHING);
	holder_kill(&holder);
}

static void a_mirrored_image_stays_as_it_is(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error;

	admin("rbd create kube/mirrored --size 8M --image-feature " EVERYTHING);
	admin("rbd mirror pool enable kube image");
	admin("rbd mirror image enable kube/mirrored journal");
	assert_refused(fit(cluster, "mirrored", KERNEL, &error), -ENOTSUP, error);
	assert_contains(error.text, "mirrored");
	assert_string_equal(features_of("mirrored"), EVERYTHING);
	admin("rbd mirror image disable kube/mirrored && rbd mirror pool disable kube");
}

static void an_image_only_grows(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	admin("rbd create kube/grow --size 8M");
	assert_ok(image_grow(cluster, "grow", 4 << 20, &error), error);
	assert_int_equal(header_of(cluster, "grow").size, 8 << 20);
	assert_ok(image_grow(cluster, "grow", 16 << 20, &error), error);
	assert_int_equal(header_of(cluster, "grow").size, 16 << 20);
	assert_refused(image_grow(cluster, "none", 16 << 20, &error), -ENOENT, error);
}

static void refuse_removal(const char *why, const char *doing, const char *undoing)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};

	assert_ok(make_image(cluster, "new", 16 << 20, &error), error);
	header = header_of(cluster, "new");
	admin(doing, header.id);
	assert_refused(image_remove_unused(cluster, "new", header.id, "", &error), -EBUSY, error);
	assert_contains(error.text, why);
	assert_string_equal(header_of(cluster, "new").id, header.id);
	admin(undoing, header.id);
	admin("rbd rm kube/new");
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-security"
static void what_somebody_used_is_not_removed(void **state)
{
	refuse_removal("record", "rados -p kube setxattr rbd_header.%s rbd-flexvolume.format x",
		       "true");
	refuse_removal("record", "rados -p kube setxattr rbd_header.%s rbd-flexvolume.holder x",
		       "true");
	refuse_removal("data", "rbd bench kube/new --io-type write --io-size 4K --io-total 4K",
		       "true");
	refuse_removal("data",
		       "head -c 9 /dev/zero | rados -p kube put rbd_data.%s.0000000000000003 -",
		       "true");
	refuse_removal("snapshot", "rbd snap create kube/new@s", "rbd snap rm kube/new@s");
	refuse_removal("lock", "rbd lock add kube/new mine",
		       "rbd lock rm kube/new mine $(rbd lock ls kube/new --format json | "
		       "jq -r '.[0].locker')");
}
#pragma GCC diagnostic pop

static void what_is_open_or_another_is_not_removed(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};
	struct holder holder;

	assert_ok(make_image(cluster, "opened", 16 << 20, &error), error);
	header = header_of(cluster, "opened");
	assert_refused(image_remove_unused(cluster, "opened", "4711", "", &error), -EBUSY, error);
	assert_contains(error.text, "another image");
	holder = holder_start("opened");
	assert_refused(image_remove_unused(cluster, "opened", header.id, "", &error), -EBUSY,
		       error);
	assert_contains(error.text, "open");
	holder_kill(&holder);
	assert_int_equal(header_of(cluster, "opened").size, 16 << 20);
}

static void what_nobody_used_is_removed(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};

	assert_ok(make_image(cluster, "unused", 10ULL << 30, &error), error);
	header = header_of(cluster, "unused");
	assert_ok(image_remove_unused(cluster, "unused", header.id, "", &error), error);
	assert_refused(image_read_header(cluster, "unused", &header, &error), -ENOENT, error);
	assert_int_not_equal(tried("rbd info kube/unused >/dev/null 2>&1"), 0);
}

/* A format that was begun and wrote nothing. */
static void an_own_record_keeps_no_empty_image(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};

	assert_ok(make_image(cluster, "begun", 16 << 20, &error), error);
	header = header_of(cluster, "begun");
	assert_ok(
		image_write_record(cluster, header.id, IMAGE_RECORD_FORMAT, "formatting 1", &error),
		error);
	assert_refused(image_remove_unused(cluster, "begun", header.id, "formatting 2", &error),
		       -EBUSY, error);
	admin("head -c 9 /dev/zero | rados -p kube put rbd_data.%s.0000000000000000 -", header.id);
	assert_refused(image_remove_unused(cluster, "begun", header.id, "formatting 1", &error),
		       -EBUSY, error);
	assert_contains(error.text, "data");
	admin("rados -p kube rm rbd_data.%s.0000000000000000", header.id);
	assert_ok(image_remove_unused(cluster, "begun", header.id, "formatting 1", &error), error);
	assert_refused(image_read_header(cluster, "begun", &header, &error), -ENOENT, error);
}

/* An image whose making was cut off: the omap entries name_<name>, id_<id> of rbd_directory, then
 * rbd_id.<name>, then the header. */
static struct image_header cut_off(struct cluster *cluster, const char *image, bool entry, bool id)
{
	struct error error = {0};
	struct image_header header;

	assert_ok(make_image(cluster, image, 16 << 20, &error), error);
	header = header_of(cluster, image);
	admin("rados -p kube rm rbd_header.%s", header.id);
	if (!id)
		admin("rados -p kube rm rbd_id.%s", image);
	if (!entry)
		admin("rados -p kube rmomapkey rbd_directory name_%s && "
		      "rados -p kube rmomapkey rbd_directory id_%s",
		      image, header.id);
	return header;
}

static void a_name_without_an_image_is_taken_back(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	const struct {
		const char *image;
		bool entry, id;
	} cases[] = {{"cut-entry", true, false}, {"cut-id", false, true}, {"cut-both", true, true}};
	struct error error = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct image_header header =
			cut_off(cluster, cases[i].image, cases[i].entry, cases[i].id);

		assert_refused(make_image(cluster, cases[i].image, 16 << 20, &error), -EEXIST,
			       error);
		assert_int_equal(image_clear_unfinished(cluster, cases[i].image, "", &error), 1);
		assert_string_equal(asked("rados -p kube ls | grep -c %s || true", header.id), "0");
		assert_string_equal(asked("rbd ls kube | grep -c '^%s$' || true", cases[i].image),
				    "0");
		assert_ok(make_image(cluster, cases[i].image, 16 << 20, &error), error);
		assert_string_equal(features_of(cases[i].image), "layering,exclusive-lock");
	}
}

static void a_whole_image_or_none_is_left_as_it_is(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	assert_int_equal(image_clear_unfinished(cluster, "never-made", "", &error), 0);
	admin("rbd create kube/whole --size 8M");
	assert_int_equal(image_clear_unfinished(cluster, "whole", "", &error), 0);
	assert_int_equal(header_of(cluster, "whole").size, 8 << 20);
}

static void what_is_damaged_is_not_taken_for_unfinished(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header = cut_off(cluster, "lost-header", true, true);
	struct error error = {0};

	admin("echo data | rados -p kube put rbd_data.%s.0000000000000000 -", header.id);
	assert_refused(image_clear_unfinished(cluster, "lost-header", "", &error), -EIO, error);
	assert_contains(error.text, "damaged");
	assert_string_equal(asked("rados -p kube ls | grep -c '^rbd_id.lost-header$'"), "1");

	assert_ok(make_image(cluster, "lost-id", 16 << 20, &error), error);
	header = header_of(cluster, "lost-id");
	admin("rados -p kube rm rbd_id.lost-id");
	assert_refused(image_clear_unfinished(cluster, "lost-id", "", &error), -EIO, error);
	assert_contains(error.text, "damaged");
	assert_string_equal(asked("rados -p kube ls | grep -c '^rbd_header.%s$'", header.id), "1");
	assert_string_equal(asked("rbd ls kube | grep -c '^lost-id$'"), "1");
}

const struct CMUnitTest change_tests[] = {
	UNIT("an image is made with exactly these features",
	     an_image_is_made_with_exactly_these_features),
	UNIT("the image with everything loses journaling only",
	     the_image_with_everything_loses_journaling_only),
	UNIT("an old kernel takes more away at once", an_old_kernel_takes_more_away_at_once),
	UNIT("the written data stays when features go", the_written_data_stays),
	UNIT("features are not changed under others", features_are_not_changed_under_others),
	UNIT("a mirrored image stays as it is", a_mirrored_image_stays_as_it_is),
	UNIT("an image only grows", an_image_only_grows),
	UNIT("what somebody used is not removed", what_somebody_used_is_not_removed),
	UNIT("what is open or another image is not removed",
	     what_is_open_or_another_is_not_removed),
	UNIT("what nobody used is removed", what_nobody_used_is_removed),
	UNIT("an own record keeps no empty image", an_own_record_keeps_no_empty_image),
	UNIT("a name without an image is taken back", a_name_without_an_image_is_taken_back),
	UNIT("a whole image or none is left as it is", a_whole_image_or_none_is_left_as_it_is),
	UNIT("what is damaged is not taken for unfinished",
	     what_is_damaged_is_not_taken_for_unfinished),
};
const size_t change_tests_count = sizeof(change_tests) / sizeof(change_tests[0]);
