/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/ext4.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"

#define SUPER_OFFSET            1024
#define SUPER_SIZE              1024
#define SUPER_MAGIC             0xef53

#define STATE_VALID             0x1
#define STATE_ERRORS            0x2

#define INCOMPAT_RECOVER        0x4
#define INCOMPAT_JOURNAL_DEV    0x8
#define INCOMPAT_64BIT          0x80
#define RO_COMPAT_METADATA_CSUM 0x400
#define CHECKSUM_CRC32C         1

/* fs/ext4/ext4.h: EXT4_IOC_RESIZE_FS, in blocks of the file system */
#define IOC_RESIZE_FS _IOW('f', 16, uint64_t)

/* Documentation/filesystems/ext4/super.rst: offsets in the superblock, little endian */
enum {
	AT_BLOCKS_LOW = 0x04,
	AT_LOG_BLOCK_SIZE = 0x18,
	AT_MOUNT_TIME = 0x2c,
	AT_MOUNT_COUNT = 0x34,
	AT_MAGIC = 0x38,
	AT_STATE = 0x3a,
	AT_INCOMPAT = 0x60,
	AT_RO_COMPAT = 0x64,
	AT_UUID = 0x68,
	AT_BLOCKS_HIGH = 0x150,
	AT_CHECKSUM_TYPE = 0x175,
	AT_ERROR_COUNT = 0x194,
	AT_CHECKSUM = 0x3fc,
};

static uint16_t u16_at(const uint8_t *super, size_t at)
{
	uint16_t value;

	memcpy(&value, super + at, sizeof(value));
	return le16toh(value);
}

static uint32_t u32_at(const uint8_t *super, size_t at)
{
	uint32_t value;

	memcpy(&value, super + at, sizeof(value));
	return le32toh(value);
}

/* Castagnoli's polynomial, reflected, four bits at a time; as the kernel's crc32c() it neither
 * inverts the start nor the end. */
static uint32_t crc32c(uint32_t crc, const uint8_t *bytes, size_t length)
{
	static uint32_t table[16];

	for (uint32_t i = 0; !table[15] && i < 16; i++) {
		uint32_t value = i;

		for (int bit = 0; bit < 4; bit++)
			value = value & 1 ? value >> 1 ^ 0x82f63b78U : value >> 1;
		table[i] = value;
	}
	for (size_t i = 0; i < length; i++) {
		crc ^= bytes[i];
		crc = crc >> 4 ^ table[crc & 15];
		crc = crc >> 4 ^ table[crc & 15];
	}
	return crc;
}

/* fs/ext4/super.c: ext4_superblock_csum */
static bool checksum_holds(const uint8_t *super)
{
	if (!(u32_at(super, AT_RO_COMPAT) & RO_COMPAT_METADATA_CSUM))
		return true;
	return super[AT_CHECKSUM_TYPE] == CHECKSUM_CRC32C &&
	       crc32c(~0U, super, AT_CHECKSUM) == u32_at(super, AT_CHECKSUM);
}

static int check(const uint8_t *super, struct error *error)
{
	const char *attempt = "read the ext4 superblock";

	if (u16_at(super, AT_MAGIC) != SUPER_MAGIC)
		return error_set(error, -EUCLEAN, "%s: there is none", attempt);
	if (u32_at(super, AT_INCOMPAT) & INCOMPAT_JOURNAL_DEV)
		return error_set(error, -EUCLEAN, "%s: this is the journal of another file system",
				 attempt);
	if (!checksum_holds(super)) {
		error_set(error, -EUCLEAN, "%s: its checksum is wrong", attempt);
		return error_advise(error, "map the image by hand and look at it with e2fsck -n");
	}
	if (u32_at(super, AT_LOG_BLOCK_SIZE) > 6)
		return error_set(error, -EUCLEAN, "%s: its block size makes no sense", attempt);
	return 0;
}

static void format_uuid(const uint8_t *uuid, char ret[40])
{
	char *to = ret;

	for (int i = 0; i < 16; i++)
		to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       uuid[i]);
}

static void fill(const uint8_t *super, struct ext4_super *ret)
{
	const uint32_t incompat = u32_at(super, AT_INCOMPAT);
	const uint16_t state = u16_at(super, AT_STATE);
	uint64_t blocks = u32_at(super, AT_BLOCKS_LOW);

	if (incompat & INCOMPAT_64BIT)
		blocks |= (uint64_t)u32_at(super, AT_BLOCKS_HIGH) << 32;
	*ret = (struct ext4_super){
		.block_size = 1024U << u32_at(super, AT_LOG_BLOCK_SIZE),
		.mount_count = u16_at(super, AT_MOUNT_COUNT),
		.mount_time = u32_at(super, AT_MOUNT_TIME),
		.clean = (state & STATE_VALID) && !(incompat & INCOMPAT_RECOVER),
		.errors = (state & STATE_ERRORS) || u32_at(super, AT_ERROR_COUNT),
	};
	if (__builtin_mul_overflow(blocks, (uint64_t)ret->block_size, &ret->size))
		ret->size = UINT64_MAX;
	format_uuid(super + AT_UUID, ret->uuid);
}

int ext4_read_super(int fd, struct ext4_super *ret, struct error *error)
{
	uint8_t super[SUPER_SIZE];
	ssize_t length = pread(fd, super, sizeof(super), SUPER_OFFSET);
	int r;

	*ret = (struct ext4_super){0};
	if (length < 0)
		return error_errno(error, -errno, "read the ext4 superblock");
	if (length != SUPER_SIZE)
		return error_set(error, -EUCLEAN,
				 "read the ext4 superblock: the device ends before it");
	r = check(super, error);
	if (r == 0)
		fill(super, ret);
	return r;
}

/* fs/ext4/resize.c: ext4_resize_begin, ext4_resize_fs */
static int explain_grow(int code, const char *directory, struct error *error)
{
	error_errno(error, code, "grow the file system at %s", directory);
	switch (code) {
	case -EOPNOTSUPP:
		return error_advise(error,
				    "it was made with an option (sparse_super2, bigalloc) that "
				    "cannot grow online: unmount it and run resize2fs");
	case -EPERM:
		return error_advise(error, "the kernel has noted errors in it: unmount it and run "
					   "e2fsck; or this is not root");
	case -EROFS:
		return error_advise(error, "it is mounted read-only");
	case -EBUSY:
		return error_advise(error, "it is being resized already");
	default:
		return code;
	}
}

int ext4_grow(const char *directory, uint64_t device_size, struct error *error)
{
	_cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct statfs status;
	uint64_t blocks;

	if (fd < 0)
		return error_errno(error, -errno, "grow the file system at %s", directory);
	if (fstatfs(fd, &status) < 0)
		return error_errno(error, -errno, "grow the file system at %s", directory);
	if (status.f_type != SUPER_MAGIC)
		return error_set(error, -EMEDIUMTYPE, "grow the file system at %s: it is no ext4",
				 directory);
	blocks = device_size / (uint64_t)status.f_bsize;
	/* as many blocks as it has: the kernel does nothing */
	if (ioctl(fd, IOC_RESIZE_FS, &blocks) < 0)
		return explain_grow(-errno, directory, error);
	return 0;
}
