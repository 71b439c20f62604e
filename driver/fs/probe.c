/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/probe.h"

#include <blkid/blkid.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/path.h"
#include "base/str.h"

#define EDGE         (UINT64_C(1) << 20) /* head and tail that are read as zero */
#define READ_SIZE    (UINT64_C(1) << 18)
#define DIRECT_BLOCK 4096
/* of blkid_do_safeprobe(); the headers have a name for it since 2.41 only */
#define SEVERAL_SIGNATURES (-2)
#define SIGNATURES_MAX     8

#ifndef PREFETCH_HEAD
#define PREFETCH_HEAD (UINT64_C(272) << 10)
#define PREFETCH_TAIL (UINT64_C(1600) << 10)
#endif

static void cleanup_probe(blkid_probe *probe)
{
	blkid_free_probe(*probe);
}

/* "" where libblkid has no such value */
static const char *value_of(blkid_probe probe, const char *name)
{
	const char *value = NULL;

	return blkid_probe_lookup_value(probe, name, &value, NULL) == 0 && value ? value : "";
}

static int prepare(blkid_probe probe, int fd, uint64_t size, struct error *error)
{
	/* libblkid's own default is the whole device (0, 0) */
	if (blkid_probe_set_device(probe, fd, 0, 0) != 0)
		return error_set(error, -EIO,
				 "look for a file system: libblkid cannot use the device");
	if (blkid_probe_get_size(probe) != (blkid_loff_t)size)
		return error_set(
			error, -ERANGE,
			"look for a file system: the device has %lld bytes, the image %llu",
			(long long)blkid_probe_get_size(probe), (unsigned long long)size);
	/* BADCSUM: a superblock with a wrong checksum is found, and not taken for nothing */
	if (blkid_probe_enable_superblocks(probe, 1) != 0 ||
	    blkid_probe_set_superblocks_flags(probe, BLKID_SUBLKS_UUID | BLKID_SUBLKS_TYPE |
							     BLKID_SUBLKS_USAGE |
							     BLKID_SUBLKS_BADCSUM) != 0 ||
	    blkid_probe_enable_partitions(probe, 1) != 0)
		return error_set(error, -EIO, "look for a file system: libblkid cannot be set up");
	return 0;
}

/* Something was found: a file system is one only if nothing else is there too. */
static int judge(blkid_probe probe, struct probe *ret, struct error *error)
{
	const char *type = value_of(probe, "TYPE");
	const char *table = value_of(probe, "PTTYPE");

	if (*type && *table)
		return error_set(
			error, -ENOTUNIQ,
			"look for a file system: there is both %s and a %s partition table", type,
			table);
	if (*type) {
		ret->kind = str_eq(value_of(probe, "USAGE"), "filesystem") ? PROBE_FILE_SYSTEM
									   : PROBE_OTHER;
		snprintf(ret->type, sizeof(ret->type), "%s", type);
		snprintf(ret->uuid, sizeof(ret->uuid), "%s", value_of(probe, "UUID"));
		return 0;
	}
	ret->kind = PROBE_OTHER;
	snprintf(ret->type, sizeof(ret->type), "%s%s", *table ? table : "unknown",
		 *table ? " partition table" : " signature");
	return 0;
}

/* Names of what is there, one after the other: "xfs, ext4". Returns how many there are. */
static size_t list_signatures(blkid_probe probe, char *ret, size_t size)
{
	size_t count = 0, length = 0;

	*ret = '\0';
	blkid_reset_probe(probe);
	while (count < SIGNATURES_MAX && length < size && blkid_do_probe(probe) == 0) {
		const char *type = value_of(probe, "TYPE");

		length += (size_t)snprintf(ret + length, size - length, "%s%s", count ? ", " : "",
					   *type ? type : value_of(probe, "PTTYPE"));
		count++;
	}
	return count;
}

/* libblkid says -2 where several signatures exclude each other, and since 2.41 may say -1 for that,
 * as for all that fails. */
static int refuse(blkid_probe probe, int said, struct error *error)
{
	char names[256];

	if (list_signatures(probe, names, sizeof(names)) < 2 && said != SEVERAL_SIGNATURES)
		return error_set(error, -EIO,
				 "look for a file system: the device cannot be read (libblkid: %d)",
				 said);
	return error_set(error, -ENOTUNIQ,
			 "look for a file system: there is more than one signature (%s), and which "
			 "one counts is not certain (\"wipefs\" lists them)",
			 names);
}

/* libblkid reads some fifty small pieces one after the other, each a round trip to an OSD: most of
 * them in the last 1.6 MB (RAID, ZFS), the others near the start. They are asked for together. */
static void prefetch(int fd, uint64_t size)
{
	const uint64_t tail = size < PREFETCH_TAIL ? size : PREFETCH_TAIL;

	(void)posix_fadvise(fd, 0, PREFETCH_HEAD, POSIX_FADV_WILLNEED);
	(void)posix_fadvise(fd, (off_t)(size - tail), (off_t)tail, POSIX_FADV_WILLNEED);
}

int probe_device(int fd, uint64_t size, struct probe *ret, struct error *error)
{
	_cleanup_(cleanup_probe) blkid_probe probe = blkid_new_probe();
	int r;

	*ret = (struct probe){.kind = PROBE_OTHER};
	if (!probe)
		return error_errno(error, -ENOMEM, "look for a file system");
	r = prepare(probe, fd, size, error);
	if (r < 0)
		return r;
	prefetch(fd, size);
	/* 0 found, 1 nothing, negative: an error or several, see refuse() */
	r = blkid_do_safeprobe(probe);
	if (r < 0)
		return refuse(probe, r, error);
	if (r == 0)
		return judge(probe, ret, error);
	r = probe_is_zero(fd, size, error);
	if (r < 0)
		return r;
	ret->kind = r ? PROBE_NOTHING : PROBE_DATA;
	return 0;
}

static bool is_zero(const unsigned char *bytes, size_t length)
{
	return length == 0 || (bytes[0] == 0 && memcmp(bytes, bytes + 1, length - 1) == 0);
}

/* 1, 0 or a negative errno; less than asked for is an error: the device is not what it seems. */
static int range_is_zero(int fd, uint64_t from, uint64_t length, unsigned char *buffer,
			 struct error *error)
{
	while (length > 0) {
		ssize_t count =
			pread(fd, buffer, length < READ_SIZE ? length : READ_SIZE, (off_t)from);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_errno(error, -errno, "read the device at byte %llu",
					   (unsigned long long)from);
		if (count == 0)
			return error_set(error, -EIO,
					 "read the device: it ends at byte %llu, before its size",
					 (unsigned long long)from);
		if (!is_zero(buffer, (size_t)count))
			return 0;
		from += (uint64_t)count;
		length -= (uint64_t)count;
	}
	return 1;
}

int probe_is_zero(int fd, uint64_t size, struct error *error)
{
	_cleanup_free_ unsigned char *buffer = NULL;
	const uint64_t head = size < EDGE ? size : EDGE;
	const uint64_t tail = size - head < EDGE ? size - head : EDGE;
	int r;

	if (size == 0)
		return error_set(error, -EINVAL, "read the device: it has no bytes");
	buffer = malloc(READ_SIZE);
	if (!buffer)
		return error_errno(error, -ENOMEM, "read the device");
	/* the tail first: a device that is shorter than it should be is never called anything */
	r = tail ? range_is_zero(fd, size - tail, tail, buffer, error) : 1;
	return r == 1 ? range_is_zero(fd, 0, head, buffer, error) : r;
}

int probe_alive(const char *device_path, struct error *error)
{
	_cleanup_close_ int fd = path_open(O_RDONLY | O_DIRECT, "%s", device_path);
	_cleanup_free_ void *block = NULL;
	ssize_t count;

	if (fd < 0)
		return error_errno(error, fd, "open %s", device_path);
	if (posix_memalign(&block, DIRECT_BLOCK, DIRECT_BLOCK) != 0)
		return error_errno(error, -ENOMEM, "read %s", device_path);
	count = pread(fd, block, DIRECT_BLOCK, 0);
	if (count < 0)
		return error_errno(error, -errno, "read %s", device_path);
	if (count != DIRECT_BLOCK)
		return error_set(error, -EIO, "read %s: it gives %zd bytes of %d", device_path,
				 count, DIRECT_BLOCK);
	return 0;
}
