/* SPDX-License-Identifier: Apache-2.0 */
/* The way back: first `rbd`, so that nobody starts what is going. */
#include <fcntl.h>
#include <unistd.h>

#include "installer/versions.h"

static int remove_home(const struct installer *installer, const struct target *target,
		       struct error *error)
{
	int r;

	if (unlinkat(target->home, INSTALLER_LAUNCHER, 0) == 0)
		installer_say(installer, "removed %s/" INSTALLER_LAUNCHER, target->home_path);
	else if (errno != ENOENT)
		return error_errno(error, -errno, "remove %s/" INSTALLER_LAUNCHER,
				   target->home_path);
	(void)fsync(target->home);
	r = versions_remove_all(target, error);
	if (r < 0)
		return r;
	if (unlinkat(target->fd, INSTALLER_FOLDER, AT_REMOVEDIR) == 0)
		installer_say(installer, "removed %s", target->home_path);
	else if (errno == ENOTEMPTY || errno == EEXIST)
		installer_say(installer, "%s stays: there are files in it that are not ours",
			      target->home_path);
	else
		return error_errno(error, -errno, "remove %s", target->home_path);
	return 0;
}

int installer_uninstall(const struct installer *installer, struct error *error)
{
	_cleanup_target_ struct target target = {.fd = -1, .home = -1};
	int r = target_open(installer->plugin_dir, &target, error);

	if (r >= 0)
		r = volumes_refuse("uninstall", error);
	if (r >= 0)
		r = versions_remove_debris(&target, error);
	if (r < 0)
		return r;
	if (target.home < 0) {
		installer_say(installer, "nothing is installed in %s", target.path);
		return 0;
	}
	r = remove_home(installer, &target, error);
	if (r >= 0 && fsync(target.fd) < 0)
		r = error_errno(error, -errno, "sync %s", target.path);
	return r;
}
