/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "fixtures/node.h"
#include "volume/survey.h"

#define DIRECTORY "/var/lib/kubelet/pods/u1/volumes/ceph~rbd/mysql"
#define OTHER     "/var/lib/kubelet/pods/u2/volumes/ceph~rbd/mysql"

static struct error error;
static struct config config;
static struct options options;
static struct volume volume;
static struct survey survey;

/* Volume mysql on image kube/db, wanted at DIRECTORY, in mount mode by the key whose hash is
 * 0badcafe. */
static int setup(void **state)
{
	memset(&error, 0, sizeof(error));
	memset(&options, 0, sizeof(options));
	memset(&volume, 0, sizeof(volume));
	options.volume = "mysql";
	options.image = (struct image_name){
		.pool = "kube", .name_space = "", .image = "db", .snapshot = ""};
	volume.config = &config;
	volume.options = &options;
	volume.directory = DIRECTORY;
	volume.image = options.image;
	volume.lock = -1;
	volume.device_fd = -1;
	volume.access.user = "kube";
	strcpy(volume.text, "kube/db");
	strcpy(volume.label, "rbd-flexvolume/mysql#0badcafe");
	strcpy(volume.monitors, "10.77.0.1");
	strcpy(volume.fsid, NODE_FSID);
	return node_setup(state);
}

static int look(void)
{
	return survey_node(&volume, &survey, &error);
}

static void a_node_without_the_image_has_nothing(void **state)
{
	node_mapping(0, "another", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_NOWHERE);
}

static void a_volume_that_is_mounted_at_the_directory_is_here(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(0, "/", DIRECTORY, "rw");
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_HERE);
	assert_int_equal(survey.mapping.id, 0);
}

static void a_volume_that_is_mounted_for_another_pod_can_be_joined(void **state)
{
	node_mapping(2, "db", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(32, "/sub", "/var/lib/kubelet/subpath", "rw");
	node_mount(32, "/", OTHER, "ro");
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_ELSEWHERE);
	assert_string_equal(survey.directory, OTHER);
	assert_true(survey.read_only);
	assert_int_equal(survey.mapping.id, 2);
}

static void a_volume_of_which_only_folders_are_mounted_is_refused(void **state)
{
	node_mapping(2, "db", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(32, "/sub", "/var/lib/kubelet/subpath", "rw");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, "/dev/rbd2");
}

static void another_volume_on_the_image_is_refused_by_name(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/postgres#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, "kube/db");
	assert_contains(error.text, "postgres");
	assert_contains(error.text, OTHER);
	assert_true(*error.advice);
}

static void another_key_to_the_same_volume_is_refused(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/mysql#00000000");
	node_mount(0, "/", OTHER, "rw");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, "another key");
}

static void a_mapping_by_somebody_else_is_refused(void **state)
{
	node_mapping(0, "db", "secret=AAAA");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, "somebody else");
	assert_null(strstr(error.text, "AAAA"));
}

static void a_mapping_made_by_hand_is_somebody_elses(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume.manual/mysql");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, "somebody else");
}

static void two_readers_may_have_the_image(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/reports#0badcafe,ro");
	node_mount(0, "/", OTHER, "ro");
	options.read_only = true;
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_NOWHERE);
}

static void a_snapshot_and_the_head_are_beside_each_other(void **state)
{
	/* the head, by the same label, with a writer: of no importance to the snapshot's volume */
	node_mapping(0, "db", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	options.read_only = true;
	volume.image.snapshot = "monday";
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_NOWHERE);
	/* nor is the snapshot of somebody else */
	node_mapping(1, "db", "key=somebody");
	node_attribute(1, "current_snap", "monday");
	node_mount(16, "/", "/mnt", "ro");
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_NOWHERE);
	/* its own mapping is joined */
	node_mapping(2, "db", "key=rbd-flexvolume/mysql#0badcafe,ro");
	node_attribute(2, "current_snap", "monday");
	node_mount(32, "/", "/var/lib/kubelet/pods/u3", "ro");
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_ELSEWHERE);
	assert_int_equal(survey.mapping.id, 2);
	/* and the head's volume does not mind them */
	options.read_only = false;
	volume.image.snapshot = "";
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_ELSEWHERE);
	assert_int_equal(survey.mapping.id, 0);
}

static void a_writer_is_refused_while_another_volume_reads(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/reports#0badcafe,ro");
	node_mount(0, "/", OTHER, "ro");
	assert_int_equal(look(), -EBUSY);
}

static void an_image_of_the_same_name_in_another_cluster_is_another_image(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/postgres#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	strcpy(volume.fsid, "00000000-0000-4000-8000-000000000000");
	assert_int_equal(look(), 0);
	assert_int_equal(survey.place, PLACE_NOWHERE);
}

static void without_an_fsid_user_and_a_monitor_tell_the_cluster(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/postgres#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	volume.fsid[0] = '\0';
	assert_int_equal(look(), -EBUSY);
	strcpy(volume.monitors, "10.99.0.1,10.99.0.2");
	assert_int_equal(look(), 0);
	strcpy(volume.monitors, "10.99.0.1,10.77.0.1:6789");
	assert_int_equal(look(), -EBUSY);
	volume.access.user = "other";
	assert_int_equal(look(), 0);
}

static void whoever_has_mapped_it_it_is_the_same_place(void **state)
{
	struct mapping mapping;

	node_mapping(0, "db", "key=rbd-flexvolume/mysql#0badcafe");
	assert_int_equal(krbd_read(0, &mapping), 0);
	volume.fsid[0] = '\0';
	volume.access.user = "other";
	assert_false(survey_same_image(&volume, &mapping));
	assert_true(survey_same_place(&volume, &mapping));
	strcpy(volume.monitors, "10.99.0.1");
	assert_false(survey_same_place(&volume, &mapping));
	strcpy(volume.fsid, NODE_FSID);
	assert_true(survey_same_place(&volume, &mapping));
	volume.image.image = "another";
	assert_false(survey_same_place(&volume, &mapping));
}

static void a_monitor_whose_address_only_begins_alike_is_another(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/postgres#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	volume.fsid[0] = '\0';
	strcpy(volume.monitors, "10.77.0.10,110.77.0.1");
	assert_int_equal(look(), 0);
}

static void a_directory_with_another_mount_is_refused(void **state)
{
	node_mount(160, "/", DIRECTORY, "rw");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, DIRECTORY);
	node_mapping(0, "db", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(0, "/", OTHER, "rw");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, DIRECTORY);
}

static void a_mapping_that_another_namespace_has_mounted_is_left_alone(void **state)
{
	node_mapping(0, "db", "key=rbd-flexvolume/mysql#0badcafe");
	node_mount(0, "/", "/mnt/copy", "rw");
	tree_write(tree_path("proc/self/mountinfo"), "");
	assert_int_equal(look(), -EBUSY);
	assert_contains(error.text, "another mount namespace");
}

static void attach_modes_mount_finds_the_volume_by_its_label(void **state)
{
	strcpy(volume.label, "rbd-flexvolume/mysql");
	node_mapping(1, "db", "key=rbd-flexvolume/mysql");
	assert_int_equal(survey_label(&volume, &survey, &error), 0);
	assert_int_equal(survey.place, PLACE_NOWHERE);
	node_mount(16, "/", OTHER, "rw");
	assert_int_equal(survey_label(&volume, &survey, &error), 0);
	assert_int_equal(survey.place, PLACE_ELSEWHERE);
	assert_string_equal(survey.directory, OTHER);
}

static void a_label_with_another_image_is_refused_by_both_names(void **state)
{
	strcpy(volume.label, "rbd-flexvolume/mysql");
	node_mapping(1, "other-db", "key=rbd-flexvolume/mysql");
	node_mount(16, "/", OTHER, "rw");
	assert_int_equal(survey_label(&volume, &survey, &error), -EBUSY);
	assert_contains(error.text, "kube/other-db");
	assert_contains(error.text, "kube/db");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_node_without_the_image_has_nothing),
		TEST(a_volume_that_is_mounted_at_the_directory_is_here),
		TEST(a_volume_that_is_mounted_for_another_pod_can_be_joined),
		TEST(a_volume_of_which_only_folders_are_mounted_is_refused),
		TEST(another_volume_on_the_image_is_refused_by_name),
		TEST(another_key_to_the_same_volume_is_refused),
		TEST(a_mapping_by_somebody_else_is_refused),
		TEST(a_mapping_made_by_hand_is_somebody_elses),
		TEST(two_readers_may_have_the_image),
		TEST(a_snapshot_and_the_head_are_beside_each_other),
		TEST(a_writer_is_refused_while_another_volume_reads),
		TEST(an_image_of_the_same_name_in_another_cluster_is_another_image),
		TEST(without_an_fsid_user_and_a_monitor_tell_the_cluster),
		TEST(whoever_has_mapped_it_it_is_the_same_place),
		TEST(a_monitor_whose_address_only_begins_alike_is_another),
		TEST(a_directory_with_another_mount_is_refused),
		TEST(a_mapping_that_another_namespace_has_mounted_is_left_alone),
		TEST(attach_modes_mount_finds_the_volume_by_its_label),
		TEST(a_label_with_another_image_is_refused_by_both_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
