/* SPDX-License-Identifier: Apache-2.0 */
/* With the libmount of this machine, in a /run of our own. */
#include <sys/file.h>

#include "unit.h"

#include "base/str.h"
#include "fixtures/tree.h"
#include "fs/utab.h"

#define UTAB "/run/mount/utab"

static void run_of_our_own(void)
{
	path_set_root(NULL);
	CHECK(mount("none", "/run", "tmpfs", 0, NULL) == 0);
}

static int lines_with(const char *word)
{
	int count = 0;
	char line[1024];
	FILE *file = fopen(UTAB, "re");

	while (file && fgets(line, sizeof(line), file))
		count += strstr(line, word) != NULL;
	if (file)
		(void)fclose(file);
	return count;
}

static void note_and_forget(void)
{
	run_of_our_own();
	utab_add("/dev/rbd0", "/pods/a", "ext4");
	CHECK(lines_with("SRC=/dev/rbd0 TARGET=/pods/a ") == 1);
	CHECK(lines_with("OPTS=_netdev") == 1);
	/* a longer name is another directory, and once is enough */
	utab_add("/dev/rbd1", "/pods/a/b", "xfs");
	utab_add("/dev/rbd1", "/pods/a/b", "xfs");
	utab_add("/dev/rbd0", "/pods/a", "ext4");
	CHECK(lines_with("") == 2);
	utab_remove("/pods");
	CHECK(lines_with("") == 2);
	utab_remove("/pods/a");
	CHECK(lines_with("") == 1);
	CHECK(lines_with("TARGET=/pods/a/b ") == 1);
	utab_remove("/pods/a/b");
	utab_remove("/pods/a/b");
	CHECK(lines_with("") == 0);
}

static void a_mount_is_noted_once_and_forgotten(void **state)
{
	tree_private(note_and_forget);
}

static void names_with_spaces(void)
{
	run_of_our_own();
	utab_add("/dev/rbd0", "/pods/a b", "ext4");
	CHECK(lines_with("TARGET=/pods/a\\040b ") == 1);
	utab_remove("/pods/a b");
	CHECK(lines_with("") == 0);
}

static void a_name_with_spaces_is_found_again(void **state)
{
	tree_private(names_with_spaces);
}

static void while_it_is_locked(void)
{
	const struct deadline soon = deadline_in(5000);
	int fd;

	run_of_our_own();
	CHECK(mkdir("/run/mount", 0755) == 0);
	fd = open(UTAB ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	CHECK(fd >= 0 && flock(fd, LOCK_EX) == 0);
	utab_add("/dev/rbd0", "/pods/a", "ext4");
	CHECK(!deadline_passed(soon));
	CHECK(lines_with("") == 0);
	close(fd);
	utab_add("/dev/rbd0", "/pods/a", "ext4");
	CHECK(lines_with("") == 1);
}

static void a_lock_that_somebody_holds_is_not_waited_for_without_an_end(void **state)
{
	tree_private(while_it_is_locked);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_mount_is_noted_once_and_forgotten),
		TEST(a_name_with_spaces_is_found_again),
		TEST(a_lock_that_somebody_holds_is_not_waited_for_without_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
