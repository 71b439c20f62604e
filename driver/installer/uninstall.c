/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back. First nobody starts `rbd` any more; then those who run come to their end; and only
 * when none of them has brought a volume up, all goes. Else `rbd` gets its name back.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/deadline.h"
#include "base/namespace.h"
#include "installer/launcher.h"
#include "installer/versions.h"

#define PATIENCE 20000 /* for calls that run */

static int look(const void *what, void *context)
{
	const struct target *target = what;

	(void)context;
	return versions_are_quiet(target->home);
}

/* Who sees no process of the node waits as long, which is all that can be done. */
static int wait_for_calls(const struct target *target, struct error *error)
{
	int r = deadline_retry_busy(look, target, NULL, deadline_in(PATIENCE));

	if (r >= 0 || (r == -EBUSY && !namespace_sees_all_processes()))
		return 0;
	if (r != -EBUSY)
		return error_errno(error, r, "read %s", target->home_path);
	error_set(error, r,
		  "uninstall: processes still run a driver of this name on this node, after "
		  "%d s: calls of the kubelet, or an installer that stays (install --wait)",
		  PATIENCE / 1000);
	return error_advise(error, "try again when they have ended; remove the DaemonSet first");
}

/* Nothing of the driver goes while it may be needed. */
static int turn_off(const struct target *target, struct error *error)
{
	int r = launcher_turn_off(target->home), back;

	if (r < 0)
		error_errno(error, r, "set %s/" INSTALLER_LAUNCHER " aside", target->home_path);
	else
		r = wait_for_calls(target, error);
	if (r >= 0)
		r = volumes_refuse("uninstall", error);
	if (r >= 0)
		return 0;
	back = launcher_put_back(target->home);
	if (back < 0)
		error_prefix(error,
			     "%s/" OFF_LAUNCHER " is to be renamed to " INSTALLER_LAUNCHER
			     ", which failed (%s)",
			     target->home_path, strerror(-back));
	return r;
}

/* The launcher, which would start them, before the versions. */
static int remove_launcher(const struct installer *installer, const struct target *target,
			   struct error *error)
{
	int r;

	if (!launcher_exists(target->home))
		return wait_for_calls(target, error);
	if (!launcher_is_ours(target->home)) {
		installer_say(installer, "%s/" INSTALLER_LAUNCHER " is not ours, it stays",
			      target->home_path);
		return wait_for_calls(target, error);
	}
	r = turn_off(target, error);
	if (r < 0)
		return r;
	if (unlinkat(target->home, OFF_LAUNCHER, 0) < 0 || fsync(target->home) < 0)
		return error_errno(error, -errno, "remove %s/" OFF_LAUNCHER, target->home_path);
	installer_say(installer, "removed %s/" INSTALLER_LAUNCHER, target->home_path);
	return 0;
}

static int remove_home(const struct installer *installer, const struct target *target,
		       struct error *error)
{
	int r = remove_launcher(installer, target, error);

	if (r >= 0)
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
		r = versions_remove_debris(&target, error);
	if (r >= 0)
		r = volumes_refuse("uninstall", error);
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
