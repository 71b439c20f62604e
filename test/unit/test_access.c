/* SPDX-License-Identifier: Apache-2.0 */
/* Which cluster, whose monitors, which user and key (design §3). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "base/str.h"
#include "kubelet/config.h"
#include "kubelet/monitor_list.h"

#define WEST_FSID "11111111-1111-4111-8111-111111111111"
#define EAST_FSID "22222222-2222-4222-8222-222222222222"
#define FAR_FSID  "33333333-3333-4333-8333-333333333333"

static const struct config_cluster CLUSTERS[] = {
	{"default", WEST_FSID, "10.0.0.1,10.0.0.2:6789", "kube", "/etc/keys/kube", "auto", "", NULL,
	 ""},
	{"east", EAST_FSID, "10.1.0.1:3300", "east", "", "auto", "", NULL,
	 "/etc/ceph/ceph.client.east.keyring"},
	{"bare", "", "10.2.0.1:7000", "", "", "auto", "", NULL, ""},
};
static const struct config CONFIG = {
	.path = "/c", .clusters = CLUSTERS, .cluster_count = ARRAY_SIZE(CLUSTERS)};
static const struct config EMPTY = {.path = ""};

static void resolved(const struct config *config, const char *json, struct options *options,
		     struct access *access)
{
	struct error error = {0};

	if (options_parse(json, options, &error) < 0 ||
	    config_access(config, options, access, &error) < 0)
		fail_msg("refused: %s", error.text);
}

static void refused(const struct config *config, const char *json, const char *words)
{
	_cleanup_options_ struct options options;
	struct error error = {0};
	struct access access;

	assert_int_equal(options_parse(json, &options, &error), 0);
	assert_int_equal(config_access(config, &options, &access, &error), -EINVAL);
	if (!strstr(error.text, words) && !strstr(error.advice, words))
		fail_msg("\"%s\" is not in \"%s; %s\"", words, error.text, error.advice);
}

static void where_nothing_is_said_it_is_ceph_conf_and_admin(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&EMPTY, "{\"image\":\"db\"}", &options, &access);
	assert_string_equal(access.cluster, "");
	assert_string_equal(access.fsid, "");
	assert_string_equal(access.monitors, "");
	assert_string_equal(access.user, "admin");
	assert_string_equal(access.key, "");
	assert_string_equal(access.keyring, "/etc/ceph/ceph.client.admin.keyring");
	assert_false(access.from_secret);
}

static void the_entry_default_serves_a_request_that_names_no_cluster(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\"}", &options, &access);
	assert_string_equal(access.cluster, "default");
	assert_string_equal(access.fsid, WEST_FSID);
	assert_string_equal(access.monitors, "10.0.0.1,10.0.0.2:6789");
	assert_string_equal(access.user, "kube");
	assert_string_equal(access.keyring, "/etc/keys/kube");
}

static void the_option_cluster_chooses_its_entry(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"cluster\":\"east\",\"monitors\":\"10.9.9.9\"}",
		 &options, &access);
	assert_string_equal(access.cluster, "east");
	assert_string_equal(access.monitors, "10.1.0.1:3300"); /* not the frozen ones */
	assert_string_equal(access.user, "east");
	assert_string_equal(access.keyring, "/etc/ceph/ceph.client.east.keyring");
}

static void an_unknown_cluster_is_refused_with_the_known_ones(void **state)
{
	refused(&CONFIG, "{\"image\":\"db\",\"cluster\":\"north\"}", "default, east, bare");
	refused(&EMPTY, "{\"image\":\"db\",\"cluster\":\"north\"}", "option monitors");
}

static void the_fsid_chooses_its_entry(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"fsid\":\"" EAST_FSID "\"}", &options, &access);
	assert_string_equal(access.cluster, "east");
	assert_string_equal(access.monitors, "10.1.0.1:3300");
}

static void a_monitor_in_common_chooses_the_entry_and_brings_its_monitors(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"monitors\":\"10.0.0.9, 10.0.0.2\"}", &options,
		 &access);
	assert_string_equal(access.cluster, "default");
	assert_string_equal(access.monitors, "10.0.0.1,10.0.0.2:6789");
	assert_string_equal(access.user, "kube");
}

static void monitors_in_common_with_nobody_are_the_requests_own(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"monitors\":\"10.9.9.9\"}", &options, &access);
	assert_string_equal(access.cluster, "");
	assert_string_equal(access.fsid, "");
	assert_string_equal(access.monitors, "10.9.9.9");
	assert_string_equal(access.user, "admin");
	assert_string_equal(access.keyring, "/etc/ceph/ceph.client.admin.keyring");
}

static void a_foreign_fsid_is_not_served_by_default(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"fsid\":\"" FAR_FSID "\"}", &options, &access);
	assert_string_equal(access.cluster, "");
	assert_string_equal(access.fsid, FAR_FSID);
	assert_string_equal(access.monitors, "");
	assert_string_equal(access.user, "admin");
}

static void frozen_monitors_are_not_replaced_by_the_fsid_alone(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"fsid\":\"" EAST_FSID "\",\"monitors\":\"10.9.9.9\"}",
		 &options, &access);
	assert_string_equal(access.cluster, "east");
	assert_string_equal(access.monitors, "10.9.9.9");
}

static void an_fsid_that_contradicts_the_entry_is_refused(void **state)
{
	refused(&CONFIG, "{\"image\":\"db\",\"cluster\":\"east\",\"fsid\":\"" WEST_FSID "\"}",
		"fsid: ");
	refused(&CONFIG, "{\"image\":\"db\",\"monitors\":\"10.0.0.1\",\"fsid\":\"" FAR_FSID "\"}",
		"fsid: ");
}

static void two_entries_that_fit_are_no_choice(void **state)
{
	static const struct config_cluster TWINS[] = {
		{"a", WEST_FSID, "10.0.0.1", "a", "", "auto", "", NULL, ""},
		{"b", WEST_FSID, "10.0.0.1", "b", "", "auto", "", NULL, ""},
	};
	static const struct config CONFUSING = {
		.path = "/c", .clusters = TWINS, .cluster_count = ARRAY_SIZE(TWINS)};

	refused(&CONFUSING, "{\"image\":\"db\",\"fsid\":\"" WEST_FSID "\"}", "option cluster");
	refused(&CONFUSING, "{\"image\":\"db\",\"monitors\":\"10.0.0.1\"}", "option cluster");
}

static void the_secret_comes_before_all_other_keys(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(
		&CONFIG,
		"{\"image\":\"db\",\"user\":\"web\",\"keyring\":\"/etc/ceph/web\","
		"\"kubernetes.io/secret/key\":\"QUJDRA==\",\"kubernetes.io/secret/user\":\"c2hvcA==\"}",
		&options, &access);
	assert_true(access.from_secret);
	assert_string_equal(access.key, "ABCD");
	assert_string_equal(access.keyring, "");
	assert_string_equal(access.user, "shop");
}

static void a_key_without_user_is_of_the_option_then_the_entry(void **state)
{
	struct options options;
	struct access access;

	resolved(&CONFIG,
		 "{\"image\":\"db\",\"user\":\"web\",\"kubernetes.io/secret/key\":\"QUJDRA==\"}",
		 &options, &access);
	assert_string_equal(access.user, "web");
	options_done(&options);
	resolved(&CONFIG, "{\"image\":\"db\",\"kubernetes.io/secret/key\":\"QUJDRA==\"}", &options,
		 &access);
	assert_string_equal(access.user, "kube");
	options_done(&options);
}

static void the_options_keyring_lies_under_etc_ceph(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&CONFIG, "{\"image\":\"db\",\"keyring\":\"/etc/ceph/web\"}", &options, &access);
	assert_string_equal(access.keyring, "/etc/ceph/web");
	refused(&CONFIG, "{\"image\":\"db\",\"keyring\":\"/etc/shadow\"}", "not under /etc/ceph");
	refused(&CONFIG, "{\"image\":\"db\",\"keyring\":\"/etc/cephalopod\"}",
		"not under /etc/ceph");
}

static void a_user_without_keyring_has_the_usual_file(void **state)
{
	_cleanup_options_ struct options options;
	struct access access;

	resolved(&EMPTY, "{\"image\":\"db\",\"user\":\"web\"}", &options, &access);
	assert_string_equal(access.user, "web");
	assert_string_equal(access.keyring, "/etc/ceph/ceph.client.web.keyring");
}

static void one_monitor_is_written_in_many_ways(void **state)
{
	static const struct {
		const char *a, *b;
		bool share;
	} CASES[] = {
		{"10.0.0.1", "10.0.0.1", true},
		{"10.0.0.1", "10.0.0.1:6789", true},
		{"10.0.0.1:3300", "10.0.0.1:6789", true},
		{"10.0.0.1:7000", "10.0.0.1:6789", false}, /* another cluster on the same host */
		{"10.0.0.1:7000", "10.0.0.1:7000", true},
		{"10.0.0.1", "10.0.0.10", false},
		{"a.example,b.example", "c.example B.EXAMPLE", true},
		{"[v2:10.0.0.1:3300/0,v1:10.0.0.1:6789/0]", "10.0.0.1", true},
		{"[v2:10.0.0.1:3300,v1:10.0.0.1:6789],[v2:10.0.0.2:3300,v1:10.0.0.2:6789]",
		 "10.0.0.2:6789", true},
		{"[fd00::1]:6789", "fd00::1", true},
		{"[fd00::1]", "[fd00::1]:3300", true},
		{"[v2:[fd00::1]:3300,v1:[fd00::1]:7000]", "[fd00::1]:7000", true},
		{"[fd00::1]:6789", "fd00::2", false},
		{"", "10.0.0.1", false},
		{"", "", false},
		{";,", ", ", false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(CASES); i++) {
		if (monitor_lists_share(CASES[i].a, CASES[i].b) != CASES[i].share ||
		    monitor_lists_share(CASES[i].b, CASES[i].a) != CASES[i].share)
			fail_msg("%s and %s", CASES[i].a, CASES[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(where_nothing_is_said_it_is_ceph_conf_and_admin),
		cmocka_unit_test(the_entry_default_serves_a_request_that_names_no_cluster),
		cmocka_unit_test(the_option_cluster_chooses_its_entry),
		cmocka_unit_test(an_unknown_cluster_is_refused_with_the_known_ones),
		cmocka_unit_test(the_fsid_chooses_its_entry),
		cmocka_unit_test(a_monitor_in_common_chooses_the_entry_and_brings_its_monitors),
		cmocka_unit_test(monitors_in_common_with_nobody_are_the_requests_own),
		cmocka_unit_test(a_foreign_fsid_is_not_served_by_default),
		cmocka_unit_test(frozen_monitors_are_not_replaced_by_the_fsid_alone),
		cmocka_unit_test(an_fsid_that_contradicts_the_entry_is_refused),
		cmocka_unit_test(two_entries_that_fit_are_no_choice),
		cmocka_unit_test(the_secret_comes_before_all_other_keys),
		cmocka_unit_test(a_key_without_user_is_of_the_option_then_the_entry),
		cmocka_unit_test(the_options_keyring_lies_under_etc_ceph),
		cmocka_unit_test(a_user_without_keyring_has_the_usual_file),
		cmocka_unit_test(one_monitor_is_written_in_many_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
