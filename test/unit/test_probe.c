/* SPDX-License-Identifier: Apache-2.0 */
/* On plain files, which libblkid takes as it takes devices. */
#include "unit.h"

#include "fixtures/tree.h"
#include "fs/probe.h"

#define MIB  (1 << 20)
#define SIZE (32 * MIB)

static struct error error;
static struct probe found;
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

static void put_ext4(void)
{
	assert_int_equal(tree_shell("/sbin/mke2fs -q -F -t ext4 -U "
				    "01234567-89ab-4cde-8f01-23456789abcd %s",
				    tree_path("image")),
			 0);
}

static void put_luks1(void)
{
	static const char magic[] = "LUKS\xba\xbe\0\1";

	tree_put(fd, 0, magic, 8);
	tree_put(fd, 168, "7a5c0a0e-16c5-4a6f-9df5-f0f15d7a4c11", 36);
}

static void put_dos_table(void)
{
	/* not active, type 0x83, from sector 2048, 4096 sectors */
	static const char entry[16] = {0, 0, 0, 0, '\x83', 0, 0, 0, 0, 8, 0, 0, 0, 16, 0, 0};

	tree_put(fd, 446, entry, sizeof(entry));
	tree_put(fd, 510, "\x55\xaa", 2);
}

static void expect(enum probe_kind kind, const char *type)
{
	assert_int_equal(probe_device(fd, SIZE, &found, &error), 0);
	assert_int_equal(found.kind, kind);
	assert_string_equal(found.type, type);
}

static void refused(uint64_t size, const char *why)
{
	assert_true(probe_device(fd, size, &found, &error) < 0);
	assert_contains(error.text, why);
	assert_int_not_equal(found.kind, PROBE_NOTHING);
}

static void zeroes_are_nothing(void **state)
{
	expect(PROBE_NOTHING, "");
	assert_int_equal(probe_is_zero(fd, SIZE, &error), 1);
}

static void an_ext4_is_named_with_its_uuid(void **state)
{
	put_ext4();
	expect(PROBE_FILE_SYSTEM, "ext4");
	assert_string_equal(found.uuid, "01234567-89ab-4cde-8f01-23456789abcd");
}

/* fixtures/xfs-superblock.bin: the first sector of what mkfs.xfs 6.1 made of 300 MiB */
static void put_xfs(void)
{
	char super[512];
	int from = open(FIXTURES "/xfs-superblock.bin", O_RDONLY | O_CLOEXEC);

	assert_int_equal(read(from, super, sizeof(super)), sizeof(super));
	close(from);
	tree_put(fd, 0, super, sizeof(super));
}

static void an_xfs_is_named(void **state)
{
	assert_int_equal(ftruncate(fd, 300 * MIB), 0);
	put_xfs();
	assert_int_equal(probe_device(fd, 300 * MIB, &found, &error), 0);
	assert_int_equal(found.kind, PROBE_FILE_SYSTEM);
	assert_string_equal(found.type, "xfs");
}

static void an_encrypted_device_is_something_else(void **state)
{
	put_luks1();
	expect(PROBE_OTHER, "crypto_LUKS");
}

static void swap_space_is_something_else(void **state)
{
	assert_int_equal(tree_shell("/sbin/mkswap -q %s 2>/dev/null", tree_path("image")), 0);
	expect(PROBE_OTHER, "swap");
}

static void a_partition_table_is_something_else(void **state)
{
	put_dos_table();
	expect(PROBE_OTHER, "dos partition table");
}

static void two_signatures_are_refused(void **state)
{
	assert_int_equal(ftruncate(fd, 300 * MIB), 0);
	put_ext4();
	put_xfs();
	refused(300 * MIB, "more than one signature (xfs, ext4)");
	assert_int_equal(error.code, -ENOTUNIQ);
}

static void an_encrypted_device_over_an_old_file_system_is_something_else(void **state)
{
	put_ext4();
	put_luks1();
	expect(PROBE_OTHER, "crypto_LUKS");
}

static void a_file_system_under_a_partition_table_is_refused(void **state)
{
	put_ext4();
	put_dos_table();
	refused(SIZE, "there is both ext4 and a dos partition table");
}

static void data_without_a_signature_is_data(void **state)
{
	tree_put(fd, 100, "x", 1);
	expect(PROBE_DATA, "");
	assert_int_equal(probe_is_zero(fd, SIZE, &error), 0);
}

static void data_at_the_very_end_is_data(void **state)
{
	tree_put(fd, SIZE - 1, "x", 1);
	expect(PROBE_DATA, "");
}

static void data_at_the_inner_ends_of_head_and_tail_is_data(void **state)
{
	tree_put(fd, MIB - 1, "x", 1);
	expect(PROBE_DATA, "");
	tree_put(fd, MIB - 1, "", 1);
	expect(PROBE_NOTHING, "");
	tree_put(fd, SIZE - MIB, "x", 1);
	expect(PROBE_DATA, "");
}

static void a_device_of_another_size_is_refused(void **state)
{
	refused(SIZE * 2, "the device has 33554432 bytes, the image 67108864");
	refused(SIZE / 2, "the device has 33554432 bytes, the image 16777216");
	assert_int_equal(ftruncate(fd, 0), 0);
	refused(SIZE, "look for a file system");
	refused(0, "it has no bytes");
}

static void what_ends_before_its_size_is_never_zero(void **state)
{
	assert_int_equal(probe_is_zero(fd, SIZE + 4096, &error), -EIO);
	assert_contains(error.text, "it ends at byte 33554432, before its size");
	assert_int_equal(probe_is_zero(fd, 0, &error), -EINVAL);
}

static void what_cannot_be_read_is_refused(void **state)
{
	int writing = open(tree_path("image"), O_WRONLY | O_CLOEXEC);

	assert_true(probe_device(writing, SIZE, &found, &error) < 0);
	assert_true(*error.text);
	assert_int_not_equal(found.kind, PROBE_NOTHING);
	assert_int_equal(probe_is_zero(writing, SIZE, &error), -EBADF);
	close(writing);
}

static void a_small_device_is_read_whole(void **state)
{
	assert_int_equal(ftruncate(fd, MIB + 4096), 0);
	assert_int_equal(probe_is_zero(fd, MIB + 4096, &error), 1);
	tree_put(fd, MIB + 4095, "x", 1);
	assert_int_equal(probe_is_zero(fd, MIB + 4096, &error), 0);
	assert_int_equal(ftruncate(fd, 4096), 0);
	assert_int_equal(probe_is_zero(fd, 4096, &error), 1);
}

static void a_broken_superblock_is_never_nothing(void **state)
{
	put_ext4();
	tree_put(fd, 1024 + 0x78, "label", 5); /* s_volume_name: the checksum is wrong now */
	assert_int_equal(probe_device(fd, SIZE, &found, &error), 0);
	assert_int_not_equal(found.kind, PROBE_NOTHING);
}

static void a_device_that_answers_is_alive(void **state)
{
	int direct = open(tree_path("image"), O_RDONLY | O_DIRECT | O_CLOEXEC);

	assert_int_equal(probe_alive("/none", &error), -ENOENT);
	if (direct < 0) { /* /tmp is a tmpfs of a kernel before 6.6 */
		assert_int_equal(probe_alive("/image", &error), -EINVAL);
		return;
	}
	close(direct);
	assert_int_equal(probe_alive("/image", &error), 0);
	assert_int_equal(ftruncate(fd, 100), 0);
	assert_int_equal(probe_alive("/image", &error), -EIO);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(zeroes_are_nothing),
		TEST(an_ext4_is_named_with_its_uuid),
		TEST(an_xfs_is_named),
		TEST(an_encrypted_device_is_something_else),
		TEST(swap_space_is_something_else),
		TEST(a_partition_table_is_something_else),
		TEST(two_signatures_are_refused),
		TEST(an_encrypted_device_over_an_old_file_system_is_something_else),
		TEST(a_file_system_under_a_partition_table_is_refused),
		TEST(data_without_a_signature_is_data),
		TEST(data_at_the_very_end_is_data),
		TEST(data_at_the_inner_ends_of_head_and_tail_is_data),
		TEST(a_device_of_another_size_is_refused),
		TEST(what_ends_before_its_size_is_never_zero),
		TEST(what_cannot_be_read_is_refused),
		TEST(a_small_device_is_read_whole),
		TEST(a_broken_superblock_is_never_nothing),
		TEST(a_device_that_answers_is_alive),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
