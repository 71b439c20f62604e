/* SPDX-License-Identifier: Apache-2.0 */
/* What is read of an image: header, records, watchers, emptiness. Nothing of it leaves a watch. */
#include "cluster.h"

static void unwatched(struct cluster *cluster, const char *image)
{
	assert_string_equal(
		asked("rados -p kube listwatchers rbd_header.%s", header_of(cluster, image).id),
		"");
}

static void only_a_missing_image_is_missing(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error;

	assert_refused(image_read_header(cluster, "nothing", &header, &error), -ENOENT, error);
	assert_contains(error.text, "kube/nothing");
	admin("rados -p kube create old.rbd");
	assert_refused(image_read_header(cluster, "old", &header, &error), -ENOTSUP, error);
	admin("rbd create kube/trashed --size 4M && rbd trash mv kube/trashed");
	assert_refused(image_read_header(cluster, "trashed", &header, &error), -ENOENT, error);
	admin("rbd create kube/broken --size 4M");
	admin("rados -p kube rm rbd_header.%s", header_of(cluster, "broken").id);
	assert_refused(image_read_header(cluster, "broken", &header, &error), -EIO, error);
	admin("printf x | rados -p kube put rbd_id.odd -");
	assert_refused(image_read_header(cluster, "odd", &header, &error), -EIO, error);
}

static void a_header_tells_what_rbd_info_tells(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;

	admin("rbd create kube/info --size 123M --image-feature "
	      "layering,exclusive-lock,object-map,fast-diff,deep-flatten,journaling");
	header = header_of(cluster, "info");
	assert_string_equal(header.id, asked("rbd info kube/info --format json | jq -r .id"));
	assert_int_equal(header.size, 123 << 20);
	assert_int_equal(header.features, 0x7d);
	assert_string_equal(header.format, "");
	assert_string_equal(header.holder, "");
	assert_false(header.locked);
	unwatched(cluster, "info");
}

static void a_namespace_has_images_of_its_own(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct image_header header;
	struct error error;

	admin("rbd namespace create kube/tenant && rbd create kube/tenant/own --size 8M");
	cluster = connected("kube", "kube", "tenant");
	assert_int_equal(header_of(cluster, "own").size, 8 << 20);
	assert_ok(cluster_use_pool(cluster, "kube", "", &error), error);
	assert_refused(image_read_header(cluster, "own", &header, &error), -ENOENT, error);
}

static void who_writes_has_the_lock(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct holder holder;

	admin("rbd create kube/locked --size 8M");
	holder = holder_start("locked");
	assert_int_equal(holder_write(&holder), 4096);
	assert_true(header_of(cluster, "locked").locked);
	assert_string_not_equal(asked("rbd lock ls kube/locked"), "");
	holder_kill(&holder);
}

static void records_come_and_go(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error = {0};
	char id[IMAGE_ID_MAX];

	admin("rbd create kube/record --size 8M --image-feature layering");
	(void)strcpy(id, header_of(cluster, "record").id);
	assert_ok(image_write_record(cluster, id, IMAGE_RECORD_FORMAT, "formatting 1234", &error),
		  error);
	assert_ok(
		image_write_record(cluster, id, IMAGE_RECORD_HOLDER, "10.77.0.11:0/1 n1 7", &error),
		error);
	header = header_of(cluster, "record");
	assert_string_equal(header.format, "formatting 1234");
	assert_string_equal(header.holder, "10.77.0.11:0/1 n1 7");
	assert_string_equal(asked("rados -p kube getxattr rbd_header.%s rbd-flexvolume.format", id),
			    "formatting 1234");
	/* neither a clone nor a copy has them */
	admin("rbd snap create kube/record@s && rbd snap protect kube/record@s");
	admin("rbd clone kube/record@s kube/record-clone && rbd cp kube/record kube/record-copy");
	assert_string_equal(header_of(cluster, "record-clone").format, "");
	assert_string_equal(header_of(cluster, "record-copy").holder, "");
	for (int twice = 0; twice < 2; twice++)
		assert_ok(image_write_record(cluster, id, IMAGE_RECORD_FORMAT, "", &error), error);
	header = header_of(cluster, "record");
	assert_string_equal(header.format, "");
	assert_string_equal(header.holder, "10.77.0.11:0/1 n1 7");
	unwatched(cluster, "record");
}

static void a_record_never_makes_a_header(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error;

	assert_refused(image_write_record(cluster, "gone", IMAGE_RECORD_FORMAT, "x", &error),
		       -ENOENT, error);
	assert_int_not_equal(tried("rados -p kube stat rbd_header.gone >/dev/null 2>&1"), 0);
}

static void watchers_are_alive_or_dead(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct watchers watchers = {0};
	struct error error = {0};
	struct holder holder;
	const char *id;
	struct image_header header;
	int64_t start;

	admin("rbd create kube/watched --size 8M");
	header = header_of(cluster, "watched");
	id = header.id;
	assert_ok(watchers_ask(cluster, id, 2000, &watchers, &error), error);
	assert_int_equal(watchers.count, 0);
	holder = holder_start("watched");
	/* it acknowledges in milliseconds, and is not waited for until the time is up */
	start = deadline_now();
	assert_ok(watchers_ask(cluster, id, 20000, &watchers, &error), error);
	assert_in_range(deadline_now() - start, 0, 15000);
	assert_int_equal(watchers.count, 1);
	assert_true(watchers.list[0].alive);
	assert_false(watchers.list[0].kernel);
	assert_ok(watchers_name(cluster, "watched", &watchers, &error), error);
	assert_string_equal(watchers.list[0].address,
			    asked("rbd status kube/watched --format json | jq -r "
				  "'.watchers[0].address'"));
	assert_int_equal(watchers.list[0].client,
			 atoll(asked("rbd status kube/watched --format json | jq -r "
				     "'.watchers[0].client'")));
	holder_kill(&holder);
	start = deadline_now();
	assert_ok(watchers_ask(cluster, id, 2000, &watchers, &error), error);
	assert_in_range(deadline_now() - start, 1900, 10000);
	assert_int_equal(watchers.count, 1);
	assert_false(watchers.list[0].alive);
	assert_ok(watchers_name(cluster, "watched", &watchers, &error), error);
	assert_int_not_equal(*watchers.list[0].address, '\0');
}

static int emptiness(struct cluster *cluster, const char *image)
{
	struct error error = {0};
	int r = image_is_empty(cluster, image, deadline_in(60000), &error);

	if (r < 0)
		fail_msg("%s: %s", image, error.text);
	unwatched(cluster, image);
	return r;
}

static void emptiness_with(const char *name, const char *features)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	char image[64], clone[64], empty_clone[64];

	(void)snprintf(image, sizeof(image), "empty-%s", name);
	(void)snprintf(clone, sizeof(clone), "clone-%s", name);
	(void)snprintf(empty_clone, sizeof(empty_clone), "empty-clone-%s", name);
	admin("rbd create kube/%s --size 128M --image-feature %s", image, features);
	assert_int_equal(emptiness(cluster, image), 1);
	admin("rbd snap create kube/%s@none && rbd snap protect kube/%s@none", image, image);
	admin("rbd clone kube/%s@none kube/%s", image, empty_clone);
	assert_int_equal(emptiness(cluster, empty_clone), 1);
	admin("rbd bench kube/%s --io-type write --io-size 4096 --io-total 4096", image);
	assert_int_equal(emptiness(cluster, image), 0);
	admin("rbd snap create kube/%s@full && rbd snap protect kube/%s@full", image, image);
	admin("rbd clone kube/%s@full kube/%s", image, clone);
	assert_int_equal(emptiness(cluster, clone), 0);
	assert_int_equal(emptiness(cluster, empty_clone), 1);
}

static void written_zeroes_are_no_emptiness(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");

	admin("rbd create kube/zeroes --size 128M --image-feature layering");
	admin("head -c 4096 /dev/zero | rados -p kube put rbd_data.%s.000000000000001f -",
	      header_of(cluster, "zeroes").id);
	assert_int_equal(emptiness(cluster, "zeroes"), 0);
}

static void empty_is_what_has_no_object(void **state)
{
	emptiness_with("plain", "layering");
	emptiness_with("locked", "layering,exclusive-lock");
	emptiness_with("mapped", "layering,exclusive-lock,object-map,fast-diff,deep-flatten");
}

static void the_proof_of_emptiness_has_a_deadline(void **state)
{
	struct cluster *cluster = connected("kube", "kube", "");
	struct error error;
	int64_t start = deadline_now();

	admin("rbd create kube/huge --size 16T --image-feature layering");
	start = deadline_now();
	assert_refused(image_is_empty(cluster, "huge", deadline_in(300), &error), -ETIMEDOUT,
		       error);
	/* the proof itself would take minutes */
	assert_in_range(deadline_now() - start, 290, 10000);
	cluster_close(cluster); /* must return, though a call is still under way */
	assert_in_range(deadline_now() - start, 290, 10000);
}

const struct CMUnitTest image_tests[] = {
	UNIT("only a missing image is missing", only_a_missing_image_is_missing),
	UNIT("a header tells what rbd info tells", a_header_tells_what_rbd_info_tells),
	UNIT("a namespace has images of its own", a_namespace_has_images_of_its_own),
	UNIT("who writes has the lock", who_writes_has_the_lock),
	UNIT("records come and go, and are not copied", records_come_and_go),
	UNIT("a record never makes a header", a_record_never_makes_a_header),
	UNIT("watchers are alive or dead, and have an address", watchers_are_alive_or_dead),
	UNIT("empty is what has no object, parents included", empty_is_what_has_no_object),
	UNIT("written zeroes are no emptiness", written_zeroes_are_no_emptiness),
	UNIT("the proof of emptiness has a deadline", the_proof_of_emptiness_has_a_deadline),
};
const size_t image_tests_count = sizeof(image_tests) / sizeof(image_tests[0]);
