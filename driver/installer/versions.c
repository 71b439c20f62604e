/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/versions.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/launcher.h"
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

/* Nobody runs what is in NEW_VERSION: there it has been made, and it has had no other name. */
static int remove_debris(int fd, const char *name, const struct stat *status, void *context)
{
	_cleanup_close_ int inside = -1;
	int r = 0;

	(void)context;
	if (str_eq(name, NEW_LAUNCHER) || str_eq(name, NEW_VERSION) ||
	    (str_starts(name, OLD_PREFIX) && !processes_use(name)))
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
		r = launcher_put_back(target->home);
	if (r >= 0 && target->home >= 0)
		r = tree_each(target->home, remove_debris, NULL);
	return r < 0 ? error_errno(error, r, "remove what an earlier attempt left in %s",
				   target->path)
		     : 0;
}

static int copy_version(const struct bundle *bundle, const struct target *target,
			const struct desired *desired, struct error *error)
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
	if (r < 0)
		return error_prefix(error, "from %s to %s", bundle->path, target->home_path);
	r = desired_put(desired, made, true, error);
	return r < 0 ? error_prefix(error, "%s/" NEW_VERSION, target->home_path) : 0;
}

/* Nobody else can have changed it, and it is what the bundle has. */
static int look_at(const struct bundle *bundle, const struct target *target)
{
	_cleanup_close_ int fd =
		openat(target->home, bundle->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct stat status;
	int r;

	if (fd < 0 && errno == ENOENT)
		return VERSION_NONE;
	if (fd < 0)
		return errno == ENOTDIR || errno == ELOOP ? VERSION_BROKEN : -errno;
	if (fstat(fd, &status) < 0)
		return -errno;
	if (status.st_uid != 0 || status.st_mode & (S_IWGRP | S_IWOTH))
		return VERSION_BROKEN;
	r = tree_same(bundle->fd, fd, TREE_BYTES);
	return r < 0 ? r : r ? VERSION_WHOLE : VERSION_BROKEN;
}

int versions_make(const struct bundle *bundle, const struct target *target,
		  const struct desired *desired, struct error *error)
{
	int found = look_at(bundle, target), r = 0;

	if (found < 0)
		return error_errno(error, found, "read %s/%s", target->home_path, bundle->name);
	if (found != VERSION_WHOLE)
		r = copy_version(bundle, target, desired, error);
	return r < 0 ? r : found;
}

/* To a name that no other has had, as long as it is there: by its name we know who uses it. */
static int set_aside(int home, const char *name, char ret[NAME_MAX + 1])
{
	for (unsigned int number = 1; number < 1000; number++) {
		(void)snprintf(ret, NAME_MAX + 1, OLD_PREFIX "-%u", number);
		if (faccessat(home, ret, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			continue;
		return renameat(home, name, home, ret) < 0 ? -errno : 0;
	}
	return -EEXIST;
}

/* Calls that run go on with what they have. A file system that cannot exchange has a moment without
 * that version. */
static int exchange(int home, const char *name)
{
	char made[NAME_MAX + 1], old[NAME_MAX + 1];
	int r = set_aside(home, NEW_VERSION, made);

	if (r < 0)
		return r;
	if (renameat2(home, made, home, name, RENAME_EXCHANGE) == 0)
		return processes_use(made) ? 0 : tree_remove(home, made);
	r = set_aside(home, name, old);
	if (r >= 0 && renameat(home, made, home, name) < 0) {
		r = -errno;
		(void)renameat(home, old, home, name);
	}
	if (r < 0)
		(void)tree_remove(home, made);
	return r < 0 || processes_use(old) ? r : tree_remove(home, old);
}

int versions_name(const struct bundle *bundle, const struct target *target, enum version found,
		  struct error *error)
{
	int r = 0;

	if (found == VERSION_BROKEN)
		r = exchange(target->home, bundle->name);
	else if (renameat(target->home, NEW_VERSION, target->home, bundle->name) < 0)
		r = -errno;
	if (r >= 0 && fsync(target->home) < 0)
		r = -errno;
	return r < 0 ? error_errno(error, r, "name %s/%s", target->home_path, bundle->name) : 0;
}
