/* SPDX-License-Identifier: Apache-2.0 */
/* One look through the mount namespaces of all processes. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "fs/mountinfo.h"

/* What a process sees: its mount namespace from its root. One that lives in a chroot does not list
 * what is mounted outside (fs/proc_namespace.c: show_mountinfo). */
struct view {
	uint64_t name_space;
	uint64_t root_device;
	uint64_t root_inode;
};

struct seen {
	struct view *list;
	size_t count;
};

static void seen_done(struct seen *seen)
{
	free(seen->list);
}

static bool seen_has(const struct seen *seen, const struct view *view)
{
	for (size_t i = 0; i < seen->count; i++)
		if (memcmp(&seen->list[i], view, sizeof(*view)) == 0)
			return true;
	return false;
}

static int seen_add(struct seen *seen, const struct view *view)
{
	struct view *list = reallocarray(seen->list, seen->count + 1, sizeof(*list));

	if (!list)
		return -ENOMEM;
	list[seen->count++] = *view;
	seen->list = list;
	return 0;
}

/* The inode of its mount namespace ("mnt:[4026531840]"). -ESRCH: it has gone, or is a zombie that
 * has none. The kernel says EACCES for both "not allowed" and "has gone" (fs/proc/namespaces.c:
 * proc_ns_readlink). */
static int name_space_of(pid_t pid, uint64_t *ret)
{
	char path[PATH_MAX], link[64];
	ssize_t length;
	int r = path_format(path, "/proc/%d/ns/mnt", pid);

	if (r < 0)
		return r;
	length = readlink(path, link, sizeof(link) - 1);
	if (length < 0 && (errno == ENOENT || errno == ESRCH))
		return -ESRCH;
	if (length < 0)
		return path_exists("/proc/%d/stat", pid) ? -EACCES : -ESRCH;
	link[length] = '\0';
	if (!str_starts(link, "mnt:[") || link[length - 1] != ']')
		return -EINVAL;
	link[length - 1] = '\0';
	return str_to_u64(link + strlen("mnt:["), 10, ret);
}

/* Without asking the file system behind it: a root on a dead server must not hold us up. */
static void root_of(pid_t pid, struct view *view)
{
	char path[PATH_MAX];
	struct statx status;

	if (path_format(path, "/proc/%d/root", pid) < 0 ||
	    statx(AT_FDCWD, path, AT_STATX_DONT_SYNC, STATX_INO, &status) < 0)
		return;
	view->root_device = makedev(status.stx_dev_major, status.stx_dev_minor);
	view->root_inode = status.stx_ino;
}

/* 1: mounted there; 0: not; -ESRCH: it has gone. */
static int look_at(pid_t pid, dev_t device, char *ret, size_t size)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	const struct mount_entry *entry;
	int r = mountinfo_read(pid, &table);

	/* EINVAL: the process is ending and has no namespace any more (fs/proc_namespace.c:
	 * mounts_open_common) */
	if (r == -ENOENT || r == -ESRCH || r == -EINVAL)
		return -ESRCH;
	if (r < 0)
		return r;
	entry = mount_table_next_of(&table, device, NULL);
	if (!entry)
		return 0;
	snprintf(ret, size, "%s (pid %d)", entry->directory, pid);
	return 1;
}

/* A view counts as seen only after it was read: its next process speaks for it otherwise. */
static int visit(pid_t pid, dev_t device, struct seen *seen, char *ret, size_t size)
{
	struct view view = {0};
	int r = name_space_of(pid, &view.name_space);

	if (r < 0)
		return r == -ESRCH ? 0 : r;
	root_of(pid, &view);
	if (seen_has(seen, &view))
		return 0;
	r = look_at(pid, device, ret, size);
	if (r == -ESRCH)
		return 0;
	return r == 0 ? seen_add(seen, &view) : r;
}

int mountinfo_anywhere(dev_t device, char *ret, size_t size)
{
	_cleanup_(seen_done) struct seen seen = {0};
	_cleanup_closedir_ DIR *dir = path_opendir("/proc");
	const struct dirent *entry;
	int unknown = 0;

	ret[0] = '\0';
	if (!dir)
		return -errno;
	while ((errno = 0, entry = readdir(dir))) {
		uint64_t pid;
		int r;

		if (str_to_u64(entry->d_name, 10, &pid) < 0 || pid > INT_MAX)
			continue;
		r = visit((pid_t)pid, device, &seen, ret, size);
		if (r > 0)
			return r;
		if (r < 0)
			unknown = r;
	}
	if (errno)
		return -errno;
	/* a /proc without any process is no /proc */
	return seen.count || unknown ? unknown : -ENOENT;
}
