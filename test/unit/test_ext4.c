/* SPDX-License-Identifier: Apache-2.0 */
/* What mke2fs and debugfs of e2fsprogs write is the truth here. */
#include "unit.h"

#include "fixtures/tree.h"
#include "fs/ext4.h"

#define SIZE (32 << 20)

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

static void make(const char *options)
{
	assert_int_equal(tree_shell("/sbin/mke2fs -q -F -t ext4 -U "
				    "01234567-89ab-4cde-8f01-23456789abcd %s %s",
				    options, tree_path("image")),
			 0);
}

/* debugfs writes the checksum too. */
static void change(const char *command)
{
	assert_int_equal(tree_shell("/sbin/debugfs -w -R '%s' %s >/dev/null 2>&1", command,
				    tree_path("image")),
			 0);
}

static void read_super(void)
{
	if (ext4_read_super(fd, &super, &error) < 0)
		fail_msg("%s", error.text);
}

static void a_new_file_system_is_clean_and_never_mounted(void **state)
{
	make("-b 4096");
	read_super();
	assert_string_equal(super.uuid, "01234567-89ab-4cde-8f01-23456789abcd");
	assert_int_equal(super.size, SIZE);
	assert_int_equal(super.block_size, 4096);
	assert_int_equal(super.mount_count, 0);
	assert_true(super.never_mounted);
	assert_true(super.clean);
	assert_false(super.errors);
}

static void small_blocks_are_counted_as_such(void **state)
{
	make("-b 1024");
	read_super();
	assert_int_equal(super.size, SIZE);
	assert_int_equal(super.block_size, 1024);
}

static void what_a_mount_leaves_is_read(void **state)
{
	make("");
	change("ssv mnt_count 7");
	change("ssv mtime 20240102030405");
	read_super();
	assert_int_equal(super.mount_count, 7);
	assert_false(super.never_mounted);
	assert_true(super.clean);
}

static void a_journal_to_replay_is_not_clean(void **state)
{
	make("");
	change("feature needs_recovery");
	read_super();
	assert_false(super.clean);
}

static void a_state_that_is_not_valid_is_not_clean(void **state)
{
	make("-O ^has_journal");
	change("ssv state 0");
	read_super();
	assert_false(super.clean);
	assert_false(super.errors);
}

static void noted_errors_are_told(void **state)
{
	make("");
	change("ssv state 3");
	read_super();
	assert_true(super.errors);
	change("ssv state 1");
	read_super();
	assert_false(super.errors);
	change("ssv error_count 2");
	read_super();
	assert_true(super.errors);
}

static void sizes_beyond_32_bits_are_counted(void **state)
{
	make("-b 4096 -O 64bit");
	change("ssv blocks_count 4294967297");
	read_super();
	assert_int_equal(super.size, 4294967297 * 4096);
}

static void refused(const char *why)
{
	assert_int_equal(ext4_read_super(fd, &super, &error), -EUCLEAN);
	assert_contains(error.text, why);
	assert_int_equal(super.size, 0);
}

static void a_superblock_with_a_wrong_checksum_is_none(void **state)
{
	make("-O metadata_csum");
	tree_put(fd, 1024 + 0x78, "label", 5);
	refused("its checksum is wrong");
}

static void without_the_feature_no_checksum_is_asked_for(void **state)
{
	make("-O ^metadata_csum");
	tree_put(fd, 1024 + 0x78, "label", 5);
	read_super();
	assert_true(super.clean);
}

static void a_checksum_of_another_kind_is_wrong(void **state)
{
	make("-O metadata_csum");
	tree_put(fd, 1024 + 0x175, "\2", 1);
	refused("its checksum is wrong");
}

static void zeroes_are_no_file_system(void **state)
{
	refused("there is none");
}

static void a_device_that_ends_early_has_none(void **state)
{
	assert_int_equal(ftruncate(fd, 1500), 0);
	refused("the device ends before it");
	assert_int_equal(ftruncate(fd, 0), 0);
	refused("the device ends before it");
}

static void a_block_size_that_cannot_be_is_refused(void **state)
{
	make("-O ^metadata_csum");
	tree_put(fd, 1024 + 0x18, "\x1f", 1);
	refused("its block size makes no sense");
}

static void a_journal_device_is_no_file_system(void **state)
{
	assert_int_equal(tree_shell("/sbin/mke2fs -q -F -O journal_dev %s", tree_path("image")), 0);
	refused("the journal of another file system");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_system_is_clean_and_never_mounted),
		TEST(small_blocks_are_counted_as_such),
		TEST(what_a_mount_leaves_is_read),
		TEST(a_journal_to_replay_is_not_clean),
		TEST(a_state_that_is_not_valid_is_not_clean),
		TEST(noted_errors_are_told),
		TEST(sizes_beyond_32_bits_are_counted),
		TEST(a_superblock_with_a_wrong_checksum_is_none),
		TEST(without_the_feature_no_checksum_is_asked_for),
		TEST(a_checksum_of_another_kind_is_wrong),
		TEST(zeroes_are_no_file_system),
		TEST(a_device_that_ends_early_has_none),
		TEST(a_block_size_that_cannot_be_is_refused),
		TEST(a_journal_device_is_no_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
