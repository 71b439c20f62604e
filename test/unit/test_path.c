/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/path.h"

static char *scratch;

static int root_in_scratch(void **state)
{
	scratch = scratch_make();
	path_set_root(scratch);
	return 0;
}

static int root_back(void **state)
{
	path_set_root(NULL);
	scratch_remove(scratch);
	return 0;
}

/* A file under the scratch root, written without the room under test. */
static void put(const char *name, const char *bytes, size_t length)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
}

static void the_root_goes_in_front(void **state)
{
	char path[PATH_MAX], expected[PATH_MAX];

	assert_int_equal(path_format(path, "/sys/bus/%s/devices/%d", "rbd", 3), 0);
	(void)snprintf(expected, sizeof(expected), "%s/sys/bus/rbd/devices/3", scratch);
	assert_string_equal(path, expected);
}

static void no_root_is_the_real_one(void **state)
{
	char path[PATH_MAX];

	path_set_root("");
	assert_int_equal(path_format(path, "/sys/%s", "bus"), 0);
	assert_string_equal(path, "/sys/bus");
	path_set_root(NULL);
	assert_int_equal(path_format(path, "/sys"), 0);
	assert_string_equal(path, "/sys");
	path_set_root(scratch);
}

static void too_long(void **state)
{
	char path[PATH_MAX], name[PATH_MAX + 1], byte = 0;

	memset(name, 'x', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(path_format(path, "/%s", name), -ENAMETOOLONG);
	assert_int_equal(path_open(O_RDONLY, "/%s", name), -ENAMETOOLONG);
	assert_int_equal(path_read(path, sizeof(path), "/%s", name), -ENAMETOOLONG);
	assert_int_equal(path_write(&byte, 1, "/%s", name), -ENAMETOOLONG);
	assert_int_equal(path_make_directories(0700, "/%s", name), -ENAMETOOLONG);
	assert_null(path_opendir("/%s", name));
	assert_int_equal(errno, ENAMETOOLONG);
	assert_false(path_exists("/%s", name));
}

static void opens_close_on_exec(void **state)
{
	int fd;

	put("file", "x", 1);
	fd = path_open(O_RDONLY, "/%s", "file");
	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(path_open(O_RDONLY, "/nowhere"), -ENOENT);
	assert_int_equal(path_open(O_RDONLY, "/file/below"), -ENOTDIR);
}

static void reads_without_the_newline(void **state)
{
	char words[8];

	put("file", "word\n", 5);
	assert_int_equal(path_read(words, sizeof(words), "/file"), 4);
	assert_string_equal(words, "word");
	put("file", "word", 4);
	assert_int_equal(path_read(words, sizeof(words), "/file"), 4);
	assert_string_equal(words, "word");
	put("file", "two\n\n", 5);
	assert_int_equal(path_read(words, sizeof(words), "/file"), 4);
	assert_string_equal(words, "two\n");
	put("file", "", 0);
	assert_int_equal(path_read(words, sizeof(words), "/file"), 0);
	assert_string_equal(words, "");
}

static void reads_what_fits(void **state)
{
	char words[9] = "########";

	put("file", "1234567", 7);
	assert_int_equal(path_read(words, 8, "/file"), 7);
	assert_string_equal(words, "1234567");
	put("file", "123456789", 9);
	assert_int_equal(path_read(words, 8, "/file"), -EFBIG);
	assert_string_equal(words, "");
	assert_int_equal(words[8], '\0');
	assert_int_equal(path_read(words, 8, "/nowhere"), -ENOENT);
	assert_string_equal(words, "");
}

static void an_attribute_is_read_at_once(void **state)
{
	char words[9] = "########";

	put("file", "word\n", 5);
	assert_int_equal(path_read_attribute(words, 8, "/file"), 4);
	assert_string_equal(words, "word");
	put("file", "", 0);
	assert_int_equal(path_read_attribute(words, 8, "/file"), 0);
	assert_string_equal(words, "");
	put("file", "12345678", 8);
	assert_int_equal(path_read_attribute(words, 8, "/file"), -EFBIG);
	assert_string_equal(words, "");
	assert_int_equal(path_read_attribute(words, 8, "/nowhere"), -ENOENT);
}

static void writes_once(void **state)
{
	char words[16];

	put("file", "", 0);
	assert_int_equal(path_write("1.2.3.4 name=x", 14, "/file"), 0);
	assert_int_equal(path_read(words, sizeof(words), "/file"), 14);
	assert_string_equal(words, "1.2.3.4 name=x");
	assert_int_equal(path_write("x", 1, "/nowhere"), -ENOENT);
	/* it does not make files: sysfs has none to make */
	assert_false(path_exists("/nowhere"));

	path_set_root(NULL);
	assert_int_equal(path_write("x", 1, "/dev/full"), -ENOSPC);
	path_set_root(scratch);
}

static void makes_directories(void **state)
{
	struct stat status;
	char path[PATH_MAX];

	assert_int_equal(path_make_directories(0700, "/run/rbd-flexvolume/%s", "lock"), 0);
	assert_int_equal(path_make_directories(0700, "/run/rbd-flexvolume/%s", "lock"), 0);
	assert_int_equal(path_format(path, "/run/rbd-flexvolume/lock"), 0);
	assert_int_equal(stat(path, &status), 0);
	assert_true(S_ISDIR(status.st_mode));
	assert_int_equal(status.st_mode & 0777, 0700);
	put("file", "", 0);
	assert_int_equal(path_make_directories(0700, "/file/below"), -ENOTDIR);
}

static void says_what_exists(void **state)
{
	DIR *dir;

	put("file", "", 0);
	assert_true(path_exists("/%s", "file"));
	assert_false(path_exists("/%s", "nowhere"));
	assert_true(path_exists("/"));
	assert_null(path_opendir("/nowhere"));
	assert_int_equal(errno, ENOENT);
	dir = path_opendir("/");
	assert_non_null(dir);
	assert_true(fcntl(dirfd(dir), F_GETFD) & FD_CLOEXEC);
	closedir(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("the root of a test goes in front of every path", the_root_goes_in_front),
		UNIT("without a root of a test the real one is meant", no_root_is_the_real_one),
		UNIT("a path that is too long is refused everywhere", too_long),
		UNIT("what is opened is closed on exec", opens_close_on_exec),
		UNIT("a file is read without its trailing newline", reads_without_the_newline),
		UNIT("a file that does not fit is refused, not cut", reads_what_fits),
		UNIT("a file that does not fit is refused, not cut", an_attribute_is_read_at_once),
		UNIT("a file is written by one write and never made", writes_once),
		UNIT("directories are made with all above them, once", makes_directories),
		UNIT("what exists is told from what does not", says_what_exists),
	};

	return cmocka_run_group_tests_name("path", tests, root_in_scratch, root_back);
}
