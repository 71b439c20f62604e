/* SPDX-License-Identifier: Apache-2.0 */
/* Connecting, and what is said when it fails. */
#include "cluster.h"

static void the_user_of_the_driver_connects(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");

	assert_string_equal(cluster_fsid(cluster), asked("ceph fsid"));
}

static void a_missing_pool_is_named(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error;

	assert_refused(cluster_use_pool(cluster, "nopool", "", &error), -ENOENT, error);
	assert_contains(error.text, "nopool");
	assert_contains(error.advice, "nopool");
}

static void refuse_connection(struct cluster_access access, int code, const char *part)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error;
	int64_t start = deadline_now();

	assert_refused(cluster_connect(&access, 2000, &cluster, &error), code, error);
	assert_in_range(deadline_now() - start, 0, 8000); /* a busy machine may add to the 2000 */
	assert_contains(error.text, part);
	assert_null(strstr(error.text, access.key));
	assert_null(strstr(error.advice, access.key));
}

static void a_wrong_key_is_told_from_other_failures(void **state)
{
	struct cluster_access access = access_of("kube");

	access.key = getenv("ADMIN_KEY");
	refuse_connection(access, -EACCES, "client.kube");
	access.key = "bm8ga2V5";
	refuse_connection(access, -EINVAL, "not a Ceph key");
	access.key = "no base64";
	refuse_connection(access, -EINVAL, "not a Ceph key");
}

static void an_unknown_user_is_named(void **state)
{
	struct cluster_access access = access_of("kube");

	access.user = "nobody";
	refuse_connection(access, -EACCES, "client.nobody");
}

static void monitors_that_are_not_there_are_given_up(void **state)
{
	struct cluster_access access = access_of("kube");

	access.monitors = "10.77.0.99";
	refuse_connection(access, -ETIMEDOUT, "10.77.0.99");
	access.monitors = "10.77.0.1:99";
	refuse_connection(access, -ETIMEDOUT, "10.77.0.1:99");
	access.monitors = "no.such.host.invalid";
	refuse_connection(access, -EINVAL, "no.such.host.invalid");
}

static void a_ceph_conf_will_do(void **state)
{
	struct cluster_access access = access_of("kube");
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error = {0};

	access.monitors = "";
	access.conf = getenv("CEPH_CONF");
	assert_ok(cluster_connect(&access, TIMEOUT, &cluster, &error), error);
	access.conf = "/nonexistent/ceph.conf";
	refuse_connection(access, -ENOENT, "/nonexistent/ceph.conf");
}

static int address_in(const char *list, const char *address)
{
	return strstr(list, address) != NULL;
}

/* What a fenced client writes is refused at once: ESHUTDOWN. */
static void fence(const char *user, const char *pool, const char *image)
{
	_cleanup_cluster_ struct cluster *cluster = connected(user, pool, "");
	struct image_header header = header_of(cluster, image);
	struct holder holder = holder_start(image);
	struct watchers watchers = {0};
	struct error error = {0};

	assert_int_equal(holder_write(&holder), 4096);
	assert_ok(watchers_ask(cluster, header.id, 2000, &watchers, &error), error);
	assert_int_equal(watchers.count, 1);
	assert_ok(watchers_name(cluster, image, &watchers, &error), error);
	assert_ok(cluster_fence(cluster, watchers.list[0].address, 3600, header.id, &error), error);
	assert_true(
		address_in(asked("ceph osd blocklist ls 2>/dev/null"), watchers.list[0].address));
	assert_int_equal(holder_write(&holder), -ESHUTDOWN);
	holder_kill(&holder);
}

static void a_fenced_client_writes_no_more(void **state)
{
	admin("rbd create kube/fence --size 64M --image-feature layering");
	fence("kube", "kube", "fence");
}

static void the_osds_of_a_data_pool_are_told_too(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct error error = {0};

	admin("ceph osd pool create bulk 8 && rbd pool init bulk");
	admin("rbd create kube/wide --size 64M --data-pool bulk");
	cluster = connected("admin", "kube", "");
	assert_ok(cluster_fence(cluster, "10.99.0.1:0/4711", 3600, header_of(cluster, "wide").id,
				&error),
		  error);
	assert_true(address_in(asked("ceph osd blocklist ls 2>/dev/null"), "10.99.0.1:0/4711"));
	assert_refused(cluster_fence(cluster, "not an address", 3600, header_of(cluster, "wide").id,
				     &error),
		       -EINVAL, error);
}

static void who_may_not_fence_is_told_so(void **state)
{
	_cleanup_cluster_ struct cluster *cluster = connected("kube", "kube", "");
	struct error error = {0};

	/* its caps do not reach the data pool: the fence is set, but not proven */
	assert_refused(cluster_fence(cluster, "10.99.0.1:0/4712", 3600,
				     header_of(cluster, "wide").id, &error),
		       -EPERM, error);
}

const struct CMUnitTest session_tests[] = {
	UNIT("the user of the driver connects", the_user_of_the_driver_connects),
	UNIT("a missing pool is named", a_missing_pool_is_named),
	UNIT("a wrong key is told from other failures", a_wrong_key_is_told_from_other_failures),
	UNIT("an unknown user is named", an_unknown_user_is_named),
	UNIT("monitors that are not there are given up in time",
	     monitors_that_are_not_there_are_given_up),
	UNIT("a ceph.conf will do", a_ceph_conf_will_do),
	UNIT("a fenced client writes no more", a_fenced_client_writes_no_more),
	UNIT("the OSDs of a data pool are told of a fence too",
	     the_osds_of_a_data_pool_are_told_too),
	UNIT("a fence that could not be proven is a failure", who_may_not_fence_is_told_so),
};
const size_t session_tests_count = sizeof(session_tests) / sizeof(session_tests[0]);
