/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/installed.h"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/launcher.h"
#include "installer/tree.h"

static enum installer_mode mode_of(const struct config_capabilities *capabilities)
{
	return capabilities->attach ? INSTALLER_ATTACH : INSTALLER_MOUNT;
}

static bool before(struct timespec a, struct timespec b)
{
	return a.tv_sec != b.tv_sec ? a.tv_sec < b.tv_sec : a.tv_nsec < b.tv_nsec;
}

struct search {
	enum installer_mode mode;
	struct timespec written;
};

static enum installer_mode mode_in(int home, const char *name)
{
	_cleanup_close_ int version =
		openat(home, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct config_capabilities capabilities;

	if (version < 0 || trial_read(version, &capabilities) < 0)
		return INSTALLER_UNSAID;
	return mode_of(&capabilities);
}

static int find_last_written(int fd, const char *name, const struct stat *status, void *context)
{
	struct search *search = context;
	enum installer_mode mode;
	char file[PATH_MAX];
	struct stat written;

	if ((!str_starts(name, VERSION_PREFIX) && !str_starts(name, OLD_PREFIX)) ||
	    !S_ISDIR(status->st_mode))
		return 0;
	mode = mode_in(fd, name);
	(void)snprintf(file, sizeof(file), "%s/" STATE_INIT, name);
	if (mode == INSTALLER_UNSAID || fstatat(fd, file, &written, AT_SYMLINK_NOFOLLOW) < 0 ||
	    before(written.st_ctim, search->written))
		return 0;
	*search = (struct search){.mode = mode, .written = written.st_ctim};
	return 0;
}

enum installer_mode installed_mode(const struct target *target, bool *ret_told)
{
	struct config_capabilities capabilities;
	struct search search = {.mode = INSTALLER_UNSAID};
	char name[NAME_MAX + 1];
	struct error ignored;
	bool exists;

	*ret_told = true;
	if (target->home < 0)
		return INSTALLER_UNSAID;
	exists = launcher_exists(target->home);
	if (exists &&
	    trial_init(target->home_path, INSTALLER_LAUNCHER, &capabilities, &ignored) >= 0)
		return mode_of(&capabilities);
	versions_started_by(target->home, INSTALLER_LAUNCHER, name);
	if (exists)
		search.mode = mode_in(target->home, *name ? name : ".");
	if (search.mode != INSTALLER_UNSAID)
		return search.mode;
	*ret_told = !exists;
	(void)tree_each(target->home, find_last_written, &search);
	return search.mode;
}

int installed_launcher(const struct bundle *bundle, const struct target *target)
{
	char answer[PATH_MAX];
	struct stat file, init;

	(void)snprintf(answer, sizeof(answer), "%s/" STATE_INIT, bundle->name);
	if (fstatat(target->home, INSTALLER_LAUNCHER, &file, AT_SYMLINK_NOFOLLOW) < 0 ||
	    fstatat(target->home, answer, &init, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT || errno == ENOTDIR ? 0 : -errno;
	if (file.st_uid != 0 || (file.st_mode & 07777) != 0755 ||
	    before(file.st_ctim, init.st_ctim))
		return 0;
	return launcher_is_of(bundle, target->home);
}
