/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/ext4.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <sys/ioctl.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fs/bytes.h"

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

/* fs/ext4/super.c: ext4_superblock_csum */
static bool checksum_holds(const uint8_t *super)
{
	if (!(le32_at(super, AT_RO_COMPAT) & RO_COMPAT_METADATA_CSUM))
		return true;
	return super[AT_CHECKSUM_TYPE] == CHECKSUM_CRC32C &&
	       bytes_crc32c(~0U, super, AT_CHECKSUM) == le32_at(super, AT_CHECKSUM);
}

static int check(const uint8_t *super, struct error *error)
{
	const char *attempt = "read the ext4 superblock";

	if (le16_at(super, AT_MAGIC) != SUPER_MAGIC)
		return error_set(error, -EUCLEAN, "%s: there is none", attempt);
	if (le32_at(super, AT_INCOMPAT) & INCOMPAT_JOURNAL_DEV)
		return error_set(error, -EUCLEAN, "%s: this is the journal of another file system",
				 attempt);
	if (!checksum_holds(super)) {
		error_set(error, -EUCLEAN, "%s: its checksum is wrong", attempt);
		return error_advise(error, "map the image by hand and look at it with e2fsck -n");
	}
	if (le32_at(super, AT_LOG_BLOCK_SIZE) > 6)
		return error_set(error, -EUCLEAN, "%s: its block size makes no sense", attempt);
	return 0;
}

static void fill(const uint8_t *super, struct super *ret)
{
	const uint32_t incompat = le32_at(super, AT_INCOMPAT);
	const uint16_t state = le16_at(super, AT_STATE);
	uint64_t blocks = le32_at(super, AT_BLOCKS_LOW);

	if (incompat & INCOMPAT_64BIT)
		blocks |= (uint64_t)le32_at(super, AT_BLOCKS_HIGH) << 32;
	*ret = (struct super){
		.block_size = 1024U << le32_at(super, AT_LOG_BLOCK_SIZE),
		.counts_mounts = true,
		.mount_count = le16_at(super, AT_MOUNT_COUNT),
		.never_mounted = le32_at(super, AT_MOUNT_TIME) == 0,
		.clean = (state & STATE_VALID) && !(incompat & INCOMPAT_RECOVER),
		.errors = (state & STATE_ERRORS) || le32_at(super, AT_ERROR_COUNT),
	};
	if (__builtin_mul_overflow(blocks, (uint64_t)ret->block_size, &ret->size))
		ret->size = UINT64_MAX;
	bytes_uuid(super + AT_UUID, ret->uuid);
}

int ext4_read_super(int fd, struct super *ret, struct error *error)
{
	uint8_t super[SUPER_SIZE];
	ssize_t length = pread(fd, super, sizeof(super), SUPER_OFFSET);
	int r;

	*ret = (struct super){0};
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
static int explain_grow(int code, struct error *error)
{
	error_errno(error, code, "EXT4_IOC_RESIZE_FS");
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

int ext4_grow(int directory_fd, uint64_t device_size, struct error *error)
{
	struct statfs status;
	uint64_t blocks;

	if (fstatfs(directory_fd, &status) < 0)
		return error_errno(error, -errno, "read its size");
	blocks = device_size / (uint64_t)status.f_bsize;
	/* as many blocks as it has: the kernel does nothing */
	return ioctl(directory_fd, IOC_RESIZE_FS, &blocks) < 0 ? explain_grow(-errno, error) : 0;
}
