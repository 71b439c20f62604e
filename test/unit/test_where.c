/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel is told of a cluster when a person maps: all that the configuration has of it. */
#include <errno.h>

#include "admin/where.h"

#include "unit.h"

#define FSID "6f0d6e1a-7e06-4b40-b0a0-3a4d1c9a8f01"

static const struct config_cluster WEST = {.name = "west",
					   .fsid = FSID,
					   .monitors = "10.0.0.2,10.0.9.9",
					   .user = "kube",
					   .keyring = "/etc/west.keyring",
					   .ms_mode = "secure",
					   .map_options = "noshare"};
static const struct config CONFIG = {.clusters = &WEST, .cluster_count = 1};
static const struct error NO_ERROR;

static char *directory;
static struct connect_found found;
static struct volume volume;
static struct error error;

static int find(enum flag flag, const char *value)
{
	struct admin admin = {.config = &CONFIG, .config_error = &NO_ERROR};

	admin.arguments.flags[flag] = value;
	volume = (struct volume){.image = {.pool = "kube", .image = "db"}};
	return where_is(&admin, &found, &volume, &error);
}

static void all_that_an_entry_says_reaches_the_map(void **state)
{
	assert_int_equal(find(FLAG_CLUSTER, "west"), 0);
	assert_string_equal(volume.fsid, FSID);
	assert_string_equal(volume.monitors, "10.0.0.2,10.0.9.9");
	assert_string_equal(volume.access.cluster, "west");
	assert_string_equal(volume.access.fsid, FSID);
	assert_string_equal(volume.access.user, "kube");
	assert_string_equal(volume.access.own_user, "kube");
	assert_string_equal(volume.access.keyring, "/etc/west.keyring");
	assert_string_equal(volume.access.key, "");
	assert_string_equal(volume.access.ms_mode, "secure");
	assert_string_equal(volume.access.map_options, "noshare");
}

static void monitors_by_hand_go_with_the_entry_that_has_one_of_them(void **state)
{
	assert_int_equal(find(FLAG_MONITORS, "10.0.9.9"), 0);
	assert_string_equal(volume.monitors, "10.0.9.9");
	assert_string_equal(volume.fsid, FSID);
	assert_string_equal(volume.access.ms_mode, "secure");
}

/* A ceph.conf whose mon_host is `length` characters long. */
static void write_conf(size_t length, char path[64])
{
	FILE *file;

	snprintf(path, 64, "%s/lab.conf", directory);
	file = fopen(path, "we");
	assert_non_null(file);
	fprintf(file, "[global]\nmon_host = 10.5.5.5");
	for (size_t i = strlen("10.5.5.5"); i < length; i++)
		fputc(i % 9 ? '1' : ',', file);
	fputc('\n', file);
	assert_int_equal(fclose(file), 0);
}

static void a_mon_host_that_is_too_long_is_refused_by_its_files_name(void **state)
{
	char conf[64];

	write_conf(sizeof(volume.monitors) - 1, conf);
	assert_int_equal(find(FLAG_CONF, conf), 0);
	assert_int_equal(strlen(volume.monitors), sizeof(volume.monitors) - 1);
	assert_string_equal(volume.access.ms_mode, "auto");
	write_conf(sizeof(volume.monitors), conf);
	assert_int_equal(find(FLAG_CONF, conf), -EINVAL);
	assert_contains(error.text, conf);
	assert_contains(error.text, "2047");
	assert_contains(error.advice, "-m");
}

static int make_directory(void **state)
{
	directory = scratch_make();
	return 0;
}

static int remove_directory(void **state)
{
	scratch_remove(directory);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_that_an_entry_says_reaches_the_map),
		cmocka_unit_test(monitors_by_hand_go_with_the_entry_that_has_one_of_them),
		cmocka_unit_test(a_mon_host_that_is_too_long_is_refused_by_its_files_name),
	};

	return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
