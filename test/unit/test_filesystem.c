/* SPDX-License-Identifier: Apache-2.0 */
/* On plain files; what the tools wrote is judged by e2fsck and dumpe2fs. */
#include "unit.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/str.h"
#include "fixtures/tree.h"
#include "fs/ext4.h"
#include "fs/filesystem.h"

#define SIZE (64 << 20)
#define UUID "01234567-89ab-4cde-8f01-23456789abcd"

static struct error error;
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

static int made(const char *type, const char *options, bool prezeroed, bool dry,
		struct deadline deadline)
{
	const struct filesystem_make make = {.device_fd = fd,
					     .uuid = UUID,
					     .options = options,
					     .prezeroed = prezeroed,
					     .dry = dry,
					     .lock_fd = -1,
					     .deadline = deadline};

	return filesystem_find(type)->make(&make, &error);
}

static int ext4(const char *options, bool prezeroed, struct deadline deadline)
{
	return made("ext4", options, prezeroed, false, deadline);
}

static void make(bool prezeroed)
{
	if (ext4("", prezeroed, deadline_in(30000)) < 0)
		fail_msg("%s", error.text);
	/* -f -n: looked at whole, nothing changed */
	assert_int_equal(tree_shell("/sbin/e2fsck -f -n %s >/dev/null 2>&1", tree_path("image")),
			 0);
}

/* Lines of dumpe2fs with this word. */
/* Blanks and tabs as one blank: between a name and its value dumpe2fs 1.47.0 has a tab sometimes,
 * 1.47.2 has none. */
static void squeeze(char *line)
{
	char *to = line;

	for (const char *from = line; *from; from++)
		if (!strchr(" \t", *from))
			*to++ = *from;
		else if (to == line || to[-1] != ' ')
			*to++ = ' ';
	*to = '\0';
}

static int lines_with(const char *word)
{
	int count = 0;
	char line[512];
	FILE *file;

	assert_int_equal(tree_shell("/sbin/dumpe2fs %s 2>/dev/null >%s", tree_path("image"),
				    tree_path("dump")),
			 0);
	file = fopen(tree_path("dump"), "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		squeeze(line);
		count += strstr(line, word) != NULL;
	}
	(void)fclose(file);
	return count;
}

static void a_new_file_system_has_our_uuid_and_no_reserved_blocks(void **state)
{
	struct super super;

	make(true);
	assert_int_equal(ext4_read_super(fd, &super, &error), 0);
	assert_string_equal(super.uuid, UUID);
	assert_int_equal(super.size, SIZE);
	assert_true(super.never_mounted);
	assert_true(super.clean);
	assert_int_equal(lines_with("Reserved block count: 0"), 1);
}

static void nothing_of_it_stands_in_the_way_of_growth(void **state)
{
	make(true);
	assert_int_equal(lines_with("sparse_super2"), 0);
	assert_int_equal(lines_with("resize_inode"), 1);
	assert_int_equal(lines_with("Flex block group size: 16"), 1);
}

static void on_a_prezeroed_device_few_blocks_are_written(void **state)
{
	struct stat status;

	make(true);
	assert_int_equal(fstat(fd, &status), 0);
	assert_true(status.st_blocks * 512 < 1 << 20);
	/* e2fsprogs >= 1.47: the kernel has nothing left to zero either */
	assert_true(lines_with("(Blocks ") > 1);
	assert_int_equal(lines_with("ITABLE_ZEROED"), lines_with("(Blocks "));
}

/* Eight bytes of it: one may be part of a checksum. */
static bool holds_old_data(off_t from, size_t length)
{
	static const char old[8] = "\xa5\xa5\xa5\xa5\xa5\xa5\xa5\xa5";
	char block[1024];

	for (size_t done = 0; done < length; done += sizeof(block)) {
		assert_int_equal(pread(fd, block, sizeof(block), from + (off_t)done),
				 sizeof(block));
		if (memmem(block, sizeof(block), old, sizeof(old)))
			return true;
	}
	return false;
}

static void on_a_used_device_the_tables_are_zeroed(void **state)
{
	unsigned char old[4096];
	const off_t block = 1024;
	int first, last, tables = 0;
	char line[256];
	FILE *file;

	memset(old, 0xa5, sizeof(old));
	for (off_t at = 0; at < SIZE; at += (off_t)sizeof(old))
		tree_put(fd, at, old, sizeof(old));
	make(false);
	/* mke2fs.conf: small, below 512 MiB */
	assert_int_equal(lines_with("Block size: 1024"), 1);
	file = fopen(tree_path("dump"), "re");
	assert_non_null(file);
	while (fgets(line, sizeof(line), file)) {
		const char *at = strstr(line, "Inode table at ");

		if (!at || sscanf(at, "Inode table at %d-%d", &first, &last) != 2)
			continue;
		tables++;
		assert_false(holds_old_data(first * block, (size_t)(last - first + 1) * block));
	}
	(void)fclose(file);
	assert_true(tables > 1);
}

static void a_clean_file_system_passes(void **state)
{
	make(true);
	assert_int_equal(ext4_repair(fd, -1, deadline_in(30000), &error), 0);
}

static void what_can_be_repaired_is(void **state)
{
	make(true);
	assert_int_equal(tree_shell("/sbin/debugfs -w -R 'ssv state 0' %s >/dev/null 2>&1",
				    tree_path("image")),
			 0);
	assert_int_equal(tree_shell("/sbin/debugfs -w -R 'ssv free_blocks_count 1' %s "
				    ">/dev/null 2>&1",
				    tree_path("image")),
			 0);
	assert_int_equal(ext4_repair(fd, -1, deadline_in(30000), &error), 0);
	assert_int_equal(tree_shell("/sbin/e2fsck -f -n %s >/dev/null 2>&1", tree_path("image")),
			 0);
}

static void what_cannot_be_repaired_is_refused_with_the_tools_words(void **state)
{
	make(true);
	assert_int_equal(
		tree_shell("/sbin/debugfs -w -R 'clri <2>' %s >/dev/null 2>&1", tree_path("image")),
		0);
	assert_int_equal(tree_shell("/sbin/debugfs -w -R 'ssv state 2' %s >/dev/null 2>&1",
				    tree_path("image")),
			 0);
	assert_int_equal(ext4_repair(fd, -1, deadline_in(30000), &error), -EUCLEAN);
	assert_contains(error.text, "e2fsck ended with 4");
	assert_contains(error.text, "UNEXPECTED INCONSISTENCY");
	assert_contains(error.advice, "e2fsck without -p");
}

static void what_is_no_file_system_is_not_repaired(void **state)
{
	assert_true(ext4_repair(fd, -1, deadline_in(30000), &error) < 0);
	assert_contains(error.text, "e2fsck ended with 8");
}

static const char *calls(void)
{
	return tree_read(tree_path("calls"));
}

/* A mke2fs that writes down how it was called, and knows what its version knows. */
static void with_mke2fs(const char *known)
{
	char script[1024];

	snprintf(script, sizeof(script),
		 "#!/bin/sh\n"
		 "echo \"$@\" >>%s/calls\n"
		 "%s\n",
		 tree_root, known);
	tree_only_tool("mke2fs", script);
}

static void by_an_old_mke2fs(void)
{
	with_mke2fs("case $* in *assume*) echo; echo 'Bad option(s) specified: "
		    "assume_storage_prezeroed' >&2; exit 1;; esac");
	CHECK(ext4("", true, deadline_in(5000)) == 0);
}

static void a_mke2fs_that_does_not_know_an_option_is_asked_without_it(void **state)
{
	char expected[512];

	tree_private(by_an_old_mke2fs);
	snprintf(expected, sizeof(expected),
		 "-q -t ext4 -U " UUID " -E nodiscard,packed_meta_blocks=1,lazy_itable_init=1,"
		 "lazy_journal_init=1,assume_storage_prezeroed=1 -m 0 /proc/self/fd/%d\n"
		 "-q -t ext4 -U " UUID " -E nodiscard,packed_meta_blocks=1,lazy_itable_init=1,"
		 "lazy_journal_init=1 -m 0 /proc/self/fd/%d\n",
		 fd, fd);
	assert_string_equal(calls(), expected);
}

static void on_a_used_device(void)
{
	with_mke2fs("");
	CHECK(ext4("", false, deadline_in(5000)) == 0);
}

static void a_used_device_is_never_formatted_lazily(void **state)
{
	char expected[512];

	tree_private(on_a_used_device);
	snprintf(expected, sizeof(expected),
		 "-q -t ext4 -U " UUID " -E nodiscard,packed_meta_blocks=1,lazy_itable_init=0,"
		 "lazy_journal_init=0 -m 0 /proc/self/fd/%d\n",
		 fd);
	assert_string_equal(calls(), expected);
}

static void by_a_mke2fs_that_fails(void)
{
	with_mke2fs("echo 'mke2fs: Device size reported to be zero.' >&2; exit 1");
	CHECK(ext4("", true, deadline_in(5000)) == -EIO);
	CHECK(strstr(error.text, "mke2fs ended with 1: mke2fs: Device size reported to be zero."));
}

static void a_failed_format_repeats_the_tools_words(void **state)
{
	tree_private(by_a_mke2fs_that_fails);
	/* once: it is no question of options */
	assert_ptr_equal(strchr(calls(), '\n'), strrchr(calls(), '\n'));
}

static void without_tools(void)
{
	tree_only_tool(NULL, NULL);
	CHECK(ext4("", true, deadline_in(5000)) == -ENOENT);
	CHECK(strstr(error.advice, "install e2fsprogs"));
	CHECK(filesystem_can_make(filesystem_find("xfs"), &error) == -ENOENT);
	CHECK(strstr(error.text, "there is no mkfs.xfs on this node"));
	CHECK(strstr(error.advice, "install xfsprogs"));
	memset(&error, 0, sizeof(error));
	CHECK(ext4_repair(fd, -1, deadline_in(5000), &error) == -ENOENT);
	CHECK(strstr(error.advice, "install e2fsprogs"));
}

static void a_node_without_the_tools_is_told_what_to_do(void **state)
{
	tree_private(without_tools);
}

/* Says something after its caller has gone (the test makes "go"), and ends well all the same. */
static void by_a_slow_e2fsck(void)
{
	char script[512];

	snprintf(script, sizeof(script),
		 "#!/bin/sh\nuntil [ -e %s/go ]; do [ -d %s ] && /bin/sleep 0.05 || exit; done\n"
		 "echo said to nobody\n/bin/sleep 0.1\necho done >%s/done\n",
		 tree_root, tree_root, tree_root);
	tree_only_tool("e2fsck", script);
	CHECK(ext4_repair(fd, -1, deadline_in(100), &error) == -ETIMEDOUT);
	CHECK(strstr(error.text, "goes on alone"));
}

static void a_repair_that_takes_too_long_goes_on_alone(void **state)
{
	tree_private(by_a_slow_e2fsck);
	tree_write(tree_path("go"), "");
	assert_eventually(strstr(tree_read(tree_path("done")), "done"));
}

static void options_are_merged_with_those_of_the_driver(void **state)
{
	if (ext4("reserved=1,stride=4,stripeWidth=16,inodeSize=512,metadata_csum=off,inline_data=on,"
		 "label=db-1",
		 true, deadline_in(30000)) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(lines_with("Reserved block count: 655"), 1);
	assert_int_equal(lines_with("RAID stride: 4"), 1);
	assert_int_equal(lines_with("RAID stripe width: 16"), 1);
	assert_int_equal(lines_with("Inode size: 512"), 1);
	assert_int_equal(lines_with("Filesystem volume name: db-1"), 1);
	assert_int_equal(lines_with("metadata_csum"), 0);
	assert_int_equal(lines_with("inline_data"), 1);
	/* the driver's own words for the same letter are still there */
	assert_int_equal(lines_with("ITABLE_ZEROED"), 0);
	assert_int_equal(tree_shell("/sbin/e2fsck -f -n %s >/dev/null 2>&1", tree_path("image")),
			 0);
}

static void asked_whether_it_would_work_nothing_is_written(void **state)
{
	struct stat status;

	assert_int_equal(made("ext4", "blocksize=4096", true, true, deadline_in(30000)), 0);
	assert_int_equal(fstat(fd, &status), 0);
	assert_int_equal(status.st_blocks, 0);
	assert_int_equal(ftruncate(fd, 64 << 10), 0);
	assert_int_equal(
		made("ext4", "blocksize=4096,journalSize=10240", true, true, deadline_in(30000)),
		-EIO);
	assert_contains(error.text, "mke2fs ended with 1: ");
	assert_contains(error.advice, "correct mkfsOptions or the size");
}

static void there_are_ext4_and_xfs(void **state)
{
	const struct filesystem *fs;

	assert_int_equal(filesystem_need("ext4", &fs, &error), 0);
	assert_string_equal(fs->name, "ext4");
	assert_int_equal(filesystem_need("xfs", &fs, &error), 0);
	assert_string_equal(fs->name, "xfs");
	assert_int_equal(filesystem_can_make(fs, &error), 0);
	assert_int_equal(filesystem_need("btrfs", &fs, &error), -EINVAL);
	assert_string_equal(error.text, "fsType: \"btrfs\" is not ext4 or xfs");
	assert_null(filesystem_find(""));
}

static void what_is_neither_does_not_grow(void **state)
{
	struct stat proc;

	assert_int_equal(stat("/proc", &proc), 0);
	assert_int_equal(filesystem_grow("/proc", proc.st_dev, SIZE, &error), -EMEDIUMTYPE);
	assert_string_equal(error.text,
			    "grow the file system at /proc: it is neither ext4 nor xfs");
	assert_int_equal(filesystem_grow("/nowhere", proc.st_dev, SIZE, &error), -ENOENT);
}

static void what_is_another_device_by_now_does_not_grow(void **state)
{
	const char *begin = "grow the file system at /proc: it is that of device ";

	assert_int_equal(filesystem_grow("/proc", makedev(252, 16), SIZE, &error), -EUCLEAN);
	assert_int_equal(strncmp(error.text, begin, strlen(begin)), 0);
	assert_non_null(strstr(error.text, "by now, and not of 252:16"));
}

static void every_uuid_is_another_and_random(void **state)
{
	char first[37], second[37];

	filesystem_uuid(first);
	filesystem_uuid(second);
	assert_string_not_equal(first, second);
	assert_int_equal(strlen(first), 36);
	assert_int_equal(strspn(first, "0123456789abcdef-"), 36);
	assert_true(first[8] == '-' && first[13] == '-' && first[18] == '-' && first[23] == '-');
	assert_int_equal(first[14], '4');
	assert_non_null(strchr("89ab", first[19]));
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_system_has_our_uuid_and_no_reserved_blocks),
		TEST(nothing_of_it_stands_in_the_way_of_growth),
		TEST(on_a_prezeroed_device_few_blocks_are_written),
		TEST(on_a_used_device_the_tables_are_zeroed),
		TEST(a_clean_file_system_passes),
		TEST(what_can_be_repaired_is),
		TEST(what_cannot_be_repaired_is_refused_with_the_tools_words),
		TEST(what_is_no_file_system_is_not_repaired),
		TEST(a_mke2fs_that_does_not_know_an_option_is_asked_without_it),
		TEST(a_used_device_is_never_formatted_lazily),
		TEST(a_failed_format_repeats_the_tools_words),
		TEST(a_node_without_the_tools_is_told_what_to_do),
		TEST(a_repair_that_takes_too_long_goes_on_alone),
		TEST(options_are_merged_with_those_of_the_driver),
		TEST(asked_whether_it_would_work_nothing_is_written),
		TEST(there_are_ext4_and_xfs),
		TEST(what_is_neither_does_not_grow),
		TEST(what_is_another_device_by_now_does_not_grow),
		TEST(every_uuid_is_another_and_random),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
