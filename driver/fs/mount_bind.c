/* SPDX-License-Identifier: Apache-2.0 */
/* A mount that is up, shown at another directory. */
#include <errno.h>
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statvfs.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "fs/mount.h"
#include "fs/mount_calls.h"

/* The clone gets its flag before it is hung anywhere: nobody ever sees it otherwise. A clone of a
 * read-only bind would be read-only too. -ENOSYS: a kernel before 5.12. */
static int bind_detached(const char *from, const char *to, bool read_only)
{
	const struct call_mount_attr attr = {.attr_set = read_only ? ATTR_RDONLY : 0,
					     .attr_clr = read_only ? 0 : ATTR_RDONLY};
	_cleanup_close_ int tree = call_open_tree(from, TREE_CLONE | O_CLOEXEC);
	int r = tree;

	if (r >= 0)
		r = call_mount_setattr(tree, &attr);
	return r < 0 ? r : call_move_mount(tree, to);
}

/* A remount sets all flags of the mount anew: those that it has must be said again
 * (fs/namespace.c: do_reconfigure_mnt). */
static unsigned long flags_of(const char *directory)
{
	static const struct {
		unsigned long has;
		unsigned long flag;
	} flags[] = {
		{ST_NOSUID, MS_NOSUID},         {ST_NODEV, MS_NODEV},
		{ST_NOEXEC, MS_NOEXEC},         {ST_NOATIME, MS_NOATIME},
		{ST_NODIRATIME, MS_NODIRATIME}, {ST_RELATIME, MS_RELATIME},
	};
	struct statvfs status;
	unsigned long result = 0;

	if (statvfs(directory, &status) < 0)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (status.f_flag & flags[i].has)
			result |= flags[i].flag;
	return result;
}

static int bind_old(const char *from, const char *to, bool read_only)
{
	unsigned long flags;
	int r;

	if (mount(from, to, NULL, MS_BIND, NULL) < 0)
		return -errno;
	flags = MS_REMOUNT | MS_BIND | (read_only ? MS_RDONLY : 0) | flags_of(to);
	if (mount(NULL, to, NULL, flags, NULL) == 0)
		return 0;
	r = -errno;
	(void)umount2(to, UMOUNT_NOFOLLOW);
	return r;
}

int mount_bind(const char *from, const char *to, bool read_only, struct error *error)
{
	int r = bind_detached(from, to, read_only);

	if (r == -ENOSYS)
		r = bind_old(from, to, read_only);
	return r < 0 ? mount_explain(r, from, to, error) : 0;
}
