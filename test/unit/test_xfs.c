/* SPDX-License-Identifier: Apache-2.0 */
/* What mkfs.xfs and xfs_db of xfsprogs write is the truth here. */
#include "unit.h"

#include "base/str.h"
#include "fixtures/tree.h"
#include "fs/probe.h"
#include "fs/xfs.h"

#define SIZE (1 << 30)
#define UUID "01234567-89ab-4cde-8f01-23456789abcd"

static struct error error;
static struct super super;
static int fd;

static int setup(void **state)
{
	memset(&error, 0, sizeof(error));
	tree_setup(state);
	fd = tree_image("image", SIZE);
	return 0;
}

static int teardown(void **state)
{
	close(fd);
	return tree_teardown(state);
}

static int made(const char *options, bool prezeroed, bool dry)
{
	const struct filesystem_make make = {.device_fd = fd,
					     .uuid = UUID,
					     .options = options,
					     .prezeroed = prezeroed,
					     .dry = dry,
					     .lock_fd = -1,
					     .deadline = deadline_in(60000)};

	return xfs_make(&make, &error);
}

static void make(const char *options)
{
	if (made(options, true, false) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(
		tree_shell("/sbin/xfs_repair -n -f %s >/dev/null 2>&1", tree_path("image")), 0);
}

static void read_super(void)
{
	if (xfs_read_super(fd, &super, &error) < 0)
		fail_msg("%s", error.text);
}

static int find_clean(void)
{
	super.clean = false;
	return xfs_find_clean(fd, -1, deadline_in(60000), &super, &error);
}

/* xfs_db writes the checksum too. */
static void change(const char *field, const char *value)
{
	assert_int_equal(tree_shell("/sbin/xfs_db -x -c 'sb 0' -c 'write %s %s' %s >/dev/null 2>&1",
				    field, value, tree_path("image")),
			 0);
}

static void a_new_file_system_has_our_uuid_and_was_never_mounted(void **state)
{
	make("");
	read_super();
	assert_string_equal(super.uuid, UUID);
	assert_int_equal(super.size, SIZE);
	assert_int_equal(super.block_size, 4096);
	assert_false(super.counts_mounts);
	assert_true(super.never_mounted);
	assert_true(super.clean);
	assert_false(super.errors);
	assert_int_equal(find_clean(), 0);
	assert_true(super.clean);
}

static void a_log_of_stripes_is_known_to_be_new_as_well(void **state)
{
	make("sunit=128,swidth=8192,blocksize=1024");
	read_super();
	assert_int_equal(super.block_size, 1024);
	assert_true(super.never_mounted);
}

/* The log's place, as xfs_db tells it. */
static off_t log_start(void)
{
	unsigned long long block = 0;

	assert_int_equal(tree_shell("/sbin/xfs_db -r -c 'sb 0' -c 'convert fsblock '"
				    "$(/sbin/xfs_db -r -c 'sb 0' -c 'p logstart' %s | "
				    "sed 's/.*= //')' byte' %s | sed 's/.*(\\(.*\\))/\\1/' >%s",
				    tree_path("image"), tree_path("image"), tree_path("place")),
			 0);
	assert_int_equal(sscanf(tree_read(tree_path("place")), "%llu", &block), 1);
	return (off_t)block;
}

static void a_log_that_was_written_to_is_not_new(void **state)
{
	make("");
	/* the second record, of the first mount */
	tree_put(fd, log_start() + 1024, "\xfe\xed\xba\xbe", 4);
	read_super();
	assert_false(super.never_mounted);
	assert_false(super.clean);
}

static void a_log_of_a_later_cycle_is_not_new(void **state)
{
	make("");
	tree_put(fd, log_start() + 4, "\0\0\0\2", 4);
	read_super();
	assert_false(super.never_mounted);
}

static void what_was_not_finished_was_never_mounted(void **state)
{
	make("");
	tree_put(fd, log_start() + 4, "\0\0\0\2", 4);
	change("inprogress", "1");
	read_super();
	assert_true(super.never_mounted);
}

static void refused(const char *why)
{
	assert_int_equal(xfs_read_super(fd, &super, &error), -EUCLEAN);
	assert_contains(error.text, why);
	assert_int_equal(super.size, 0);
}

static void a_superblock_with_a_wrong_checksum_is_none(void **state)
{
	make("");
	tree_put(fd, 108, "label", 5);
	refused("its checksum is wrong");
}

static void zeroes_are_no_file_system(void **state)
{
	refused("there is none");
	assert_int_equal(ftruncate(fd, 100), 0);
	refused("the device ends before it");
}

static void sizes_that_cannot_be_are_refused(void **state)
{
	make("");
	tree_put(fd, 102, "\x01\x00", 2);
	refused("make no sense");
}

static void the_tools_words_are_repeated_without_its_usage(void **state)
{
	assert_int_equal(ftruncate(fd, 64 << 20), 0);
	assert_int_equal(made("", true, true), -EIO);
	assert_string_equal(error.text, "make an xfs file system: mkfs.xfs ended with 1: "
					"Filesystem must be larger than 300MB.");
	assert_contains(error.advice, "correct mkfsOptions or the size");
}

static void asked_whether_it_would_work_nothing_is_written(void **state)
{
	struct stat status;

	assert_int_equal(made("agcount=4", true, true), 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_blocks, 0);
}

static void what_is_there_is_formatted_over_only_where_it_is_our_own_debris(void **state)
{
	make("");
	assert_int_equal(made("", true, false), -EIO);
	assert_contains(error.text, "appears to contain an existing filesystem");
	assert_int_equal(made("label=again", false, false), 0);
	assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
	read_super();
	assert_true(super.never_mounted);
}

/* Debris of one type, formatted as the other: what is found then is the new one alone. */
static void of_another_types_debris_nothing_is_left(void **state)
{
	struct probe probe;

	assert_int_equal(tree_shell("/sbin/mke2fs -q -F -t ext4 %s", tree_path("image")), 0);
	assert_int_equal(made("", false, false), 0);
	assert_int_equal(probe_device(fd, SIZE, &probe, &error), 0);
	assert_string_equal(probe.type, "xfs");
	assert_int_equal(tree_shell("/sbin/mke2fs -q -t ext4 %s", tree_path("image")), 0);
	assert_int_equal(probe_device(fd, SIZE, &probe, &error), 0);
	assert_string_equal(probe.type, "ext4");
}

static int geometry_has(const char *word)
{
	return tree_shell("/sbin/xfs_db -r -c info -c 'sb 0' -c 'p fname' %s | grep -q -- '%s'",
			  tree_path("image"), word) == 0;
}

static void options_are_merged_with_those_of_the_driver(void **state)
{
	make("blocksize=2048,inodeSize=1024,inodePercent=10,agcount=5,logSize=64,label=db-1,"
	     "reflink=off,rmapbt=on,bigtime=off,inobtcount=on");
	assert_true(geometry_has("agcount=5"));
	assert_true(geometry_has("isize=1024"));
	assert_true(geometry_has("bsize=2048 "));
	assert_true(geometry_has("imaxpct=10"));
	assert_true(geometry_has("bsize=2048   blocks=32768,"));
	assert_true(geometry_has("rmapbt=1"));
	assert_true(geometry_has("reflink=0    bigtime=0 inobtcount=1"));
	assert_true(geometry_has("fname = \"db-1"));
	read_super();
	assert_string_equal(super.uuid, UUID);
}

/* A xfs_logprint that says so. */
static void with_logprint(const char *words)
{
	char script[1024];

	snprintf(script, sizeof(script), "#!/bin/sh\n%s\n", words);
	tree_only_tool("xfs_logprint", script);
}

static void by_a_dirty_log(void)
{
	with_logprint("echo xfs_logprint:; echo; echo 'log tail: 2 head: 4 state: <DIRTY>'\n"
		      "while :; do echo state: '<CLEAN>'; done");
	CHECK(find_clean() == 0);
	CHECK(!super.clean);
}

static void a_dirty_log_is_not_read_to_its_end(void **state)
{
	tree_private(by_a_dirty_log);
}

static void by_a_broken_log(void)
{
	with_logprint("echo 'xfs_logprint: failed to find head and tail, error: 117'; exit 1");
	CHECK(find_clean() == -EUCLEAN);
	CHECK(!super.clean);
	CHECK(strstr(error.text, "xfs_logprint ended with 1: xfs_logprint: failed to find head"));
}

static void a_log_that_cannot_be_read_is_an_error(void **state)
{
	tree_private(by_a_broken_log);
}

static void without_tools(void)
{
	tree_only_tool(NULL, NULL);
	CHECK(made("", true, false) == -ENOENT);
	CHECK(strstr(error.advice, "install xfsprogs"));
	memset(&error, 0, sizeof(error));
	CHECK(find_clean() == -ENOENT);
	CHECK(strstr(error.advice, "install xfsprogs"));
}

static void a_node_without_the_tools_is_told_what_to_do(void **state)
{
	tree_private(without_tools);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_system_has_our_uuid_and_was_never_mounted),
		TEST(a_log_of_stripes_is_known_to_be_new_as_well),
		TEST(a_log_that_was_written_to_is_not_new),
		TEST(a_log_of_a_later_cycle_is_not_new),
		TEST(what_was_not_finished_was_never_mounted),
		TEST(a_superblock_with_a_wrong_checksum_is_none),
		TEST(zeroes_are_no_file_system),
		TEST(sizes_that_cannot_be_are_refused),
		TEST(the_tools_words_are_repeated_without_its_usage),
		TEST(asked_whether_it_would_work_nothing_is_written),
		TEST(what_is_there_is_formatted_over_only_where_it_is_our_own_debris),
		TEST(of_another_types_debris_nothing_is_left),
		TEST(options_are_merged_with_those_of_the_driver),
		TEST(a_dirty_log_is_not_read_to_its_end),
		TEST(a_log_that_cannot_be_read_is_an_error),
		TEST(a_node_without_the_tools_is_told_what_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
