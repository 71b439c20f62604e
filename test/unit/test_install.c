/* SPDX-License-Identifier: Apache-2.0 */
/* installer/: which volumes stand in the way, who uses a version, and the files of a bundle. */
#include "unit.h"

#include <errno.h>
#include <sys/syscall.h>

#include "fixtures/node.h"

#include "installer/tree.h"
#include "installer/versions.h"

#define OURS   "key=rbd-flexvolume/db"
#define MANUAL "key=rbd-flexvolume.manual/db"

static void mount_of(int id, const char *directory)
{
	node_mount(id * 16, "/", directory, "rw");
}

static void without_volumes_nothing_is_in_the_way(void **state)
{
	struct error error = {0};

	assert_int_equal(volumes_refuse("uninstall", &error), 0);
	node_mapping(0, "foreign", "key=client.kube");
	node_mapping(1, "by-hand", MANUAL);
	mount_of(0, "/mnt/a");
	mount_of(1, "/mnt/b");
	assert_int_equal(volumes_refuse("uninstall", &error), 0);
	assert_int_equal(volumes_refuse("change the mode", &error), 0);
}

static void a_mounted_volume_is_named_with_its_device_and_where_it_is_mounted(void **state)
{
	struct error error = {0};

	node_mapping(3, "image", OURS);
	mount_of(3, "/var/lib/kubelet/global/db");
	mount_of(3, "/var/lib/kubelet/pods/1/db");
	assert_int_equal(volumes_refuse("change from attach mode to mount mode", &error), -EBUSY);
	assert_non_null(strstr(error.text, "change from attach mode to mount mode: "));
	assert_non_null(strstr(error.text, "/dev/rbd3 (volume db, image kube/image, mounted at "
					   "/var/lib/kubelet/global/db and "
					   "/var/lib/kubelet/pods/1/db)"));
	assert_int_equal(volumes_refuse("uninstall", &error), -EBUSY);
}

/* one that is just coming up is mapped first */
static void a_mapped_volume_that_is_mounted_nowhere_is_in_the_way_too(void **state)
{
	struct error error = {0};

	node_mapping(0, "image", OURS);
	assert_int_equal(volumes_refuse("change the mode", &error), -EBUSY);
	assert_non_null(strstr(error.text, "change the mode: "));
	assert_non_null(strstr(error.text, "/dev/rbd0 (volume db, image kube/image, mounted "
					   "nowhere)"));
}

static void where_the_mounts_of_the_host_cannot_be_read_a_mapped_volume_counts(void **state)
{
	struct error error = {0};

	node_mapping(0, "image", OURS);
	assert_int_equal(unlink(tree_path("proc/1/mountinfo")), 0);
	assert_int_equal(volumes_refuse("change the mode", &error), -EBUSY);
	assert_non_null(strstr(error.text, "nobody here sees where it is mounted"));
}

static void process(const char *pid, const char *executable)
{
	assert_int_equal(symlink(executable, tree_path("proc/%s/exe", pid)), 0);
}

static void a_version_is_used_while_a_process_runs_a_file_of_it(void **state)
{
	process("17", "/usr/bin/bash");
	process("18", "/other/place/ceph~rbd/.rbd-flexvolume-2-b/ld.so");
	assert_false(processes_use(".rbd-flexvolume-1-a"));
	assert_false(processes_use(".rbd-flexvolume-2"));
	assert_true(processes_use(".rbd-flexvolume-2-b"));
}

/* In place of the C library's: what the kernel answers without CAP_SYS_PTRACE. */
ssize_t played_readlink(const char *path, char *buffer, size_t size) __asm__("readlink");

ssize_t played_readlink(const char *path, char *buffer, size_t size)
{
	ssize_t length = readlinkat(AT_FDCWD, path, buffer, size);

	if (length == 6 && memcmp(buffer, "hidden", 6) == 0) {
		errno = EACCES;
		return -1;
	}
	return length;
}

static void process_without_rights(const char *pid, const char *name, const char *flags)
{
	char line[128];

	process(pid, "hidden");
	tree_write(tree_path("proc/%s/comm", pid), name);
	(void)snprintf(line, sizeof(line), "%s (%s) I 2 0 0 0 -1 %s 0 0\n", pid, name, flags);
	tree_write(tree_path("proc/%s/stat", pid), line);
}

static void one_that_cannot_be_seen_counts_by_its_name_unless_it_is_the_kernels(void **state)
{
	process_without_rights("17", "bash", "4194560");
	process_without_rights("18", "rbd", "69238880");
	process_without_rights("19", "rbd) R 1 1", "2097152");
	assert_false(processes_use(".rbd-flexvolume-1-a"));
	process_without_rights("20", "rbd-flexvolume", "4194560");
	assert_true(processes_use(".rbd-flexvolume-1-a"));
}

static void a_replaced_launcher_that_still_runs_may_start_any_version(void **state)
{
	process("17", "/plugins/ceph~rbd/rbd");
	assert_false(processes_use(".rbd-flexvolume-1-a"));
	process("18", "/plugins/ceph~rbd/rbd (deleted)");
	assert_true(processes_use(".rbd-flexvolume-1-a"));
}

static void in_a_container_every_version_may_be_used_and_mounts_are_unseen(void **state)
{
	struct error error = {0};

	process("17", "/usr/bin/bash");
	assert_false(processes_use(".rbd-flexvolume-1-a"));
	node_mapping(0, "image", OURS);
	assert_int_equal(unlink(tree_path("proc/self/ns/pid")), 0);
	assert_int_equal(symlink("pid:[4026532001]", tree_path("proc/self/ns/pid")), 0);
	assert_true(processes_use(".rbd-flexvolume-1-a"));
	assert_int_equal(volumes_refuse("uninstall", &error), -EBUSY);
	assert_non_null(strstr(error.text, "nobody here sees where it is mounted"));
}

static int opened(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

/* a/lib/x, a/y, a link, and state that is no part of it */
static int made_bundle(void)
{
	tree_write(tree_path("a/lib/x"), "content");
	tree_write(tree_path("a/y"), "");
	tree_write(tree_path("a/.config.json"), "{}");
	assert_int_equal(symlink("lib/x", tree_path("a/link")), 0);
	return opened(tree_path("a"));
}

static int copied_bundle(int from)
{
	struct error error = {0};
	int to;

	tree_path("b/nothing");
	to = opened(tree_path("b"));
	assert_int_equal(tree_copy(from, to, &error), 0);
	return to;
}

static void a_copy_is_the_same_and_has_no_state(void **state)
{
	_cleanup_close_ int from = made_bundle();
	_cleanup_close_ int to = copied_bundle(from);
	char target[32] = "";

	assert_int_equal(tree_same(from, to, TREE_BYTES), 1);
	assert_string_equal(tree_read(tree_path("b/lib/x")), "content");
	assert_int_equal(readlink(tree_path("b/link"), target, sizeof(target)), 5);
	assert_string_equal(target, "lib/x");
	assert_int_equal(access(tree_path("b/.config.json"), F_OK), -1);
}

static void a_copy_with_another_byte_size_mode_link_or_less_is_not_the_same(void **state)
{
	_cleanup_close_ int from = made_bundle();
	_cleanup_close_ int to = copied_bundle(from);

	tree_write(tree_path("b/lib/x"), "cOntent");
	assert_int_equal(tree_same(from, to, TREE_SIZES), 1);
	assert_int_equal(tree_same(from, to, TREE_BYTES), 0);
	tree_write(tree_path("b/lib/x"), "content+");
	assert_int_equal(tree_same(from, to, TREE_SIZES), 0);
	tree_write(tree_path("b/lib/x"), "content");
	assert_int_equal(tree_same(from, to, TREE_BYTES), 1);
	assert_int_equal(chmod(tree_path("b/y"), 0666), 0);
	assert_int_equal(tree_same(from, to, TREE_SIZES), 0);
	assert_int_equal(chmod(tree_path("b/y"), 0644), 0);
	assert_int_equal(unlink(tree_path("b/link")), 0);
	assert_int_equal(tree_same(from, to, TREE_SIZES), 0);
	assert_int_equal(symlink("lib/z", tree_path("b/link")), 0);
	assert_int_equal(tree_same(from, to, TREE_SIZES), 0);
}

static bool says_end;

/* In place of the C library's: as some kernels answer on some file systems. */
ssize_t played_copy(int from, off64_t *from_at, int to, off64_t *to_at, size_t size,
		    unsigned int flags) __asm__("copy_file_range");

ssize_t played_copy(int from, off64_t *from_at, int to, off64_t *to_at, size_t size,
		    unsigned int flags)
{
	return says_end ? 0 : syscall(SYS_copy_file_range, from, from_at, to, to_at, size, flags);
}

static void an_end_that_copy_file_range_says_at_once_is_looked_at_again(void **state)
{
	_cleanup_close_ int from = made_bundle(), to = -1;

	says_end = true;
	to = copied_bundle(from);
	says_end = false;
	assert_int_equal(tree_same(from, to, TREE_BYTES), 1);
	assert_string_equal(tree_read(tree_path("b/lib/x")), "content");
}

static void a_link_to_elsewhere_is_removed_not_what_it_names(void **state)
{
	_cleanup_close_ int top = -1;

	tree_write(tree_path("kept/file"), "kept");
	tree_write(tree_path("gone/deep/file"), "x");
	assert_int_equal(symlink("../kept", tree_path("gone/link")), 0);
	assert_int_equal(symlink("kept", tree_path("link")), 0);
	top = opened(tree_root);
	assert_int_equal(tree_remove(top, "gone"), 0);
	assert_int_equal(tree_remove(top, "link"), 0);
	assert_int_equal(tree_remove(top, "gone"), -ENOENT);
	assert_string_equal(tree_read(tree_path("kept/file")), "kept");
}

static void a_small_file_is_put_with_its_mode_and_known_again(void **state)
{
	_cleanup_close_ int top = opened(tree_root);
	struct stat status;

	assert_int_equal(small_holds(top, ".keyring", "a", 0600), 0);
	tree_write(tree_path(".keyring.new"), "debris");
	assert_int_equal(small_put(top, ".keyring", "a", 0600), 0);
	assert_int_equal(small_holds(top, ".keyring", "a", 0600), 1);
	assert_int_equal(small_holds(top, ".keyring", "b", 0600), 0);
	assert_int_equal(small_holds(top, ".keyring", "a", 0644), 0);
	assert_int_equal(stat(tree_path(".keyring"), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_int_equal(access(tree_path(".keyring.new"), F_OK), -1);
}

int main(void)
{
#define NODE_TEST(name) cmocka_unit_test_setup_teardown(name, node_setup, tree_teardown)
	const struct CMUnitTest tests[] = {
		NODE_TEST(without_volumes_nothing_is_in_the_way),
		NODE_TEST(a_mounted_volume_is_named_with_its_device_and_where_it_is_mounted),
		NODE_TEST(a_mapped_volume_that_is_mounted_nowhere_is_in_the_way_too),
		NODE_TEST(where_the_mounts_of_the_host_cannot_be_read_a_mapped_volume_counts),
		NODE_TEST(a_version_is_used_while_a_process_runs_a_file_of_it),
		NODE_TEST(one_that_cannot_be_seen_counts_by_its_name_unless_it_is_the_kernels),
		NODE_TEST(a_replaced_launcher_that_still_runs_may_start_any_version),
		NODE_TEST(in_a_container_every_version_may_be_used_and_mounts_are_unseen),
		NODE_TEST(a_copy_is_the_same_and_has_no_state),
		NODE_TEST(a_copy_with_another_byte_size_mode_link_or_less_is_not_the_same),
		NODE_TEST(an_end_that_copy_file_range_says_at_once_is_looked_at_again),
		NODE_TEST(a_link_to_elsewhere_is_removed_not_what_it_names),
		NODE_TEST(a_small_file_is_put_with_its_mode_and_known_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
