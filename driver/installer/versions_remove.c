/* SPDX-License-Identifier: Apache-2.0 */
/* What is no longer needed in ceph~rbd. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/tree.h"
#include "installer/versions.h"

struct removal {
	const struct installer *installer;
	const struct target *target;
	const char *now;
	char before[NAME_MAX + 1];
	bool settled; /* `before` is no longer what was started until just now */
	struct timespec newest;
};

static bool later(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec > b.tv_sec : a.tv_nsec > b.tv_nsec;
}

static bool is_version(const char *name, const struct stat *status)
{
	return str_starts(name, VERSION_PREFIX) && S_ISDIR(status->st_mode);
}

static int find_newest(int fd, const char *name, const struct stat *status, void *context)
{
	struct removal *removal = context;

	(void)fd;
	if (!is_version(name, status) || str_eq(name, removal->now) ||
	    !later(status->st_ctim, removal->newest))
		return 0;
	removal->newest = status->st_ctim;
	(void)str_copy(removal->before, sizeof(removal->before), name);
	return 0;
}

static void say_removed(const struct removal *removal, const char *name, int r)
{
	struct error error = {0};

	if (r >= 0) {
		installer_say(removal->installer, "removed %s/%s", removal->target->home_path,
			      name);
		return;
	}
	(void)error_errno(&error, r, "could not remove %s/%s", removal->target->home_path, name);
	installer_say(removal->installer, "%s", error.text);
}

/* The one that stays for a way back needs no key: what installs it again writes the one of then. A
 * process that began in it may still read its own. */
static void forget_key(const struct removal *removal, int fd, const char *name)
{
	char file[PATH_MAX];

	(void)snprintf(file, sizeof(file), "%s/" STATE_KEYRING, name);
	if (processes_use(name))
		return;
	if (unlinkat(fd, file, 0) == 0)
		say_removed(removal, file, 0);
	else if (errno != ENOENT)
		say_removed(removal, file, -errno);
}

static int remove_old(int fd, const char *name, const struct stat *status, void *context)
{
	const struct removal *removal = context;

	if (!is_version(name, status) || str_eq(name, removal->now))
		return 0;
	if (str_eq(name, removal->before)) {
		if (removal->settled)
			forget_key(removal, fd, name);
		return 0;
	}
	if (processes_use(name)) {
		installer_say(removal->installer, "%s/%s stays: a process may be using it",
			      removal->target->home_path, name);
		return 0;
	}
	say_removed(removal, name, tree_remove(fd, name));
	return 0;
}

void versions_remove_old(const struct installer *installer, const struct target *target,
			 const char *now, const char *before)
{
	struct removal removal = {.installer = installer, .target = target, .now = now};

	if (*before && !str_eq(before, now)) {
		(void)str_copy(removal.before, sizeof(removal.before), before);
	} else {
		removal.settled = true;
		(void)tree_each(target->home, find_newest, &removal);
	}
	(void)tree_each(target->home, remove_old, &removal);
}

static int look_for_user(int fd, const char *name, const struct stat *status, void *context)
{
	(void)fd, (void)context;
	if (!is_version(name, status) && !str_starts(name, OLD_PREFIX))
		return 0;
	return processes_use(name) ? -EBUSY : 0;
}

int versions_are_quiet(int home)
{
	return tree_each(home, look_for_user, NULL);
}

static int remove_ours(int fd, const char *name, const struct stat *status, void *context)
{
	(void)status, (void)context;
	if (!str_starts(name, VERSION_PREFIX) && !str_starts(name, OLD_PREFIX) &&
	    !str_eq(name, NEW_VERSION) && !str_eq(name, NEW_LAUNCHER))
		return 0;
	return tree_remove(fd, name);
}

int versions_remove_all(const struct target *target, struct error *error)
{
	int r = tree_each(target->home, remove_ours, NULL);

	return r < 0 ? error_errno(error, r, "remove the driver's files from %s", target->home_path)
		     : 0;
}
