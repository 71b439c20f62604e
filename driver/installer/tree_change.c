/* SPDX-License-Identifier: Apache-2.0 */
/* The sizes of directories, their removal, and single small files in them. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"
#include "installer/tree.h"

#define BLOCK      4096
#define SMALL_FILE (1 << 20)

static int add_size(int fd, const char *name, const struct stat *status, void *context)
{
	uint64_t *size = context;
	_cleanup_close_ int inside = -1;

	*size += ((uint64_t)status->st_size + 2 * BLOCK - 1) / BLOCK * BLOCK;
	if (!S_ISDIR(status->st_mode))
		return 0;
	inside = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return inside < 0 ? -errno : tree_each(inside, add_size, context);
}

int tree_size(int fd, uint64_t *ret)
{
	*ret = 0;
	return tree_each(fd, add_size, ret);
}

static int remove_entry(int fd, const char *name, const struct stat *status, void *context)
{
	(void)context;
	if (S_ISDIR(status->st_mode))
		return tree_remove(fd, name);
	return unlinkat(fd, name, 0) < 0 && errno != ENOENT ? -errno : 0;
}

int tree_remove(int parent, const char *name)
{
	_cleanup_close_ int fd =
		openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return unlinkat(parent, name, 0) < 0 ? -errno : 0;
	if (fd < 0)
		return -errno;
	r = tree_each(fd, remove_entry, NULL);
	if (r < 0)
		return r;
	return unlinkat(parent, name, AT_REMOVEDIR) < 0 ? -errno : 0;
}

static int write_all(int fd, const char *bytes, size_t length)
{
	while (length) {
		ssize_t written = write(fd, bytes, length);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		bytes += written;
		length -= (size_t)written;
	}
	return 0;
}

int small_put(int fd, const char *name, const char *bytes, mode_t mode)
{
	_cleanup_close_ int made = -1;
	char temporary[NAME_MAX + 1];
	int r;

	(void)snprintf(temporary, sizeof(temporary), "%s.new", name);
	if (unlinkat(fd, temporary, 0) < 0 && errno != ENOENT)
		return -errno;
	made = openat(fd, temporary, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0)
		return -errno;
	r = write_all(made, bytes, strlen(bytes));
	if (r < 0)
		return r;
	if (fchmod(made, mode) < 0 || fsync(made) < 0 || renameat(fd, temporary, fd, name) < 0 ||
	    fsync(fd) < 0)
		return -errno;
	return 0;
}

int small_holds(int fd, const char *name, const char *bytes, mode_t mode)
{
	_cleanup_close_ int opened =
		openat(fd, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	size_t length = strlen(bytes);
	_cleanup_free_ char *found = NULL;
	struct stat status;
	bool same;

	if (opened < 0)
		return errno == ENOENT ? 0 : -errno;
	if (fstat(opened, &status) < 0)
		return -errno;
	if (!S_ISREG(status.st_mode) || (status.st_mode & 07777) != mode || status.st_uid != 0 ||
	    (size_t)status.st_size != length || length > SMALL_FILE)
		return 0;
	found = malloc(length + 1);
	if (!found)
		return -ENOMEM;
	same = pread(opened, found, length, 0) == (ssize_t)length &&
	       memcmp(found, bytes, length) == 0;
	explicit_bzero(found, length);
	return same;
}
