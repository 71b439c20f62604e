/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/target.h"

#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/deadline.h"

#define LOCK_DEADLINE 300000               /* another installer copies and syncs meanwhile */
#define SLACK         (UINT64_C(16) << 20) /* the node's disk is not ours to fill */

void target_done(struct target *target)
{
	cleanup_close(&target->home);
	cleanup_close(&target->fd);
	target->home = target->fd = -1;
}

/* Whoever can write there decides what the kubelet runs as root. */
static int check_owner(int fd, const char *path, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_errno(error, -errno, "%s: stat", path);
	if (status.st_uid != 0)
		error_set(error, -EPERM,
			  "%s: it belongs to user %u, who could put another driver "
			  "there",
			  path, status.st_uid);
	else if (status.st_mode & (S_IWGRP | S_IWOTH))
		error_set(error, -EPERM, "%s: others than root can write to it (mode %04o)", path,
			  status.st_mode & 07777);
	else
		return 0;
	return error_advise(error, "chown root:root %s; chmod 0755 %s", path, path);
}

static int check_writable(int fd, const char *path, struct error *error)
{
	struct statvfs flags;
	int attributes = 0;

	if (fstatvfs(fd, &flags) < 0)
		return error_errno(error, -errno, "%s: statvfs", path);
	if (flags.f_flag & ST_RDONLY)
		error_set(error, -EROFS, "%s: it is mounted read-only", path);
	else if (flags.f_flag & ST_NOEXEC)
		error_set(error, -EACCES, "%s: it is mounted noexec: no driver could run there",
			  path);
	else if (ioctl(fd, FS_IOC_GETFLAGS, &attributes) == 0 &&
		 attributes & (FS_IMMUTABLE_FL | FS_APPEND_FL))
		error_set(error, -EPERM, "%s: it has the attribute %s", path,
			  attributes & FS_IMMUTABLE_FL ? "immutable" : "append only");
	else
		return 0;
	return error_advise(error, "let the kubelet use another directory (--volume-plugin-dir), "
				   "and name that by --plugin-dir");
}

static int check(int fd, const char *path, struct error *error)
{
	int r = check_writable(fd, path, error);

	return r < 0 ? r : check_owner(fd, path, error);
}

static int lock(const void *what, void *context)
{
	const struct target *target = what;

	(void)context;
	if (flock(target->fd, LOCK_EX | LOCK_NB) == 0)
		return 0;
	return errno == EWOULDBLOCK || errno == EINTR ? -EBUSY : -errno;
}

static int open_home(struct target *target, struct error *error)
{
	target->home = openat(target->fd, INSTALLER_FOLDER,
			      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (target->home >= 0 || errno == ENOENT)
		return 0;
	error_errno(error, -errno, "%s: open", target->home_path);
	if (error->code == -ENOTDIR || error->code == -ELOOP)
		return error_advise(error, "the kubelet wants a directory there, no file and no "
					   "link: take it away");
	return error->code;
}

static int open_directory(const char *wanted, struct target *ret, struct error *error)
{
	int r;

	*ret = (struct target){.fd = -1, .home = -1};
	r = places_choose(wanted, ret->path, error);
	if (r < 0)
		return r;
	if (snprintf(ret->home_path, sizeof(ret->home_path), "%s/" INSTALLER_FOLDER, ret->path) >=
	    (int)sizeof(ret->home_path))
		return error_errno(error, -ENAMETOOLONG, "plug-in directory %.200s", ret->path);
	ret->fd = open(ret->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (ret->fd >= 0)
		return 0;
	error_errno(error, -errno, "plug-in directory %s", ret->path);
	return error_advise(error, "the kubelet makes it when it starts: is it the one of its "
				   "--volume-plugin-dir?");
}

int target_look(const char *wanted, struct target *ret, struct error *error)
{
	int r = open_directory(wanted, ret, error);

	return r < 0 ? r : open_home(ret, error);
}

int target_open(const char *wanted, struct target *ret, struct error *error)
{
	int r = open_directory(wanted, ret, error);

	if (r >= 0)
		r = check(ret->fd, ret->path, error);
	if (r < 0)
		return r;
	r = deadline_retry_busy(lock, ret, NULL, deadline_in(LOCK_DEADLINE));
	if (r < 0)
		return error_errno(error, r, "lock %s: another installer is at work", ret->path);
	r = open_home(ret, error);
	return r < 0 || ret->home < 0 ? r : check(ret->home, ret->home_path, error);
}

int target_stage(struct target *target, struct error *error)
{
	(void)snprintf(target->home_path, sizeof(target->home_path), "%s/" STAGED_FOLDER,
		       target->path);
	target->staged = true;
	if (mkdirat(target->fd, STAGED_FOLDER, 0755) < 0)
		return error_errno(error, -errno, "make %s", target->home_path);
	target->home =
		openat(target->fd, STAGED_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return target->home < 0 ? error_errno(error, -errno, "open %s", target->home_path) : 0;
}

int target_publish(struct target *target, struct error *error)
{
	if (target->staged &&
	    renameat2(target->fd, STAGED_FOLDER, target->fd, INSTALLER_FOLDER, RENAME_NOREPLACE) <
		    0 &&
	    (errno != EINVAL ||
	     renameat(target->fd, STAGED_FOLDER, target->fd, INSTALLER_FOLDER) < 0))
		return error_errno(error, -errno, "rename %s to " INSTALLER_FOLDER,
				   target->home_path);
	(void)snprintf(target->home_path, sizeof(target->home_path), "%s/" INSTALLER_FOLDER,
		       target->path);
	target->staged = false;
	if (fsync(target->fd) < 0)
		return error_errno(error, -errno, "sync %s", target->path);
	return 0;
}

int target_has_room(const struct target *target, uint64_t bytes, struct error *error)
{
	struct statvfs space;
	uint64_t free_bytes;

	if (fstatvfs(target->fd, &space) < 0)
		return error_errno(error, -errno, "%s: statvfs", target->path);
	free_bytes = (uint64_t)space.f_bavail * space.f_frsize;
	if (free_bytes >= bytes + SLACK)
		return 0;
	error_set(error, -ENOSPC, "%s: %llu MiB are free there, the driver needs %llu MiB",
		  target->path, (unsigned long long)(free_bytes >> 20),
		  (unsigned long long)((bytes + SLACK) >> 20));
	return error_advise(error, "make room on that file system");
}
