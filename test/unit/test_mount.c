/* SPDX-License-Identifier: Apache-2.0 */
/* In mount namespaces of our own, on tmpfs: a block device is the lab suite's. */
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sysmacros.h>

#include "unit.h"

#include "base/str.h"
#include "fixtures/tree.h"
#include "fs/mount.h"
#include "fs/mountinfo.h"

static struct error error;
static char one[128], two[128];

static int setup(void **state)
{
	memset(&error, 0, sizeof(error));
	tree_setup(state);
	path_set_root(NULL); /* the real kernel */
	snprintf(one, sizeof(one), "%s", tree_path("one"));
	snprintf(two, sizeof(two), "%s", tree_path("two"));
	assert_int_equal(mkdir(one, 0755), 0);
	assert_int_equal(mkdir(two, 0755), 0);
	return 0;
}

static struct mount_request request(const char *options, bool read_only)
{
	struct mount_request result = {
		.source = "none",
		.directory = one,
		.fs_type = "tmpfs",
		.options = options,
		.read_only = read_only,
	};

	return result;
}

/* The options of the mount on top at a directory, as the kernel shows them; "" where none. */
static const char *options_at(const char *directory)
{
	static char options[1024];
	char line[4096], found[PATH_MAX], mine[256], super[512];
	FILE *file = fopen("/proc/self/mountinfo", "re");

	options[0] = '\0';
	CHECK(file);
	while (fgets(line, sizeof(line), file)) {
		char *dash = strstr(line, " - ");

		if (sscanf(line, "%*s %*s %*s %*s %4095s %255s", found, mine) == 2 && dash &&
		    sscanf(dash, " - %*s %*s %511s", super) == 1 && str_eq(found, directory))
			snprintf(options, sizeof(options), "%s;%s", mine, super);
	}
	(void)fclose(file);
	return options;
}

static bool shows(const char *directory, const char *option)
{
	return strstr(options_at(directory), option) != NULL;
}

static void mount_and_undo(void)
{
	struct mount_request plain = request("", false);
	struct mount_request rich =
		request("size=1m,noexec,nosuid,noatime,defaults,_netdev", false);
	struct mount_request closed = request("size=1m", true);

	CHECK(mount_device(&plain, NULL, &error) == 0);
	CHECK(shows(one, "rw"));
	CHECK(mount_undo(one, &error) == 0);
	CHECK(!*options_at(one));
	CHECK(mount_device(&rich, NULL, &error) == 0);
	CHECK(shows(one, "noexec") && shows(one, "nosuid") && shows(one, "noatime"));
	CHECK(shows(one, "size=1024k"));
	CHECK(mount_undo(one, &error) == 0);
	CHECK(mount_device(&closed, NULL, &error) == 0);
	CHECK(str_starts(options_at(one), "ro") && shows(one, ";ro"));
}

static void a_mount_has_its_options_and_goes_again(void **state)
{
	tree_private(mount_and_undo);
}

static void mount_wrongly(void)
{
	struct mount_request bad = request("size=1m,sise=2m", false);

	CHECK(mount_device(&bad, NULL, &error) == -EINVAL);
	CHECK(strstr(error.text, "mount none at "));
	CHECK(strstr(error.text, "sise"));
	CHECK(!*options_at(one));
	bad = request("", false);
	bad.fs_type = "nosuchfs";
	CHECK(mount_device(&bad, NULL, &error) == -ENODEV);
	CHECK(strstr(error.text, "does not know this file system"));
	bad = request("", false);
	bad.directory = "/nowhere/at/all";
	CHECK(mount_device(&bad, NULL, &error) == -ENOENT);
}

static void a_refusal_repeats_the_file_systems_words(void **state)
{
	tree_private(mount_wrongly);
}

static bool nobody_wants_it(void)
{
	CHECK(!*options_at(one)); /* it is made out of sight */
	return false;
}

static void mount_unwanted(void)
{
	struct mount_request plain = request("", false);

	CHECK(mount_device(&plain, nobody_wants_it, &error) == -ECANCELED);
	CHECK(!*options_at(one));
}

static void a_mount_that_nobody_waits_for_is_never_hung(void **state)
{
	tree_private(mount_unwanted);
}

static void bind(void)
{
	struct mount_request source = request("noexec,nosuid,nodev", false);

	CHECK(mount_device(&source, NULL, &error) == 0);
	CHECK(mount_bind(one, two, false, &error) == 0);
	CHECK(str_starts(options_at(two), "rw"));
	CHECK(mount_undo(two, &error) == 0);
	CHECK(mount_bind(one, two, true, &error) == 0);
	CHECK(str_starts(options_at(two), "ro") && shows(two, ";rw"));
	CHECK(shows(two, "noexec") && shows(two, "nosuid") && shows(two, "nodev"));
	CHECK(str_starts(options_at(one), "rw"));
	CHECK(mount_bind("/nowhere", two, false, &error) == -ENOENT);
}

static void a_bind_is_read_only_where_asked_and_keeps_its_flags(void **state)
{
	tree_private(bind);
}

/* A kernel before 5.2: the new calls do not exist. */
static void forget_new_calls(void)
{
	struct sock_filter code[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0 /* the number */),
		BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, 428, 0, 2),
		BPF_JUMP(BPF_JMP | BPF_JGT | BPF_K, 442, 1, 0),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = ARRAY_SIZE(code), .filter = code};

	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0);
}

static void as_on_an_old_kernel(void)
{
	struct mount_request bad = request("sise=2m", false);

	forget_new_calls();
	CHECK(mount_device(&bad, NULL, &error) == -EINVAL);
	CHECK(strstr(error.text, "an option is wrong"));
	mount_unwanted();
	mount_and_undo();
	CHECK(mount_undo(one, &error) == 0);
	bind();
}

static void an_old_kernel_is_served_by_the_old_calls(void **state)
{
	tree_private(as_on_an_old_kernel);
}

static void undo_nothing(void)
{
	CHECK(mount_undo(one, &error) == -EINVAL);
	CHECK(strstr(error.text, "it is no mount point"));
	CHECK(mount_undo("/nowhere/at/all", &error) == -ENOENT);
}

static void what_is_no_mount_is_told_apart(void **state)
{
	tree_private(undo_nothing);
}

static void undo_through_a_link(void)
{
	struct mount_request plain = request("", false);
	char link[160];

	CHECK(mount_device(&plain, NULL, &error) == 0);
	snprintf(link, sizeof(link), "%s.link", two);
	CHECK(symlink(one, link) == 0);
	CHECK(mount_undo(link, &error) < 0);
	CHECK(*options_at(one));
}

static void a_symbolic_link_is_not_followed(void **state)
{
	tree_private(undo_through_a_link);
}

static dev_t device_of(const char *directory)
{
	struct stat status;

	CHECK(stat(directory, &status) == 0);
	return status.st_dev;
}

/* A child that holds the mount in one way until its pipe is closed. */
static pid_t start_holder(void (*hold)(void), int *ret_pipe)
{
	int ready[2], until[2];
	char byte = 'x';
	pid_t pid;

	CHECK(pipe(ready) == 0 && pipe(until) == 0);
	pid = fork();
	CHECK(pid >= 0);
	if (pid == 0) {
		close(until[1]);
		hold();
		CHECK(write(ready[1], &byte, 1) == 1);
		_exit((int)read(until[0], &byte, 1));
	}
	CHECK(read(ready[0], &byte, 1) == 1);
	close(ready[0]);
	close(ready[1]);
	close(until[0]);
	*ret_pipe = until[1];
	return pid;
}

static void by_working_directory(void)
{
	CHECK(chdir(one) == 0);
	prctl(PR_SET_NAME, "my holder");
}

static void by_open_file(void)
{
	char path[160];

	snprintf(path, sizeof(path), "%s/f", one);
	CHECK(open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600) >= 0);
}

static void by_map(void)
{
	char path[160];
	int fd;

	snprintf(path, sizeof(path), "%s/f", one);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0 && ftruncate(fd, 4096) == 0);
	CHECK(mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0) != MAP_FAILED);
	close(fd);
}

static void by_root(void)
{
	CHECK(chroot(one) == 0);
}

static void hold_and_name(void)
{
	static void (*const ways[])(void) = {by_working_directory, by_open_file, by_map, by_root};
	struct mount_request plain = request("", false);
	char holders[512], expected[64];
	int until, status;

	CHECK(mount_device(&plain, NULL, &error) == 0);
	mount_holders(device_of(one), holders, sizeof(holders));
	CHECK(!*holders);
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		pid_t pid = start_holder(ways[i], &until);

		CHECK(mount_undo(one, &error) == -EBUSY);
		CHECK(strstr(error.text, "it is in use"));
		mount_holders(device_of(one), holders, sizeof(holders));
		snprintf(expected, sizeof(expected), "pid %d (%s", pid,
			 i == 0 ? "my holder" : "test_mount");
		CHECK(str_starts(holders, expected));
		close(until);
		CHECK(waitpid(pid, &status, 0) == pid && status == 0);
	}
	CHECK(mount_undo(one, &error) == 0);
}

static void who_keeps_a_mount_busy_is_named(void **state)
{
	tree_private(hold_and_name);
}

#define ID "5e8f1c2d3b4a5968778695a4b3c2d1e0f00112233445566778899aabbccddee0"

/* A process in the fixtures; what it has open is a real file. */
static void holder(int pid, const char *name, const char *cgroup)
{
	tree_write(tree_path("proc/%d/comm", pid), name);
	tree_write(tree_path("proc/%d/cgroup", pid), cgroup);
	assert_int_equal(symlink(one, tree_path("proc/%d/fd/5", pid)), 0);
}

static void the_container_is_named_where_the_cgroup_tells(void **state)
{
	char holders[512];
	struct stat status;

	assert_int_equal(stat(one, &status), 0);
	path_set_root(tree_root);
	holder(20000001, "mariadbd\n",
	       "0::/kubepods.slice/kubepods-pod1.slice/cri-containerd-" ID ".scope\n");
	mount_holders(status.st_dev, holders, sizeof(holders));
	assert_string_equal(holders, "pid 20000001 (mariadbd, container 5e8f1c2d3b4a)");
	/* not every hex word is a container's */
	tree_write(tree_path("proc/20000001/cgroup"), "0::/user.slice/abcdef0123\n");
	mount_holders(status.st_dev, holders, sizeof(holders));
	assert_string_equal(holders, "pid 20000001 (mariadbd)");
}

static void many_holders_are_counted_and_the_text_fits(void **state)
{
	char holders[64];
	struct stat status;

	assert_int_equal(stat(one, &status), 0);
	path_set_root(tree_root);
	for (int i = 0; i < 11; i++)
		holder(20000001 + i, "sh\n", "0::/\n");
	mount_holders(status.st_dev, holders, sizeof(holders));
	assert_int_equal(strlen(holders), sizeof(holders) - 1);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mount_has_its_options_and_goes_again),
		TEST(a_refusal_repeats_the_file_systems_words),
		TEST(a_mount_that_nobody_waits_for_is_never_hung),
		TEST(a_bind_is_read_only_where_asked_and_keeps_its_flags),
		TEST(an_old_kernel_is_served_by_the_old_calls),
		TEST(what_is_no_mount_is_told_apart),
		TEST(a_symbolic_link_is_not_followed),
		TEST(who_keeps_a_mount_busy_is_named),
		TEST(the_container_is_named_where_the_cgroup_tells),
		TEST(many_holders_are_counted_and_the_text_fits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
