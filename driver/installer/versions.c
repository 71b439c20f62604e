/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/versions.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/tree.h"

struct search {
	const char *bytes;
	size_t length;
	char *found;
};

static int find_name(int fd, const char *name, const struct stat *status, void *context)
{
	struct search *search = context;

	(void)fd;
	if (!S_ISDIR(status->st_mode) || !str_starts(name, VERSION_PREFIX) ||
	    !memmem(search->bytes, search->length, name, strlen(name)))
		return 0;
	return str_copy(search->found, NAME_MAX + 1, name) < 0 ? 0 : 1;
}

void versions_started_by(int home, const char *launcher, char ret[NAME_MAX + 1])
{
	_cleanup_close_ int fd =
		openat(home, launcher, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	struct search search = {.found = ret};
	struct stat status;
	void *bytes;

	*ret = '\0';
	if (fd < 0 || fstat(fd, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size <= 0)
		return;
	search.length = (size_t)status.st_size;
	bytes = mmap(NULL, search.length, PROT_READ, MAP_PRIVATE, fd, 0);
	if (bytes == MAP_FAILED)
		return;
	search.bytes = bytes;
	(void)tree_each(home, find_name, &search);
	(void)munmap(bytes, search.length);
}

static int remove_half_done(int fd, const char *name, const struct stat *status, void *context)
{
	(void)fd, (void)status, (void)context;
	if (str_eq(name, STATE_INIT ".new") || str_eq(name, STATE_CONFIG ".new") ||
	    str_eq(name, STATE_KEYRING ".new"))
		return unlinkat(fd, name, 0) < 0 ? -errno : 0;
	return 0;
}

static int remove_debris(int fd, const char *name, const struct stat *status, void *context)
{
	_cleanup_close_ int inside = -1;
	int r = 0;

	(void)context;
	if (str_eq(name, NEW_LAUNCHER) || str_eq(name, NEW_VERSION) ||
	    (str_eq(name, OLD_VERSION) && !processes_use(name)))
		r = tree_remove(fd, name);
	else if (str_starts(name, VERSION_PREFIX) && S_ISDIR(status->st_mode)) {
		inside = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		r = inside < 0 ? -errno : tree_each(inside, remove_half_done, NULL);
	}
	return r;
}

/* The kubelet may have begun to watch it: it takes a driver of that name for added by whatever it
 * sees in there last, and for removed only when that is the removal of its executable. */
static int remove_staged(const struct target *target)
{
	_cleanup_close_ int staged =
		openat(target->fd, STAGED_FOLDER, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	int r;

	if (staged < 0)
		return errno == ENOENT ? 0 : -errno;
	r = versions_remove_all(&(struct target){.home = staged}, &(struct error){0});
	if (r >= 0 && unlinkat(staged, INSTALLER_LAUNCHER, 0) < 0 && errno != ENOENT)
		r = -errno;
	return r < 0 ? r : tree_remove(target->fd, STAGED_FOLDER);
}

int versions_remove_debris(const struct target *target, struct error *error)
{
	int r = remove_staged(target);

	if (r >= 0 && target->home >= 0)
		r = tree_each(target->home, remove_debris, NULL);
	return r < 0 ? error_errno(error, r, "remove what an earlier attempt left in %s",
				   target->path)
		     : 0;
}

static int copy_version(const struct bundle *bundle, const struct target *target,
			struct error *error)
{
	_cleanup_close_ int made = -1;
	uint64_t size;
	int r = tree_size(bundle->fd, &size);

	if (r < 0)
		return error_errno(error, r, "measure %s", bundle->path);
	r = target_has_room(target, size, error);
	if (r < 0)
		return r;
	if (mkdirat(target->home, NEW_VERSION, 0755) < 0)
		return error_errno(error, -errno, "make %s/" NEW_VERSION, target->home_path);
	made = openat(target->home, NEW_VERSION, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (made < 0)
		return error_errno(error, -errno, "open %s/" NEW_VERSION, target->home_path);
	r = tree_copy(bundle->fd, made, error);
	return r < 0 ? error_prefix(error, "from %s to %s", bundle->path, target->home_path) : 0;
}

/* Calls that run go on with what they have: it stays under another name while they do. */
static int exchange(const struct target *target, const char *name)
{
	if (renameat2(target->home, NEW_VERSION, target->home, name, RENAME_EXCHANGE) == 0) {
		(void)tree_remove(target->home, OLD_VERSION);
		if (renameat(target->home, NEW_VERSION, target->home, OLD_VERSION) < 0)
			return -errno;
	} else {
		/* a file system that cannot: nothing worked there anyway */
		(void)tree_remove(target->home, OLD_VERSION);
		if (renameat(target->home, name, target->home, OLD_VERSION) < 0 ||
		    renameat(target->home, NEW_VERSION, target->home, name) < 0)
			return -errno;
	}
	if (!processes_use(OLD_VERSION))
		return tree_remove(target->home, OLD_VERSION);
	return 0;
}

/* 1: it is there and whole; 0: there is none; -EBADMSG: it is broken. */
static int look_at(const struct bundle *bundle, const struct target *target)
{
	_cleanup_close_ int fd =
		openat(target->home, bundle->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	int r;

	if (fd < 0)
		return errno == ENOENT ? 0 : errno == ENOTDIR || errno == ELOOP ? -EBADMSG : -errno;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_uid != 0 || status.st_mode & (S_IWGRP | S_IWOTH))
		return -EBADMSG;
	r = tree_same(bundle->fd, fd, TREE_BYTES);
	return r == 0 ? -EBADMSG : r;
}

int versions_put(const struct installer *installer, const struct bundle *bundle,
		 const struct target *target, struct error *error)
{
	int found = look_at(bundle, target), r = 0;

	if (found == 1)
		return 0;
	if (found < 0 && found != -EBADMSG)
		return error_errno(error, found, "read %s/%s", target->home_path, bundle->name);
	r = copy_version(bundle, target, error);
	if (r < 0)
		return r;
	if (found == -EBADMSG)
		r = exchange(target, bundle->name);
	else if (renameat(target->home, NEW_VERSION, target->home, bundle->name) < 0)
		r = -errno;
	if (r >= 0 && fsync(target->home) < 0)
		r = -errno;
	if (r < 0)
		return error_errno(error, r, "name %s/%s", target->home_path, bundle->name);
	installer_say(installer, "%s %s/%s", found ? "replaced the broken" : "copied",
		      target->home_path, bundle->name);
	return !found;
}
