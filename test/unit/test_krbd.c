/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/sysmacros.h>

#include "unit.h"

#include "base/str.h"
#include "fixtures/tree.h"
#include "kernel/krbd.h"
#include "kernel/krbd_errno.h"

static struct error error;

static int setup(void **state)
{
	memset(&error, 0, sizeof(error));
	return tree_setup(state);
}

/* One attribute of a mapping; NULL takes it away. */
static void attribute(int id, const char *name, const char *value)
{
	char line[8192];
	const char *path = tree_path("sys/bus/rbd/devices/%d/%s", id, name);

	if (!value) {
		assert_int_equal(remove(path), 0);
		return;
	}
	snprintf(line, sizeof(line), "%s\n", value);
	tree_write(path, line);
}

/* As drivers/block/rbd.c of 6.1 shows one. */
static void entry(int id, const char *image, const char *options)
{
	char config[4096], minor_number[16];

	snprintf(config, sizeof(config), "10.77.0.1:6789,10.77.0.2:6789 %s kube %s -", options,
		 image);
	snprintf(minor_number, sizeof(minor_number), "%d", id * 16);
	attribute(id, "config_info", config);
	attribute(id, "major", "252");
	attribute(id, "minor", minor_number);
	attribute(id, "size", "1073741824");
	attribute(id, "client_id", "client4123");
	attribute(id, "client_addr", "10.77.0.11:0/2938470021");
	attribute(id, "cluster_fsid", "b0c1a5e2-52d5-4ad1-8e1e-6c1a3b8f9d00");
	attribute(id, "pool", "kube");
	attribute(id, "pool_ns", "");
	attribute(id, "name", image);
	attribute(id, "image_id", "10226b8b4567");
	attribute(id, "current_snap", "-");
}

static void where_there_is_no_bus_there_are_no_mappings(void **state)
{
	struct mappings mappings;

	assert_int_equal(krbd_list(&mappings, &error), 0);
	assert_int_equal(mappings.count, 0);
}

static void a_mapping_is_read_whole(void **state)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	const struct mapping *mapping;

	entry(3, "db", "name=kube,key=rbd-flexvolume/pvc-1,mount_timeout=30");
	assert_int_equal(krbd_list(&mappings, &error), 0);
	assert_int_equal(mappings.count, 1);
	mapping = mappings_by_device(&mappings, makedev(252, 48));
	assert_ptr_equal(mapping, mappings.list);
	assert_int_equal(mapping->id, 3);
	assert_string_equal(mapping->pool, "kube");
	assert_string_equal(mapping->name_space, "");
	assert_string_equal(mapping->image, "db");
	assert_string_equal(mapping->snapshot, "");
	assert_string_equal(mapping->image_id, "10226b8b4567");
	assert_string_equal(mapping->fsid, "b0c1a5e2-52d5-4ad1-8e1e-6c1a3b8f9d00");
	assert_string_equal(mapping->label, "rbd-flexvolume/pvc-1");
	assert_string_equal(mapping->user, "kube");
	assert_string_equal(mapping->monitors, "10.77.0.1:6789,10.77.0.2:6789");
	assert_string_equal(mapping->client_address, "10.77.0.11:0/2938470021");
	assert_int_equal(mapping->client, 4123);
	assert_int_equal(mapping->size, 1073741824);
	assert_false(mapping->read_only);
	assert_null(mappings_by_device(&mappings, makedev(252, 0)));
}

/* What the other reads would bring need not even be there. */
static void labels_alone_are_listed(void **state)
{
	_cleanup_mappings_ struct mappings mappings = {0};

	entry(3, "db", "name=kube,key=rbd-flexvolume/pvc-1#0123abcd,ro");
	attribute(3, "pool", NULL);
	attribute(3, "size", NULL);
	entry(4, "new", "name=kube,key=rbd-flexvolume/pvc-2");
	attribute(4, "major", "(none)");
	assert_int_equal(krbd_list_labels(&mappings, &error), 0);
	assert_int_equal(mappings.count, 1);
	assert_int_equal(mappings.list[0].id, 3);
	assert_int_equal(mappings.list[0].device, makedev(252, 48));
	assert_string_equal(mappings.list[0].label, "rbd-flexvolume/pvc-1#0123abcd");
	assert_string_equal(mappings.list[0].user, "kube");
	assert_true(mappings.list[0].read_only);
	assert_string_equal(mappings.list[0].image, "");
}

static void of_one_image_all_mappings_are_read_and_of_others_only_the_names(void **state)
{
	const struct image_name image = {
		.pool = "kube", .name_space = "", .image = "db", .snapshot = ""};
	_cleanup_mappings_ struct mappings mappings = {0};

	entry(3, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	entry(4, "db", "name=kube,key=rbd-flexvolume/pvc-2");
	attribute(4, "current_snap", "monday");
	entry(5, "other", "name=kube,key=rbd-flexvolume/pvc-3");
	attribute(5, "major", NULL);
	entry(6, "db", "name=kube,key=rbd-flexvolume/pvc-4");
	attribute(6, "pool", "elsewhere");
	entry(7, "db", "name=kube,key=rbd-flexvolume/pvc-5");
	attribute(7, "pool_ns", "team");
	assert_int_equal(krbd_list_image(&image, &mappings, &error), 0);
	assert_int_equal(mappings.count, 2);
	assert_int_equal(mappings.list[0].id + mappings.list[1].id, 3 + 4);
	for (size_t i = 0; i < mappings.count; i++) {
		assert_int_equal(mappings.list[i].client, 4123);
		assert_int_equal(mappings.list[i].read_only, mappings.list[i].id == 4);
	}
}

static void names_alone_are_read(void **state)
{
	struct mapping mapping;

	entry(3, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	attribute(3, "config_info", NULL);
	attribute(3, "pool_ns", "team");
	attribute(3, "current_snap", "monday");
	assert_int_equal(krbd_read_names(3, &mapping), 0);
	assert_int_equal(mapping.id, 3);
	assert_string_equal(mapping.pool, "kube");
	assert_string_equal(mapping.name_space, "team");
	assert_string_equal(mapping.image, "db");
	assert_string_equal(mapping.snapshot, "monday");
	assert_string_equal(mapping.label, "");
	attribute(3, "name", "(unknown)");
	assert_int_equal(krbd_read_names(3, &mapping), -ENOENT);
	assert_int_equal(krbd_read_names(5, &mapping), -ENOENT);
}

/* test/unit/fixtures/node-*: dumps of real nodes */
static void a_real_nodes_mappings_are_read(void **state)
{
	static const char *const nodes[] = {FIXTURES "/node-6.1", FIXTURES "/node-6.12"};

	for (size_t i = 0; i < 2; i++) {
		_cleanup_mappings_ struct mappings mappings = {0};
		const struct mapping *head, *snapshot;

		path_set_root(nodes[i]);
		assert_int_equal(krbd_list(&mappings, &error), 0);
		assert_int_equal(mappings.count, 2);
		head = &mappings.list[mappings.list[0].id == 0 ? 0 : 1];
		snapshot = &mappings.list[mappings.list[0].id == 0 ? 1 : 0];
		assert_string_equal(head->label, "rbd-flexvolume/pvc-unit#0123abcd");
		assert_string_equal(head->image, "unit");
		assert_string_equal(head->user, "kube");
		assert_string_equal(head->pool, "kube");
		assert_int_equal(strlen(head->fsid), 36);
		assert_int_equal(head->size, 64 << 20);
		assert_true(head->client > 0);
		assert_non_null(strstr(head->client_address, ":0/"));
		assert_false(head->read_only);
		assert_true(mapping_is_ours(head));
		assert_string_equal(snapshot->snapshot, "one");
		assert_true(snapshot->read_only);
		assert_int_equal(major(head->device), major(snapshot->device));
		assert_int_not_equal(head->device, snapshot->device);
	}
}

static void without_a_key_there_is_no_label_and_no_secret_is_taken(void **state)
{
	struct mapping mapping;

	entry(0, "db", "name=admin,secret=AQAAAABkAAAAABAAMDEyMzQ1Njc4OWFiY2RlZg==");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_string_equal(mapping.label, "");
	assert_string_equal(mapping.user, "admin");
	assert_null(memmem(&mapping, sizeof(mapping), "AQAAAABk", 8));
	assert_false(mapping_is_ours(&mapping));
}

static void an_old_or_unprivileged_view_has_no_label(void **state)
{
	struct mapping mapping;

	entry(0, "db", "name=kube,key=rbd-flexvolume/a,ro");
	attribute(0, "config_info", NULL); /* before 4.9 */
	attribute(0, "pool_ns", NULL);     /* before 4.19 */
	tree_write(tree_path("sys/block/rbd0/ro"), "1\n");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_string_equal(mapping.label, "");
	assert_true(mapping.read_only);
}

static void read_only_is_what_the_last_word_says(void **state)
{
	struct mapping mapping;

	entry(0, "db", "name=kube,key=k,ro");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_true(mapping.read_only);
	entry(0, "db", "name=kube,read_only,key=k,rw");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_false(mapping.read_only);
	entry(0, "db", "name=kube,key=rock,queue_depth=8");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_false(mapping.read_only);
	attribute(0, "current_snap", "monday");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_true(mapping.read_only);
}

static void an_exclusive_mapping_is_known_by_its_word(void **state)
{
	struct mapping mapping;

	entry(0, "db", "name=kube,key=k,exclusive,mount_timeout=10");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_true(mapping.exclusive);
	entry(0, "db", "name=exclusive,key=exclusive,mount_timeout=10");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_false(mapping.exclusive);
}

static void an_entry_that_is_being_set_up_is_passed_over(void **state)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	struct mapping mapping;

	entry(0, "db", "name=kube,key=a");
	entry(1, "db1", "name=kube,key=b");
	entry(2, "db2", "name=kube,key=c");
	attribute(1, "major", "(none)");
	attribute(2, "name", "(unknown)");
	assert_int_equal(krbd_list(&mappings, &error), 0);
	assert_int_equal(mappings.count, 1);
	assert_int_equal(krbd_read(1, &mapping), -ENOENT);
	assert_int_equal(krbd_read(2, &mapping), -ENOENT);
	assert_int_equal(krbd_read(7, &mapping), -ENOENT);
}

static void an_entry_that_vanishes_while_it_is_read_is_passed_over(void **state)
{
	_cleanup_mappings_ struct mappings mappings = {0};

	entry(0, "db", "name=kube,key=a");
	attribute(0, "current_snap", NULL);
	attribute(0, "name", NULL);
	assert_int_equal(krbd_list(&mappings, &error), 0);
	assert_int_equal(mappings.count, 0);
}

static void a_mapping_that_cannot_be_read_is_never_called_unmapped(void **state)
{
	struct mappings mappings;

	entry(0, "db", "name=kube,key=a");
	attribute(0, "pool", NULL);
	tree_path("sys/bus/rbd/devices/0/pool/x"); /* a folder: EISDIR */
	assert_int_equal(krbd_list(&mappings, &error), -EISDIR);
	assert_non_null(strstr(error.text, "list the mappings of this node"));
}

static void what_is_no_number_is_no_mapping(void **state)
{
	struct mappings mappings;

	tree_path("sys/bus/rbd/devices/-1/x");
	tree_path("sys/bus/rbd/devices/rbd0/x");
	tree_path("sys/bus/rbd/devices/99999999999/x");
	assert_int_equal(krbd_list(&mappings, &error), 0);
	assert_int_equal(mappings.count, 0);
}

static void an_overlong_name_of_somebody_equals_no_name_of_ours(void **state)
{
	char name[301], ours[256];
	struct mapping mapping;

	memset(name, 'a', sizeof(name));
	name[300] = '\0';
	memset(ours, 'a', sizeof(ours));
	ours[255] = '\0';
	entry(0, name, "name=kube,key=a");
	assert_int_equal(krbd_read(0, &mapping), 0);
	assert_string_not_equal(mapping.image, ours);
}

static const char *volume_of(const char *label)
{
	static char volume[KRBD_LABEL_MAX];
	struct mapping mapping = {0};

	snprintf(mapping.label, sizeof(mapping.label), "%s", label);
	return mapping_volume(&mapping, volume);
}

static void the_volume_is_the_label_without_prefix_and_hash(void **state)
{
	assert_string_equal(volume_of("rbd-flexvolume/pvc-1"), "pvc-1");
	assert_string_equal(volume_of("rbd-flexvolume/data#0123abcd"), "data");
	assert_string_equal(volume_of("rbd-flexvolume/data#0123ABCD"), "data#0123ABCD");
	assert_string_equal(volume_of("rbd-flexvolume/data#123abcd"), "data#123abcd");
	assert_string_equal(volume_of("rbd-flexvolume.manual/kube/db"), "");
	assert_string_equal(volume_of("client.kube"), "");
	assert_string_equal(volume_of(""), "");
}

static struct krbd_map request(void)
{
	struct krbd_map map = {
		.image = {.pool = "kube", .name_space = "", .image = "db", .snapshot = ""},
		.monitors = "10.77.0.1:6789",
		.user = "kube",
		.label = "rbd-flexvolume/pvc-1",
		.mount_timeout = 30,
	};

	return map;
}

/* What the kernel is told. */
static const char *told(const struct krbd_map *map)
{
	tree_write(tree_path("sys/bus/rbd/add_single_major"), "");
	assert_int_equal(krbd_map(map, &error), 0);
	return tree_read(tree_path("sys/bus/rbd/add_single_major"));
}

static void the_add_string_has_every_part_in_its_place(void **state)
{
	struct krbd_map map = request();

	assert_string_equal(told(&map), "10.77.0.1:6789 "
					"name=kube,key=rbd-flexvolume/pvc-1,mount_timeout=30 "
					"kube db -");
	map.image.name_space = "team";
	map.image.snapshot = "monday";
	map.read_only = map.no_share = map.exclusive = true;
	map.ms_mode = "prefer-crc";
	map.options = "queue_depth=64";
	assert_string_equal(told(&map),
			    "10.77.0.1:6789 name=kube,key=rbd-flexvolume/pvc-1,ro,noshare,"
			    "exclusive,ms_mode=prefer-crc,mount_timeout=30,queue_depth=64,"
			    "_pool_ns=team kube db monday");
}

static void a_snapshot_is_mapped_read_only_by_itself(void **state)
{
	struct krbd_map map = request();

	map.image.snapshot = "monday";
	map.mount_timeout = 0;
	assert_string_equal(told(&map),
			    "10.77.0.1:6789 name=kube,key=rbd-flexvolume/pvc-1,ro kube db monday");
}

static void without_single_major_the_plain_file_is_written(void **state)
{
	struct krbd_map map = request();

	tree_write(tree_path("sys/bus/rbd/add"), "");
	tree_write(tree_path("sys/bus/rbd/remove"), "");
	assert_int_equal(krbd_map(&map, &error), 0);
	assert_non_null(strstr(tree_read(tree_path("sys/bus/rbd/add")), " kube db -"));
	assert_int_equal(krbd_unmap(12, &error), 0);
	assert_string_equal(tree_read(tree_path("sys/bus/rbd/remove")), "12");
}

static void a_mapping_is_removed_without_force(void **state)
{
	tree_write(tree_path("sys/bus/rbd/remove"), "");
	tree_write(tree_path("sys/bus/rbd/remove_single_major"), "");
	assert_int_equal(krbd_unmap(0, &error), 0);
	assert_string_equal(tree_read(tree_path("sys/bus/rbd/remove_single_major")), "0");
	assert_string_equal(tree_read(tree_path("sys/bus/rbd/remove")), "");
}

static void refused(const struct krbd_map *map, const char *why)
{
	tree_write(tree_path("sys/bus/rbd/add_single_major"), "");
	assert_int_equal(krbd_map(map, &error), -EINVAL);
	assert_contains(error.text, why);
	assert_string_equal(tree_read(tree_path("sys/bus/rbd/add_single_major")), "");
}

static void a_name_that_would_inject_an_option_never_reaches_the_kernel(void **state)
{
	static const char *const bad[] = {"a b",  "a\tb", "a\nb", "a,b",
					  "a\vb", "a\fb", "a\rb", "a\x7f"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct krbd_map map = request();

		map.image.image = bad[i];
		refused(&map, "the image has");
		map = request();
		map.image.pool = bad[i];
		refused(&map, "the pool has");
		map = request();
		map.image.name_space = bad[i];
		refused(&map, "the namespace has");
		map = request();
		map.image.snapshot = bad[i];
		refused(&map, "the snapshot has");
		map = request();
		map.user = bad[i];
		refused(&map, "the user has");
		map = request();
		map.label = bad[i];
		refused(&map, "the label has");
	}
}

static void an_empty_part_never_reaches_the_kernel(void **state)
{
	struct krbd_map map = request();

	map.image.image = "";
	refused(&map, "the image is empty");
	map = request();
	map.monitors[0] = '\0';
	refused(&map, "the monitor list is empty");
	map = request();
	map.user = NULL;
	refused(&map, "the user is empty");
}

static void more_than_the_kernel_reads_is_refused(void **state)
{
	char options[4096];
	struct krbd_map map = request();
	size_t without = strlen(told(&map)) + 1;

	memset(options, 'x', sizeof(options));
	map.options = options;
	options[4094 - without] = '\0';
	assert_int_equal(strlen(told(&map)), 4094);
	options[4094 - without] = 'x';
	options[4095 - without] = '\0';
	assert_int_equal(krbd_map(&map, &error), -E2BIG);
	assert_contains(error.text, "4095 bytes, the kernel reads 4094 at most");
}

static void without_the_module_the_advice_is_to_load_it(void **state)
{
	struct krbd_map map = request();

	assert_int_equal(krbd_map(&map, &error), -ENOENT);
	assert_contains(error.text, "map image kube/db: open /sys/bus/rbd/add");
	assert_contains(error.advice, "modprobe rbd");
}

static void each_answer_of_the_kernel_has_a_sentence_and_advice(void **state)
{
	static const struct {
		int code;
		const char *text;
		const char *advice;
	} answers[] = {
		{-EPERM, "may not write to the image, or the key is not in", "root"},
		{-ENOENT, "is missing (ENOENT)", "rbd ls"},
		{-EIO, "monitors", "feature set mismatch"},
		{-ENXIO, "features that this kernel does not support", "rbd feature disable"},
		{-EACCES, "refused the user or the key", "profile rbd"},
		{-EBUSY, "lock", "rbd lock"},
		{-EINVAL, "option", "exclusive-lock"},
		{-EROFS, "exclusively", "rbd status"},
		{-ERANGE, "510 snapshots", "snapshots"},
		{-ESHUTDOWN, "blocklisted", "noshare"},
		{-ETIMEDOUT, "did not answer in time", "6789"},
	};
	struct krbd_map map = request();

	map.exclusive = true;
	for (size_t i = 0; i < ARRAY_SIZE(answers); i++) {
		assert_int_equal(krbd_explain_map(answers[i].code, &map, &error), answers[i].code);
		assert_int_equal(error.code, answers[i].code);
		assert_contains(error.text,
				"map image kube/db as client.kube: the kernel refused: ");
		assert_contains(error.text, answers[i].text);
		assert_contains(error.advice, answers[i].advice);
	}
	assert_int_equal(krbd_explain_map(-ENOSPC, &map, &error), -ENOSPC);
	assert_contains(error.text, "No space left on device (errno 28)");
}

static void a_refusal_names_what_this_kernel_is_too_old_for(void **state)
{
	struct krbd_map map = request();

	map.ms_mode = "secure";
	map.options = "queue_depth=4,rxbounce";
	tree_write(tree_path("proc/sys/kernel/osrelease"), "5.10.0-21-amd64\n");
	assert_int_equal(krbd_explain_map(-EINVAL, &map, &error), -EINVAL);
	assert_contains(error.text, "this is Linux 5.10, and these came later: ms_mode (Linux "
				    "5.11), rxbounce (Linux 5.17)");
	assert_contains(error.advice, "a newer kernel");
	/* of another refusal that is not the reason */
	assert_int_equal(krbd_explain_map(-ENXIO, &map, &error), -ENXIO);
	assert_null(strstr(error.text, "came later"));
	tree_write(tree_path("proc/sys/kernel/osrelease"), "6.12.1\n");
	assert_int_equal(krbd_explain_map(-EINVAL, &map, &error), -EINVAL);
	assert_null(strstr(error.text, "came later"));
	/* the volume's names are no options */
	map.ms_mode = map.options = NULL;
	map.image.name_space = "rxbounce";
	tree_write(tree_path("proc/sys/kernel/osrelease"), "4.18.0\n");
	assert_int_equal(krbd_explain_map(-EINVAL, &map, &error), -EINVAL);
	assert_contains(error.text, "these came later: _pool_ns (Linux 4.19)");
}

static void an_unmap_says_what_stands_in_its_way(void **state)
{
	assert_int_equal(krbd_explain_unmap(-EBUSY, 4, &error), -EBUSY);
	assert_contains(error.text, "unmap rbd4: the kernel refused: the device is still open");
	assert_int_equal(krbd_explain_unmap(-EINPROGRESS, 4, &error), -EINPROGRESS);
	assert_contains(error.text, "being removed already");
}

static void the_kernels_refusal_of_a_write_is_its_answer(void **state)
{
	struct krbd_map map = request();

	tree_path("sys/bus/rbd/x");
	assert_int_equal(symlink("/dev/full", tree_path("sys/bus/rbd/add")), 0);
	assert_int_equal(krbd_map(&map, &error), -ENOSPC);
	assert_contains(error.text, "the kernel refused");
}

static void the_new_mapping_is_found_among_others(void **state)
{
	_cleanup_mappings_ struct mappings before = {0};
	struct krbd_map map = request();
	struct mapping found;

	entry(0, "db", "name=kube,key=rbd-flexvolume/other");
	entry(1, "db1", "name=kube,key=rbd-flexvolume/pvc-1");
	assert_int_equal(krbd_list(&before, &error), 0);
	assert_int_equal(krbd_find_new(&map, &before, &found, &error), -ENODEV);
	entry(2, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	assert_int_equal(krbd_find_new(&map, &before, &found, &error), 0);
	assert_int_equal(found.id, 2);
}

static void an_id_that_was_freed_and_given_again_is_new(void **state)
{
	_cleanup_mappings_ struct mappings before = {0};
	struct krbd_map map = request();
	struct mapping found;

	entry(0, "foreign", "name=kube,key=client.kube");
	assert_int_equal(krbd_list(&before, &error), 0);
	entry(0, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	assert_int_equal(krbd_find_new(&map, &before, &found, &error), 0);
	assert_int_equal(found.id, 0);
}

static void two_new_mappings_of_one_label_are_refused(void **state)
{
	struct mappings before = {0};
	struct krbd_map map = request();
	struct mapping found;

	entry(0, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	entry(1, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	assert_int_equal(krbd_find_new(&map, &before, &found, &error), -ENOTUNIQ);
}

static void a_mapping_that_was_there_is_not_the_new_one(void **state)
{
	_cleanup_mappings_ struct mappings before = {0};
	struct krbd_map map = request();
	struct mapping found;

	entry(0, "db", "name=kube,key=rbd-flexvolume/pvc-1");
	assert_int_equal(krbd_list(&before, &error), 0);
	assert_int_equal(krbd_find_new(&map, &before, &found, &error), -ENODEV);
	assert_contains(error.text, "no new entry with the label rbd-flexvolume/pvc-1");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(where_there_is_no_bus_there_are_no_mappings),
		TEST(a_mapping_is_read_whole),
		TEST(labels_alone_are_listed),
		TEST(of_one_image_all_mappings_are_read_and_of_others_only_the_names),
		TEST(names_alone_are_read),
		TEST(a_real_nodes_mappings_are_read),
		TEST(without_a_key_there_is_no_label_and_no_secret_is_taken),
		TEST(an_old_or_unprivileged_view_has_no_label),
		TEST(read_only_is_what_the_last_word_says),
		TEST(an_exclusive_mapping_is_known_by_its_word),
		TEST(an_entry_that_is_being_set_up_is_passed_over),
		TEST(an_entry_that_vanishes_while_it_is_read_is_passed_over),
		TEST(a_mapping_that_cannot_be_read_is_never_called_unmapped),
		TEST(what_is_no_number_is_no_mapping),
		TEST(an_overlong_name_of_somebody_equals_no_name_of_ours),
		TEST(the_volume_is_the_label_without_prefix_and_hash),
		TEST(the_add_string_has_every_part_in_its_place),
		TEST(a_snapshot_is_mapped_read_only_by_itself),
		TEST(without_single_major_the_plain_file_is_written),
		TEST(a_mapping_is_removed_without_force),
		TEST(a_name_that_would_inject_an_option_never_reaches_the_kernel),
		TEST(an_empty_part_never_reaches_the_kernel),
		TEST(more_than_the_kernel_reads_is_refused),
		TEST(without_the_module_the_advice_is_to_load_it),
		TEST(each_answer_of_the_kernel_has_a_sentence_and_advice),
		TEST(a_refusal_names_what_this_kernel_is_too_old_for),
		TEST(an_unmap_says_what_stands_in_its_way),
		TEST(the_kernels_refusal_of_a_write_is_its_answer),
		TEST(the_new_mapping_is_found_among_others),
		TEST(an_id_that_was_freed_and_given_again_is_new),
		TEST(two_new_mappings_of_one_label_are_refused),
		TEST(a_mapping_that_was_there_is_not_the_new_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
