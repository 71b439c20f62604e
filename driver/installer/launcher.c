/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/launcher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/tree.h"
#include "installer/versions.h"

bool launcher_exists(int home)
{
	return faccessat(home, INSTALLER_LAUNCHER, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int launcher_is_of(const struct bundle *bundle, int home)
{
	_cleanup_close_ int launcher =
		openat(home, INSTALLER_LAUNCHER, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (launcher < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	return tree_same_file(bundle->launcher, launcher, TREE_BYTES);
}

static bool runs_now(int home)
{
	struct stat file, self;

	return fstatat(home, INSTALLER_LAUNCHER, &file, AT_SYMLINK_NOFOLLOW) == 0 &&
	       stat("/proc/self/exe", &self) == 0 && file.st_dev == self.st_dev &&
	       file.st_ino == self.st_ino;
}

bool launcher_is_ours(int home)
{
	_cleanup_bundle_ struct bundle bundle = {.fd = -1, .launcher = -1};
	char version[NAME_MAX + 1];
	struct error ignored;

	versions_started_by(home, INSTALLER_LAUNCHER, version);
	if (*version || runs_now(home))
		return true;
	return bundle_open(&bundle, &ignored) >= 0 && launcher_is_of(&bundle, home) == 1;
}

/* Two names for a moment: whoever is killed in it leaves a driver that works. */
static int give_name(int home, const char *from, const char *to)
{
	if (linkat(home, from, home, to, 0) < 0 || unlinkat(home, from, 0) < 0 || fsync(home) < 0)
		return -errno;
	return 0;
}

int launcher_turn_off(int home)
{
	return give_name(home, INSTALLER_LAUNCHER, OFF_LAUNCHER);
}

int launcher_put_back(int home)
{
	if (faccessat(home, OFF_LAUNCHER, F_OK, AT_SYMLINK_NOFOLLOW) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!launcher_exists(home))
		return give_name(home, OFF_LAUNCHER, INSTALLER_LAUNCHER);
	return unlinkat(home, OFF_LAUNCHER, 0) < 0 ? -errno : 0;
}
