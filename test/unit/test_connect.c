/* SPDX-License-Identifier: Apache-2.0 */
/* Which cluster, user and keyring flags, configuration and ceph.conf mean. */
#include <errno.h>

#include "volume/connect.h"

#include "unit.h"

#define FSID      "6f0d6e1a-7e06-4b40-b0a0-3a4d1c9a8f01"
#define FSID_CONF "0c4e9c2d-1d8b-4d3a-9d58-7f0a5b1c2e02"

static const struct config_cluster CLUSTERS[] = {
	{.name = "default",
	 .fsid = FSID,
	 .monitors = "10.0.0.1,10.0.0.2",
	 .user = "kube",
	 .keyring = "/etc/kube.keyring",
	 .ms_mode = "auto",
	 .map_options = ""},
	{.name = "west",
	 .fsid = "",
	 .monitors = "10.0.0.2,10.0.9.9",
	 .user = "west",
	 .keyring = "",
	 .ms_mode = "secure",
	 .map_options = "noshare"},
};
static const struct config CONFIG = {.clusters = CLUSTERS, .cluster_count = 2};

static char *directory;
static char conf[64];
static struct connect_found found;
static struct error error;

static void find(const struct connect_wish *wish)
{
	assert_int_equal(connect_find(&CONFIG, wish, &found, &error), 0);
}

static void without_a_flag_the_default_entry_decides(void **state)
{
	find(&(struct connect_wish){0});
	assert_ptr_equal(found.entry, &CLUSTERS[0]);
	assert_string_equal(found.monitors, "10.0.0.1,10.0.0.2");
	assert_string_equal(found.fsid, FSID);
	assert_string_equal(found.user, "kube");
	assert_string_equal(found.keyring, "/etc/kube.keyring");
}

static void another_user_has_another_keyring(void **state)
{
	find(&(struct connect_wish){.user = "guest"});
	assert_string_equal(found.user, "guest");
	assert_string_equal(found.keyring, "/etc/ceph/ceph.client.guest.keyring");
	find(&(struct connect_wish){.user = "guest", .keyring = "/my"});
	assert_string_equal(found.keyring, "/my");
}

static void monitors_that_are_given_win_and_find_the_entry(void **state)
{
	find(&(struct connect_wish){.monitors = "10.0.9.9"});
	assert_ptr_equal(found.entry, &CLUSTERS[1]);
	assert_string_equal(found.monitors, "10.0.9.9");
	assert_string_equal(found.user, "west");
	/* nobody knows it: nothing of an entry is taken for it */
	find(&(struct connect_wish){.monitors = "10.0.7.7"});
	assert_ptr_equal(found.entry, &config_cluster_none);
	assert_string_equal(found.fsid, "");
	assert_string_equal(found.user, "admin");
	assert_string_equal(found.keyring, "/etc/ceph/ceph.client.admin.keyring");
	find(&(struct connect_wish){.monitors = "10.0.7.7", .cluster = "west"});
	assert_ptr_equal(found.entry, &CLUSTERS[1]);
	assert_string_equal(found.monitors, "10.0.7.7");
}

static void monitors_of_two_entries_are_a_question_that_the_name_answers(void **state)
{
	struct connect_wish wish = {.monitors = "10.0.0.2"};
	char keyring[PATH_MAX];

	assert_int_equal(connect_find(&CONFIG, &wish, &found, &error), -EINVAL);
	assert_contains(error.text, "10.0.0.2");
	assert_contains(error.text, "default and west");
	assert_contains(error.advice, "--cluster");
	assert_int_equal(connect_find_keyring(&CONFIG, &wish, keyring, &error), -EINVAL);
	wish.cluster = "west";
	find(&wish);
	assert_ptr_equal(found.entry, &CLUSTERS[1]);
	assert_string_equal(found.monitors, "10.0.0.2");
}

static void an_entry_without_a_user_is_of_client_admin(void **state)
{
	const struct config_cluster entry = {.name = "default",
					     .fsid = "",
					     .monitors = "10.0.0.1",
					     .user = "",
					     .keyring = "/etc/all.keyring"};
	const struct config config = {.clusters = &entry, .cluster_count = 1};
	static const struct {
		const char *user, *keyring;
	} CASES[] = {
		{"", "/etc/all.keyring"},
		{"admin", "/etc/all.keyring"},
		{"guest", "/etc/ceph/ceph.client.guest.keyring"},
	};

	for (size_t i = 0; i < sizeof(CASES) / sizeof(CASES[0]); i++) {
		const struct connect_wish wish = {.user = CASES[i].user};

		assert_int_equal(connect_find(&config, &wish, &found, &error), 0);
		assert_string_equal(found.user, *CASES[i].user ? CASES[i].user : "admin");
		assert_string_equal(found.keyring, CASES[i].keyring);
	}
}

static void a_ceph_conf_says_monitors_and_fsid_and_no_entry_counts(void **state)
{
	char expected[96];

	find(&(struct connect_wish){.conf = conf});
	assert_ptr_equal(found.entry, &config_cluster_none);
	assert_string_equal(found.monitors, "");
	assert_string_equal(found.mon_host, "10.5.5.5:6789");
	assert_string_equal(found.fsid, FSID_CONF);
	assert_string_equal(found.user, "admin");
	snprintf(expected, sizeof(expected), "%s/lab.client.admin.keyring", directory);
	assert_string_equal(found.keyring, expected);
}

static void with_a_ceph_conf_a_named_entry_says_the_rest(void **state)
{
	char expected[96];

	find(&(struct connect_wish){.conf = conf, .cluster = "default"});
	assert_string_equal(found.monitors, "");
	assert_string_equal(found.mon_host, "10.5.5.5:6789");
	assert_string_equal(found.fsid, FSID); /* compared when it connects */
	assert_string_equal(found.keyring, "/etc/kube.keyring");
	find(&(struct connect_wish){.conf = conf, .cluster = "west"});
	assert_string_equal(found.fsid, FSID_CONF);
	assert_string_equal(found.user, "west");
	snprintf(expected, sizeof(expected), "%s/lab.client.west.keyring", directory);
	assert_string_equal(found.keyring, expected);
}

static void what_is_not_there_is_named(void **state)
{
	assert_int_equal(
		connect_find(&CONFIG, &(struct connect_wish){.cluster = "nowhere"}, &found, &error),
		-ENOENT);
	assert_contains(error.text, "cluster nowhere");
	assert_contains(error.text, "/etc/ceph/nowhere.conf");
	assert_int_equal(connect_find(&CONFIG, &(struct connect_wish){.conf = "/no/such.conf"},
				      &found, &error),
			 -ENOENT);
	assert_contains(error.text, "/no/such.conf");
}

static int make_conf(void **state)
{
	FILE *file;

	directory = scratch_make();
	snprintf(conf, sizeof(conf), "%s/lab.conf", directory);
	file = fopen(conf, "we");
	if (!file)
		return -1;
	fprintf(file, "[global]\nfsid = %s\nmon_host = 10.5.5.5:6789\n", FSID_CONF);
	return fclose(file);
}

static int remove_conf(void **state)
{
	scratch_remove(directory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_flag_the_default_entry_decides),
		cmocka_unit_test(another_user_has_another_keyring),
		cmocka_unit_test(monitors_that_are_given_win_and_find_the_entry),
		cmocka_unit_test(monitors_of_two_entries_are_a_question_that_the_name_answers),
		cmocka_unit_test(an_entry_without_a_user_is_of_client_admin),
		cmocka_unit_test(a_ceph_conf_says_monitors_and_fsid_and_no_entry_counts),
		cmocka_unit_test(with_a_ceph_conf_a_named_entry_says_the_rest),
		cmocka_unit_test(what_is_not_there_is_named),
	};

	return cmocka_run_group_tests(tests, make_conf, remove_conf);
}
