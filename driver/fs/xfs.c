/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/xfs.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fs/bytes.h"

#define SUPER_MAGIC    0x58465342U /* XFSB */
#define SECTOR_MIN     512
#define SECTOR_MAX     32768
#define LOG_MAGIC      0xfeedbabeU
#define LOG_CYCLE_SIZE (32U << 10) /* that one block of headers stands for */
#define LOG_BLOCK      512U
#define LOG_HEAD_MAX   (256U << 10) /* a record of mkfs.xfs, padded to the log's stripe */
#define LOG_UNUSED     (64U << 10)  /* that must be zero behind it */

#define VERSION_MASK   0xf
#define VERSION_CRC    5
#define VERSION_OLD    4

/* fs/xfs/libxfs/xfs_format.h, struct xfs_dsb: offsets in the superblock, big endian */
enum {
	AT_MAGIC = 0,
	AT_BLOCK_SIZE = 4,
	AT_BLOCKS = 8,
	AT_UUID = 32,
	AT_LOG_START = 48,
	AT_GROUP_BLOCKS = 84,
	AT_LOG_BLOCKS = 96,
	AT_VERSION = 100,
	AT_SECTOR_SIZE = 102,
	AT_GROUP_BLOCKS_LOG = 124,
	AT_IN_PROGRESS = 126,
	AT_CHECKSUM = 224, /* little endian */
	SUPER_SIZE = 264,
};

/* fs/xfs/libxfs/xfs_log_format.h, struct xlog_rec_header */
enum {
	AT_LOG_MAGIC = 0,
	AT_LOG_CYCLE = 4,
	AT_LOG_VERSION = 8,
	AT_LOG_LENGTH = 12,
	AT_LOG_POSITION = 16,
	AT_LOG_OPERATIONS = 40,
	AT_LOG_SIZE = 320,
};

/* Of the whole sector, its own field taken for zero. */
static bool checksum_holds(uint8_t *sector, uint32_t size)
{
	const uint32_t stored = le32_at(sector, AT_CHECKSUM);
	bool holds;

	if ((be16_at(sector, AT_VERSION) & VERSION_MASK) != VERSION_CRC)
		return true;
	memset(sector + AT_CHECKSUM, 0, sizeof(stored));
	holds = ~bytes_crc32c(~0U, sector, size) == stored;
	memcpy(sector + AT_CHECKSUM, &stored, sizeof(stored));
	return holds;
}

static bool is_power(uint32_t number, uint32_t least, uint32_t most)
{
	return number >= least && number <= most && (number & (number - 1)) == 0;
}

static int check(int fd, uint8_t *sector, struct error *error)
{
	const char *attempt = "read the xfs superblock";
	const uint32_t size = be16_at(sector, AT_SECTOR_SIZE);
	const uint16_t version = be16_at(sector, AT_VERSION) & VERSION_MASK;

	if (be32_at(sector, AT_MAGIC) != SUPER_MAGIC)
		return error_set(error, -EUCLEAN, "%s: there is none", attempt);
	if ((version != VERSION_CRC && version != VERSION_OLD) ||
	    !is_power(size, SECTOR_MIN, SECTOR_MAX) ||
	    !is_power(be32_at(sector, AT_BLOCK_SIZE), SECTOR_MIN, 65536))
		return error_set(error, -EUCLEAN, "%s: its version or sizes make no sense",
				 attempt);
	if (pread(fd, sector, size, 0) != (ssize_t)size)
		return error_set(error, -EUCLEAN, "%s: the device ends before it", attempt);
	if (checksum_holds(sector, size))
		return 0;
	error_set(error, -EUCLEAN, "%s: its checksum is wrong", attempt);
	return error_advise(error, "map the image by hand and look at it with xfs_repair -n");
}

static bool is_zero(const uint8_t *bytes, size_t length)
{
	return bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0;
}

/* fs/xfs/xfs_log.c: xlog_logrec_hblks */
static uint32_t headers_of(const uint8_t *record)
{
	const uint32_t size = be32_at(record, AT_LOG_SIZE);

	return be32_at(record, AT_LOG_VERSION) & 2 && size > LOG_CYCLE_SIZE
		       ? (size - 1) / LOG_CYCLE_SIZE + 1
		       : 1;
}

/* mkfs.xfs leaves one record, of an unmount, at the start of a log that is zero otherwise. A
 * writable mount puts more there, also where nothing is written to the file system: blocks of an
 * older cycle, to overwrite what an interrupted write may have left (xlog_clear_stale_blocks). */
static bool log_is_new(int fd, const uint8_t *super)
{
	const uint64_t start = be64_at(super, AT_LOG_START);
	const unsigned int bits = super[AT_GROUP_BLOCKS_LOG] & 31;
	const uint64_t block = (start >> bits) * be32_at(super, AT_GROUP_BLOCKS) +
			       (start & ((UINT64_C(1) << bits) - 1));
	const uint64_t at = block * be32_at(super, AT_BLOCK_SIZE);
	_cleanup_free_ uint8_t *log = malloc(LOG_UNUSED);
	uint64_t head;

	if (start == 0 || !log || pread(fd, log, LOG_BLOCK, (off_t)at) != LOG_BLOCK)
		return false;
	head = (uint64_t)headers_of(log) * LOG_BLOCK + be32_at(log, AT_LOG_LENGTH);
	if (be32_at(log, AT_LOG_MAGIC) != LOG_MAGIC || be32_at(log, AT_LOG_CYCLE) != 1 ||
	    be64_at(log, AT_LOG_POSITION) != UINT64_C(1) << 32 ||
	    be32_at(log, AT_LOG_OPERATIONS) != 1 || head > LOG_HEAD_MAX || head % LOG_BLOCK ||
	    (uint64_t)be32_at(super, AT_LOG_BLOCKS) * be32_at(super, AT_BLOCK_SIZE) <
		    head + LOG_UNUSED)
		return false;
	return pread(fd, log, LOG_UNUSED, (off_t)(at + head)) == LOG_UNUSED &&
	       is_zero(log, LOG_UNUSED);
}

static void fill(int fd, const uint8_t *super, struct super *ret)
{
	*ret = (struct super){
		.block_size = be32_at(super, AT_BLOCK_SIZE),
		/* what mkfs.xfs has not finished is mounted by no kernel */
		.never_mounted = super[AT_IN_PROGRESS] || log_is_new(fd, super),
	};
	ret->clean = ret->never_mounted;
	if (__builtin_mul_overflow(be64_at(super, AT_BLOCKS), (uint64_t)ret->block_size,
				   &ret->size))
		ret->size = UINT64_MAX;
	bytes_uuid(super + AT_UUID, ret->uuid);
}

int xfs_read_super(int fd, struct super *ret, struct error *error)
{
	_cleanup_free_ uint8_t *sector = malloc(SECTOR_MAX);
	ssize_t length;
	int r;

	*ret = (struct super){0};
	if (!sector)
		return error_errno(error, -ENOMEM, "read the xfs superblock");
	length = pread(fd, sector, SECTOR_MIN, 0);
	if (length < 0)
		return error_errno(error, -errno, "read the xfs superblock");
	if (length != SECTOR_MIN)
		return error_set(error, -EUCLEAN,
				 "read the xfs superblock: the device ends before it");
	r = check(fd, sector, error);
	if (r == 0)
		fill(fd, sector, ret);
	return r;
}

/* fs/xfs/libxfs/xfs_fs.h, the same since the first of them: no header of the kernel has these */
struct geometry {
	uint32_t block_size;
	uint32_t skipped_sizes[6];
	uint32_t inode_percent;
	uint64_t blocks;
	uint64_t skipped_places[3];
	uint8_t uuid[16];
	uint32_t skipped[7];
};
struct growth {
	uint64_t blocks;
	uint32_t inode_percent;
};
#define IOC_GEOMETRY _IOR('X', 100, struct geometry) /* XFS_IOC_FSGEOMETRY_V1 */
#define IOC_GROW     _IOW('X', 110, struct growth)   /* XFS_IOC_FSGROWFSDATA */

_Static_assert(sizeof(struct geometry) == 112, "struct xfs_fsop_geom_v1");
_Static_assert(sizeof(struct growth) == 16, "struct xfs_growfs_data");

/* fs/xfs/xfs_fsops.c: xfs_growfs_data */
static int explain_grow(int code, struct error *error)
{
	error_errno(error, code, "XFS_IOC_FSGROWFSDATA");
	switch (code) {
	case -EPERM:
		return error_advise(error, "this is not root");
	case -EROFS:
		return error_advise(error, "it is mounted read-only");
	case -EWOULDBLOCK:
		return error_advise(error, "it is being resized already");
	default:
		return code;
	}
}

int xfs_grow(int directory_fd, uint64_t device_size, struct error *error)
{
	struct geometry now;
	struct growth wanted;

	if (ioctl(directory_fd, IOC_GEOMETRY, &now) < 0)
		return error_errno(error, -errno, "XFS_IOC_FSGEOMETRY");
	wanted = (struct growth){.blocks = device_size / now.block_size,
				 .inode_percent = now.inode_percent};
	if (wanted.blocks <= now.blocks)
		return 0;
	return ioctl(directory_fd, IOC_GROW, &wanted) < 0 ? explain_grow(-errno, error) : 0;
}

int xfs_mark(int directory_fd)
{
	struct stat status;
	struct timespec times[2];

	if (fstat(directory_fd, &status) < 0)
		return -errno;
	times[0] = status.st_atim;
	times[1] = status.st_mtim;
	/* times that somebody sets are logged, the same ones too; fsync() waits for the log */
	return futimens(directory_fd, times) < 0 || fsync(directory_fd) < 0 ? -errno : 0;
}
