/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/filesystem.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/spawn.h"
#include "base/str.h"
#include "fs/ext4.h"
#include "fs/xfs.h"

static const struct filesystem filesystems[] = {
	{
		.name = "ext4",
		.tool = "mke2fs",
		.package = "e2fsprogs",
		.magic = 0xef53,
		.mount_options = "errors=remount-ro",
		.read_only_options = "noload",
		.read_super = ext4_read_super,
		.make = ext4_make,
		.repair = ext4_repair,
		.grow = ext4_grow,
	},
	{
		.name = "xfs",
		.tool = "mkfs.xfs",
		.package = "xfsprogs",
		.magic = 0x58465342,
		/* an image, its clones and its snapshots have one uuid, and may be on one node */
		.mount_options = "nouuid",
		.read_only_options = "norecovery",
		.read_super = xfs_read_super,
		.find_clean = xfs_find_clean,
		.make = xfs_make,
		.grow = xfs_grow,
		.mark = xfs_mark,
	},
};

const struct filesystem *filesystem_find(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(filesystems); i++)
		if (str_eq(filesystems[i].name, name))
			return &filesystems[i];
	return NULL;
}

int filesystem_need(const char *name, const struct filesystem **ret, struct error *error)
{
	*ret = filesystem_find(name);
	return *ret ? 0 : error_set(error, -EINVAL, "fsType: \"%.120s\" is not ext4 or xfs", name);
}

int filesystem_can_make(const struct filesystem *fs, struct error *error)
{
	if (spawn_can(fs->tool))
		return 0;
	error_set(error, -ENOENT, "there is no %s on this node", fs->tool);
	return error_advise(error, "install %s on the node", fs->package);
}

static int grow_by_type(int fd, uint64_t device_size, struct error *error)
{
	struct statfs status;

	if (fstatfs(fd, &status) < 0)
		return error_errno(error, -errno, "see what it is");
	for (size_t i = 0; i < ARRAY_SIZE(filesystems); i++)
		if ((unsigned long)status.f_type == filesystems[i].magic)
			return filesystems[i].grow(fd, device_size, error);
	return error_set(error, -EMEDIUMTYPE, "it is neither ext4 nor xfs");
}

/* A name leads to whatever is on top, or below where it was unmounted since somebody looked. The
 * descriptor stays with what it has opened. */
int filesystem_grow(const char *directory, dev_t device, uint64_t device_size, struct error *error)
{
	_cleanup_close_ int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct stat status;
	int r;

	if (fd < 0 || fstat(fd, &status) < 0)
		return error_errno(error, -errno, "grow the file system at %s", directory);
	if (status.st_dev != device)
		return error_set(
			error, -EUCLEAN,
			"grow the file system at %s: it is that of device %u:%u by now, and "
			"not of %u:%u",
			directory, major(status.st_dev), minor(status.st_dev), major(device),
			minor(device));
	r = grow_by_type(fd, device_size, error);
	return r < 0 ? error_prefix(error, "grow the file system at %s", directory) : 0;
}

void filesystem_uuid(char ret[37])
{
	uint8_t bytes[16];
	char *to = ret;

	/* never given in part (random(4)); a signal may come first while the pool is young */
	while (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		continue;
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* RFC 4122: version 4, random */
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       bytes[i]);
}
