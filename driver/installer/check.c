/* SPDX-License-Identifier: Apache-2.0 */
/* Is what is installed what would be installed? For probes, and before each re-install. */
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "installer/check.h"
#include "installer/installed.h"
#include "installer/tree.h"

static int check_files(const struct bundle *bundle, const struct target *target, int version,
		       struct error *error)
{
	int r = installed_launcher(bundle, target);

	if (r < 0)
		return error_errno(error, r, "read %s/" INSTALLER_LAUNCHER, target->home_path);
	if (r == 0)
		return error_set(error, -ESTALE, "%s/" INSTALLER_LAUNCHER " is not the one of %s",
				 target->home_path, bundle->name);
	r = tree_same(bundle->fd, version, TREE_SIZES);
	if (r < 0)
		return error_errno(error, r, "read %s/%s", target->home_path, bundle->name);
	if (r == 0)
		return error_set(error, -EBADMSG, "%s/%s is not whole", target->home_path,
				 bundle->name);
	return 0;
}

static int check_state(const struct installer *installer, enum installer_mode mode, int version,
		       struct error *error)
{
	_cleanup_desired_ struct desired desired = {0};
	int r = desired_make(installer, mode, &desired, error);

	if (r < 0)
		return r;
	r = desired_holds(&desired, version);
	if (r < 0)
		return error_errno(error, r, "read the installed configuration");
	return r ? 0
		 : error_set(error, -ESTALE,
			     "configuration, keyring or mode are not as they are to be");
}

int check_installed(const struct installer *installer, bool state, struct error *error)
{
	_cleanup_bundle_ struct bundle bundle = {.fd = -1, .launcher = -1};
	_cleanup_target_ struct target target = {.fd = -1, .home = -1};
	struct config_capabilities answered;
	_cleanup_close_ int version = -1;
	int r = bundle_open(&bundle, error);

	if (r >= 0)
		r = target_look(installer->plugin_dir, &target, error);
	if (r < 0)
		return r;
	version = target.home < 0 ? -1
				  : openat(target.home, bundle.name,
					   O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (version < 0)
		return error_set(error, -ENOENT, "%s is not installed in %s", bundle.name,
				 target.path);
	r = check_files(&bundle, &target, version, error);
	if (r >= 0)
		r = trial_init(target.home_path, INSTALLER_LAUNCHER, &answered, error);
	if (r >= 0 && state)
		r = check_state(installer, answered.attach ? INSTALLER_ATTACH : INSTALLER_MOUNT,
				version, error);
	return r;
}

int installer_check(const struct installer *installer, struct error *error)
{
	bool state = installer->secret || installer->config || installer->mode != INSTALLER_UNSAID;

	return check_installed(installer, state, error);
}
