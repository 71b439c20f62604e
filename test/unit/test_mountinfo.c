/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/sysmacros.h>

#include "unit.h"

#include "fixtures/tree.h"
#include "fs/mountinfo.h"

static struct mount_table table;

static int setup(void **state)
{
	table = (struct mount_table){0};
	return tree_setup(state);
}

static int teardown(void **state)
{
	mount_table_done(&table);
	return tree_teardown(state);
}

static void parse_bytes(const char *bytes, size_t length)
{
	FILE *file = fmemopen((void *)(uintptr_t)bytes, length, "r");

	assert_non_null(file);
	mount_table_done(&table);
	assert_int_equal(mountinfo_parse(file, &table), 0);
	(void)fclose(file);
}

static void parse(const char *text)
{
	parse_bytes(text, strlen(text));
}

static void every_field_has_its_place(void **state)
{
	parse("36 35 252:16 /sub /mnt/db rw,noatime shared:1 master:2 - ext4 /dev/rbd1 "
	      "ro,errors=remount-ro\n");
	assert_int_equal(table.count, 1);
	assert_int_equal(table.list->id, 36);
	assert_int_equal(table.list->parent, 35);
	assert_int_equal(table.list->device, makedev(252, 16));
	assert_string_equal(table.list->root, "/sub");
	assert_string_equal(table.list->directory, "/mnt/db");
	assert_false(table.list->read_only);
	assert_true(table.list->super_read_only);
	assert_string_equal(table.list->fs_type, "ext4");
	assert_string_equal(table.list->source, "/dev/rbd1");
	assert_string_equal(table.list->options, "rw,noatime");
	assert_string_equal(table.list->super_options, "ro,errors=remount-ro");
}

static void the_mounts_own_read_only_is_told_from_the_file_systems(void **state)
{
	parse("1 0 8:1 / / rw,relatime - ext4 /dev/a ro\n"
	      "2 1 8:1 / /b nosuid,ro - ext4 /dev/a rw\n"
	      "3 1 8:1 / /c rw,root,rotate - ext4 /dev/a rw,errors=ro\n");
	assert_false(table.list[0].read_only);
	assert_true(table.list[0].super_read_only);
	assert_true(table.list[1].read_only);
	assert_false(table.list[1].super_read_only);
	assert_false(table.list[2].read_only);
	assert_false(table.list[2].super_read_only);
}

static void escapes_are_undone(void **state)
{
	parse("1 0 8:1 / /a\\040b\\011c\\012d\\134e\\043f rw - tmpfs my\\040source rw\n"
	      "2 0 8:1 / /x\\13 rw - tmpfs a\\999 rw\n");
	assert_string_equal(table.list[0].directory, "/a b\tc\nd\\e#f");
	assert_string_equal(table.list[0].source, "my source");
	/* what is no escape stays as it is */
	assert_string_equal(table.list[1].directory, "/x\\13");
	assert_string_equal(table.list[1].source, "a\\999");
	assert_non_null(mount_table_at(&table, "/a b\tc\nd\\e#f"));
}

static void lines_that_are_none_are_passed_over(void **state)
{
	static const char nul[] =
		"1 0 8:1 / /nul\0 rw - tmpfs a rw\n9 0 8:9 / /good rw - ext4 a rw\n";

	parse("\n"
	      "hello\n"
	      "1 0 8:1 / /no-dash rw tmpfs a rw\n"
	      "1 0 8:1x / /device rw - tmpfs a rw\n"
	      "1 0 8 / /device rw - tmpfs a rw\n"
	      "-1 0 8:1 / /id rw - tmpfs a rw\n"
	      "1 0 8:1 / /cut rw -\n"
	      "1 0 8:1\n"
	      "2 0 8:2 / /good rw - tmpfs a rw\n"
	      "3 0 8:3 / /no-super-options rw - tmpfs a\n"
	      "4 0 8:4 / /no-newline rw - tmpfs  rw");
	assert_int_equal(table.count, 3);
	assert_string_equal(table.list[0].directory, "/good");
	assert_string_equal(table.list[1].directory, "/no-super-options");
	assert_string_equal(table.list[2].source, "");
	parse_bytes(nul, sizeof(nul) - 1);
	assert_int_equal(table.count, 1);
	assert_string_equal(table.list[0].directory, "/good");
}

static void the_mount_on_top_is_the_last_one(void **state)
{
	parse("1 0 8:1 / / rw - ext4 a rw\n"
	      "2 1 8:2 / /mnt rw - ext4 b rw\n"
	      "3 2 8:3 / /mnt rw - ext4 c rw\n"
	      "4 1 8:4 / /mnt/deeper rw - ext4 d rw\n");
	assert_int_equal(mount_table_at(&table, "/mnt")->device, makedev(8, 3));
	assert_null(mount_table_at(&table, "/mn"));
	assert_null(mount_table_at(&table, "/mnt/"));
}

static void the_mounts_of_a_device_are_walked_through(void **state)
{
	const struct mount_entry *entry;

	parse("1 0 8:1 / / rw - ext4 a rw\n"
	      "2 1 252:0 / /global rw - ext4 b rw\n"
	      "3 1 8:1 / /other rw - ext4 a rw\n"
	      "4 1 252:0 / /pod ro - ext4 b rw\n");
	entry = mount_table_next_of(&table, makedev(252, 0), NULL);
	assert_string_equal(entry->directory, "/global");
	entry = mount_table_next_of(&table, makedev(252, 0), entry);
	assert_string_equal(entry->directory, "/pod");
	assert_null(mount_table_next_of(&table, makedev(252, 0), entry));
	assert_null(mount_table_next_of(&table, makedev(252, 16), NULL));
}

static void an_empty_file_has_no_mounts(void **state)
{
	tree_write(tree_path("proc/self/mountinfo"), "");
	assert_int_equal(mountinfo_read(0, &table), 0);
	assert_int_equal(table.count, 0);
	assert_null(mount_table_at(&table, "/"));
}

static void thousands_of_mounts_are_read(void **state)
{
	char *text = malloc(5000 * 80), *to = text;

	assert_non_null(text);
	for (int i = 0; i < 5000; i++)
		to += sprintf(to, "%d 1 0:%d / /mnt/%d rw - tmpfs none rw\n", i, i, i);
	parse(text);
	free(text);
	assert_int_equal(table.count, 5000);
	assert_int_equal(mount_table_at(&table, "/mnt/4999")->id, 4999);
}

/* test/unit/fixtures/node-6.1: the dump of a real node */
static void a_real_nodes_mounts_are_read(void **state)
{
	path_set_root(FIXTURES "/node-6.1");
	assert_int_equal(mountinfo_read(0, &table), 0);
	assert_string_equal(mount_table_at(&table, "/")->fs_type, "overlay");
	assert_string_equal(mount_table_at(&table, "/sys")->fs_type, "sysfs");
}

static void a_process_that_has_gone_is_an_error(void **state)
{
	assert_int_equal(mountinfo_read(4711, &table), -ENOENT);
}

/* A process in the fixtures: its mount namespace and what it sees. */
static void process(int pid, const char *name_space, const char *mountinfo)
{
	tree_write(tree_path("proc/%d/stat", pid), "");
	if (name_space)
		assert_int_equal(symlink(name_space, tree_path("proc/%d/ns/mnt", pid)), 0);
	if (mountinfo)
		tree_write(tree_path("proc/%d/mountinfo", pid), mountinfo);
}

#define OTHER "1 0 8:1 / / rw - ext4 a rw\n"
#define OURS  "2 1 252:0 / /deep/dir rw - ext4 b rw\n"

static char where[256];

static int anywhere(void)
{
	return mountinfo_anywhere(makedev(252, 0), where, sizeof(where));
}

static void a_mount_in_another_namespace_is_found(void **state)
{
	process(1, "mnt:[4026531840]", OTHER);
	process(20, "mnt:[4026532999]", OTHER OURS);
	assert_int_equal(anywhere(), 1);
	assert_string_equal(where, "/deep/dir (pid 20)");
}

static void a_device_that_is_mounted_nowhere_is_not_found(void **state)
{
	process(1, "mnt:[4026531840]", OTHER);
	process(20, "mnt:[4026532999]", OTHER);
	assert_int_equal(anywhere(), 0);
	assert_string_equal(where, "");
}

static void a_process_in_a_chroot_does_not_speak_for_its_namespace(void **state)
{
	process(1, "mnt:[4026531840]", OTHER);
	process(2, "mnt:[4026531840]", OTHER OURS);
	assert_int_equal(symlink(tree_root, tree_path("proc/1/root")), 0);
	assert_int_equal(symlink("/", tree_path("proc/2/root")), 0);
	assert_int_equal(anywhere(), 1);
	assert_string_equal(where, "/deep/dir (pid 2)");
}

static void processes_that_vanish_are_passed_over(void **state)
{
	process(1, "mnt:[4026531840]", OTHER);
	tree_path("proc/3/x");                /* no ns/mnt: a zombie */
	process(4, "mnt:[4026532999]", NULL); /* gone before it was read */
	process(5, "mnt:[4026532999]", OTHER OURS);
	tree_path("proc/irq/x");
	assert_int_equal(anywhere(), 1);
	assert_string_equal(where, "/deep/dir (pid 5)");
}

static void a_namespace_that_cannot_be_read_leaves_it_unknown(void **state)
{
	process(1, "mnt:[4026531840]", OTHER);
	tree_write(tree_path("proc/7/stat"), "");
	tree_write(tree_path("proc/7/ns/mnt"), ""); /* no link: EINVAL, and the process is there */
	assert_int_equal(anywhere(), -EACCES);
	/* found elsewhere is found */
	process(9, "mnt:[4026532999]", OURS);
	assert_int_equal(anywhere(), 1);
}

static void without_a_proc_nobody_knows(void **state)
{
	assert_int_equal(anywhere(), -ENOENT);
	tree_path("proc/self/x");
	assert_int_equal(anywhere(), -ENOENT);
}

static void this_machines_own_root_is_mounted(void **state)
{
	const struct mount_entry *root;

	path_set_root(NULL);
	assert_int_equal(mountinfo_read(0, &table), 0);
	root = mount_table_at(&table, "/");
	assert_non_null(root);
	assert_int_equal(mountinfo_anywhere(root->device, where, sizeof(where)), 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_field_has_its_place),
		TEST(the_mounts_own_read_only_is_told_from_the_file_systems),
		TEST(escapes_are_undone),
		TEST(lines_that_are_none_are_passed_over),
		TEST(the_mount_on_top_is_the_last_one),
		TEST(the_mounts_of_a_device_are_walked_through),
		TEST(an_empty_file_has_no_mounts),
		TEST(thousands_of_mounts_are_read),
		TEST(a_real_nodes_mounts_are_read),
		TEST(a_process_that_has_gone_is_an_error),
		TEST(a_mount_in_another_namespace_is_found),
		TEST(a_device_that_is_mounted_nowhere_is_not_found),
		TEST(a_process_in_a_chroot_does_not_speak_for_its_namespace),
		TEST(processes_that_vanish_are_passed_over),
		TEST(a_namespace_that_cannot_be_read_leaves_it_unknown),
		TEST(without_a_proc_nobody_knows),
		TEST(this_machines_own_root_is_mounted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
