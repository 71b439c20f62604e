/* SPDX-License-Identifier: Apache-2.0 */
/* A pool that takes no more, and a cluster that has shut this client out: said at once. */
#include "cluster.h"

#include <dlfcn.h>

#include "base/str.h"

#define AT_ONCE 10000 /* ms; the connection's time-out, after which librados gives up, is more */

static void at_once(const char *what, int r, int code, int64_t start, const char *words,
		    struct error *error)
{
	print_message("# %s: %lld ms: %s -- %s\n", what, (long long)(deadline_now() - start),
		      error->text, error->advice);
	assert_int_equal(r, code);
	assert_contains(error->text, words);
	assert_in_range(deadline_now() - start, 0, AT_ONCE);
}

#define SAID_AT_ONCE(call, code, words)                          \
	do {                                                     \
		int64_t start_ = deadline_now();                 \
		struct error error = {0};                        \
		int r_ = (call);                                 \
		at_once(#call, r_, code, start_, words, &error); \
	} while (0)

/* What needs room says so, what needs none works, and what is given back is given back. */
static void nothing_fits(struct cluster *cluster, int code, const char *words)
{
	const struct image_header header = header_of(cluster, "before-full");
	struct watchers watchers;
	struct error error;
	uint64_t features;

	SAID_AT_ONCE(make_image(cluster, "too-much", 4 << 20, &error), code, words);
	/* no object more, and no byte of data */
	assert_ok(image_write_record(cluster, header.id, IMAGE_RECORD_FORMAT, "x", &error), error);
	assert_ok(watchers_ask(cluster, header.id, 1000, &watchers, &error), error);
	assert_int_equal(header_of(cluster, "before-full").size, 4 << 20);
	assert_ok(image_features_parse("", &features, &error), error);
	SAID_AT_ONCE(image_create(cluster, "too-much-too",
				  &(struct image_plan){.size = 4 << 20,
						       .features = features,
						       .data_pool = "roomy",
						       .supported = UINT64_MAX},
				  &error),
		     code, words);
	assert_ok(image_remove_unused(cluster, "before-full", header.id, "x", &error), error);
}

static void a_quota_that_is_reached_is_said_at_once(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error;

	admin("ceph osd pool create small 8 && rbd pool init small && "
	      "ceph osd pool create roomy 8 && rbd pool init roomy");
	user_with("small",
		  "mon 'profile rbd' osd 'profile rbd pool=small, profile rbd pool=roomy'");
	/* librbd removes by way of the trash, and cannot make one in a pool that is full already */
	admin("rbd create small/first --size 4M && rbd rm small/first");
	cluster = connected("small", "small", "");
	assert_ok(make_image(cluster, "before-full", 4 << 20, &error), error);
	admin("ceph osd pool set-quota small max_objects 1");
	admin("timeout 60 sh -c 'until ceph osd pool ls detail | grep \"small.*full_quota\"; do "
	      "sleep 0.2; done'");
	nothing_fits(cluster, -EDQUOT, "the quota of pool small is reached");
	admin("ceph osd pool set-quota small max_objects 0");
	admin("timeout 60 sh -c 'while ceph osd pool ls detail | grep \"small.*full_quota\"; do "
	      "sleep 0.2; done'");
	assert_ok(make_image(cluster, "after-full", 4 << 20, &error), error);
}

static void shut_out(struct cluster *cluster, const struct image_header *header)
{
	struct image_header again;
	struct watchers watchers;
	const char *words = "shut this client out";

	SAID_AT_ONCE(image_read_header(cluster, "shut-out", &again, &error), -ESHUTDOWN, words);
	SAID_AT_ONCE(image_write_record(cluster, header->id, IMAGE_RECORD_FORMAT, "x", &error),
		     -ESHUTDOWN, words);
	SAID_AT_ONCE(watchers_ask(cluster, header->id, 1000, &watchers, &error), -ESHUTDOWN, words);
	SAID_AT_ONCE(make_image(cluster, "never", 4 << 20, &error), -ESHUTDOWN, words);
	SAID_AT_ONCE(image_grow(cluster, "shut-out", 64 << 20, &error), -ESHUTDOWN, words);
	SAID_AT_ONCE(image_is_empty(cluster, "shut-out", deadline_in(5000), &error), -ESHUTDOWN,
		     words);
}

static void a_client_that_is_blocklisted_says_so(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct image_header header;
	struct error error;
	typeof(rados_getaddrs) *addresses;
	char *own = NULL;

	assert_ok(make_image(cluster, "shut-out", 4 << 20, &error), error);
	header = header_of(cluster, "shut-out");
	*(void **)&addresses = dlsym(dlopen("librados.so.2", RTLD_NOW), "rados_getaddrs");
	assert_int_equal(addresses(cluster->rados, &own), 0);
	admin("ceph osd blocklist add '%s'", own);
	rados.rados_buffer_free(own);
	assert_int_equal(rados.rados_wait_for_latest_osdmap(cluster->rados), 0);
	shut_out(cluster, &header);
	/* a new client of the same user is another one */
	cluster_close(cluster);
	cluster = connected("kube", "kube", "");
	assert_int_equal(header_of(cluster, "shut-out").size, 4 << 20);
}

static void await_full(const char *loop)
{
	admin("timeout 60 sh -c '%s ceph osd pool ls detail | grep \"small.* full\\|small.*,full\"; "
	      "do sleep 0.2; done'",
	      loop);
}

/* The OSDs' ratio is set below what they hold already. */
static void a_full_cluster_is_said_at_once(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("small", "small", "");
	struct error error;

	assert_ok(make_image(cluster, "before-full", 4 << 20, &error), error);
	admin("rbd create kube/ballast --size 64M && "
	      "rbd bench kube/ballast --io-type write --io-size 4M --io-total 64M");
	admin("ceph osd set-nearfull-ratio 0.0001 && ceph osd set-backfillfull-ratio 0.0002 && "
	      "ceph osd set-full-ratio 0.0003");
	await_full("until");
	nothing_fits(cluster, -ENOSPC, "pool small is full, or the whole cluster is");
	admin("ceph osd set-full-ratio 0.95 && ceph osd set-backfillfull-ratio 0.9 && "
	      "ceph osd set-nearfull-ratio 0.85");
	await_full("while");
	assert_ok(make_image(cluster, "room-again", 4 << 20, &error), error);
}

const struct CMUnitTest full_tests[] = {
	UNIT("a quota that is reached is said at once, and what needs no room works",
	     a_quota_that_is_reached_is_said_at_once),
	UNIT("a client that is blocklisted says so at once", a_client_that_is_blocklisted_says_so),
	UNIT("a full cluster is said at once, and what needs no room works",
	     a_full_cluster_is_said_at_once),
};
const size_t full_tests_count = ARRAY_SIZE(full_tests);
