/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/tree.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include "base/str.h"

#define BLOCK 4096

struct copying {
	int to;
	bool top; /* the bundle's own directory: state may lie in it */
	struct error *error;
};

struct comparing {
	int to;
	bool top;
	enum tree_depth depth;
};

static bool is_state(const char *name)
{
	return str_starts(name, STATE_INIT) || str_starts(name, STATE_CONFIG) ||
	       str_starts(name, STATE_KEYRING);
}

int tree_each(int fd, tree_visitor visit, void *context)
{
	int again = openat(fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	_cleanup_closedir_ DIR *dir = again < 0 ? NULL : fdopendir(again);
	struct stat status;
	struct dirent *entry;
	int r;

	if (!dir) {
		cleanup_close(&again);
		return -errno;
	}
	while (errno = 0, (entry = readdir(dir))) {
		if (str_eq(entry->d_name, ".") || str_eq(entry->d_name, ".."))
			continue;
		if (fstatat(fd, entry->d_name, &status, AT_SYMLINK_NOFOLLOW) < 0)
			return -errno;
		r = visit(fd, entry->d_name, &status, context);
		if (r)
			return r;
	}
	return -errno;
}

static int open_in(int fd, const char *name, int flags)
{
	int opened = openat(fd, name, flags | O_NOFOLLOW | O_CLOEXEC | O_NOCTTY);

	return opened < 0 ? -errno : opened;
}

static bool range_cannot(int code)
{
	return code == EXDEV || code == EINVAL || code == ENOSYS || code == EOPNOTSUPP ||
	       code == EPERM || code == EBADF;
}

/* copy_file_range(2) shares blocks where the file system can; between two file systems, or on an
 * old kernel, sendfile(2) copies them in the kernel. Some kernels answer 0 on some file systems
 * though there are bytes: what it calls the end, sendfile(2) looks at again. */
int tree_copy_bytes(int from, int to)
{
	bool whole = true;
	ssize_t count;

	do {
		count = whole ? copy_file_range(from, NULL, to, NULL, 1 << 30, 0)
			      : sendfile(to, from, NULL, 1 << 30);
		if (whole && (count == 0 || (count < 0 && range_cannot(errno)))) {
			whole = false;
			count = 1;
		}
	} while (count > 0 || (count < 0 && errno == EINTR));
	return count < 0 ? -errno : 0;
}

static int copy_file(int fd, const char *name, const struct stat *status, int to)
{
	_cleanup_close_ int from = open_in(fd, name, O_RDONLY | O_NONBLOCK);
	_cleanup_close_ int made = -1;
	struct stat after;
	int r;

	if (from < 0)
		return from;
	made = openat(to, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (made < 0)
		return -errno;
	r = tree_copy_bytes(from, made);
	if (r < 0)
		return r;
	if (fchmod(made, status->st_mode & 0755) < 0 || fstat(made, &after) < 0 || fsync(made) < 0)
		return -errno;
	return after.st_size == status->st_size ? 0 : -EIO;
}

static int copy_link(int fd, const char *name, int to)
{
	char target[PATH_MAX];
	ssize_t length = readlinkat(fd, name, target, sizeof(target) - 1);

	if (length < 0)
		return -errno;
	target[length] = '\0';
	return symlinkat(target, to, name) < 0 ? -errno : 0;
}

static int copy_all(int from, struct copying *copying);

static int copy_directory(int fd, const char *name, struct copying *copying)
{
	_cleanup_close_ int from = open_in(fd, name, O_RDONLY | O_DIRECTORY), to = -1;
	struct copying inside = {.error = copying->error};

	if (from < 0)
		return from;
	if (mkdirat(copying->to, name, 0755) < 0)
		return -errno;
	to = open_in(copying->to, name, O_RDONLY | O_DIRECTORY);
	inside.to = to;
	return to < 0 ? to : copy_all(from, &inside);
}

static int copy_entry(int fd, const char *name, const struct stat *status, void *context)
{
	struct copying *copying = context;
	int r;

	if (copying->top && is_state(name))
		return 0;
	if (S_ISDIR(status->st_mode))
		r = copy_directory(fd, name, copying);
	else if (S_ISLNK(status->st_mode))
		r = copy_link(fd, name, copying->to);
	else if (S_ISREG(status->st_mode))
		r = copy_file(fd, name, status, copying->to);
	else
		r = -EINVAL;
	if (r < 0 && !copying->error->code)
		error_errno(copying->error, r, "copy %s", name);
	return r;
}

static int copy_all(int from, struct copying *copying)
{
	int r = tree_each(from, copy_entry, copying);

	if (r >= 0 && fsync(copying->to) < 0)
		r = -errno;
	return r;
}

int tree_copy(int from, int to, struct error *error)
{
	struct copying copying = {.to = to, .top = true, .error = error};
	int r;

	*error = (struct error){0};
	r = copy_all(from, &copying);
	return r < 0 && !error->code ? error_errno(error, r, "copy") : r;
}

static int same_bytes(int from, int to)
{
	char a[16384], b[16384];
	off_t at = 0;

	for (;;) {
		ssize_t count = pread(from, a, sizeof(a), at);

		if (count < 0)
			return -errno;
		if (!count)
			return 1;
		if (pread(to, b, (size_t)count, at) != count || memcmp(a, b, (size_t)count) != 0)
			return 0;
		at += count;
	}
}

int tree_same_file(int from, int to, enum tree_depth depth)
{
	struct stat a, b;

	if (fstat(from, &a) < 0 || fstat(to, &b) < 0)
		return -errno;
	if (!S_ISREG(b.st_mode) || a.st_size != b.st_size || b.st_uid != 0 ||
	    (a.st_mode & 0755) != (b.st_mode & 07777))
		return 0;
	return depth == TREE_SIZES ? 1 : same_bytes(from, to);
}

static int same_link(int fd, int to, const char *name)
{
	char a[PATH_MAX], b[PATH_MAX];
	ssize_t length = readlinkat(fd, name, a, sizeof(a));

	return length >= 0 && readlinkat(to, name, b, sizeof(b)) == length &&
	       memcmp(a, b, (size_t)length) == 0;
}

static int compare_all(int from, struct comparing *comparing);

static int same_opened(int fd, const char *name, const struct stat *status,
		       const struct comparing *comparing)
{
	int flags = S_ISDIR(status->st_mode) ? O_RDONLY | O_DIRECTORY : O_RDONLY | O_NONBLOCK;
	_cleanup_close_ int from = open_in(fd, name, flags), to = -1;
	struct comparing inside = {.depth = comparing->depth};

	if (from < 0)
		return from;
	to = open_in(comparing->to, name, flags);
	if (to == -ENOENT || to == -ENOTDIR || to == -ELOOP)
		return 0;
	if (to < 0)
		return to;
	inside.to = to;
	return S_ISDIR(status->st_mode) ? compare_all(from, &inside)
					: tree_same_file(from, to, comparing->depth);
}

/* 0: goes on; 1: another one */
static int compare_entry(int fd, const char *name, const struct stat *status, void *context)
{
	struct comparing *comparing = context;
	int r;

	if (comparing->top && is_state(name))
		return 0;
	r = S_ISLNK(status->st_mode) ? same_link(fd, comparing->to, name)
				     : same_opened(fd, name, status, comparing);
	return r < 0 ? r : !r;
}

static int compare_all(int from, struct comparing *comparing)
{
	int r = tree_each(from, compare_entry, comparing);

	return r < 0 ? r : !r;
}

int tree_same(int from, int to, enum tree_depth depth)
{
	struct comparing comparing = {.to = to, .top = true, .depth = depth};

	return compare_all(from, &comparing);
}
