/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of an install. Each step leaves a state from which both `rbd`, where there is one, and
 * a further install work: the version's directory gets its name when it is whole, the files beside
 * the driver are renamed one by one, and the launcher comes last.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/installed.h"
#include "installer/tree.h"

static int make_launcher(const struct bundle *bundle, const struct target *target,
			 struct error *error)
{
	_cleanup_close_ int made =
		openat(target->home, NEW_LAUNCHER,
		       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	int r = made < 0 ? -errno : 0;

	if (r >= 0 && lseek(bundle->launcher, 0, SEEK_SET) < 0)
		r = -errno;
	if (r >= 0)
		r = tree_copy_bytes(bundle->launcher, made);
	if (r >= 0 && (fchmod(made, 0755) < 0 || fsync(made) < 0))
		r = -errno;
	return r < 0 ? error_errno(error, r, "write %s/" NEW_LAUNCHER, target->home_path) : 0;
}

/* Before it takes the name: does the new driver start on this node, and say what it is to say? */
static int try_launcher(const struct desired *desired, const struct target *target,
			struct error *error)
{
	struct config_capabilities answered;
	char words[256];
	int r = trial_init(target->home_path, NEW_LAUNCHER, &answered, error);

	if (r >= 0) {
		desired_init(&answered, words);
		if (str_eq(words, desired->init))
			return 0;
		str_one_line(words);
		(void)error_set(error, -EBADMSG, "it answers init by %s", words);
	}
	error_prefix(error, "the new driver does not work here, nothing was switched to it");
	return error_advise(error, "is it built for this machine's processor, and is the directory "
				   "of a file system that can run programs?");
}

static int rename_launcher(const struct target *target, struct error *error)
{
	if (renameat(target->home, NEW_LAUNCHER, target->home, INSTALLER_LAUNCHER) < 0 ||
	    fsync(target->home) < 0)
		return error_errno(error, -errno,
				   "rename %s/" NEW_LAUNCHER " to " INSTALLER_LAUNCHER,
				   target->home_path);
	return 0;
}

/* Each rename makes the kubelet run init again: without a reason there is none. */
static int put_launcher(const struct installer *installer, const struct bundle *bundle,
			const struct desired *desired, struct target *target, struct error *error)
{
	int r = make_launcher(bundle, target, error);

	if (r >= 0)
		r = try_launcher(desired, target, error);
	if (r < 0)
		return r;
	if (installed_launcher(bundle, target) == 1) {
		if (unlinkat(target->home, NEW_LAUNCHER, 0) < 0)
			return error_errno(error, -errno, "remove %s/" NEW_LAUNCHER,
					   target->home_path);
		installer_say(installer, "%s/" INSTALLER_LAUNCHER " is this driver already",
			      target->home_path);
		return 0;
	}
	r = rename_launcher(target, error);
	if (r >= 0 && target->staged)
		r = target_publish(target, error);
	if (r >= 0)
		installer_say(installer, "%s/" INSTALLER_LAUNCHER " starts %s now, in %s mode",
			      target->home_path, bundle->name,
			      desired->capabilities.attach ? "attach" : "mount");
	return r;
}

static int put_state(const struct installer *installer, const struct bundle *bundle,
		     const struct desired *desired, const struct target *target,
		     struct error *error)
{
	_cleanup_close_ int version =
		openat(target->home, bundle->name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool anew;
	int r;

	if (version < 0)
		return error_errno(error, -errno, "open %s/%s", target->home_path, bundle->name);
	anew = installed_launcher(bundle, target) != 1;
	if (!anew && desired_holds(desired, version) == 1)
		return 0;
	r = desired_put(desired, version, anew, error);
	if (r < 0)
		return error_prefix(error, "%s/%s", target->home_path, bundle->name);
	installer_say(installer, "wrote the configuration%s into %s/%s",
		      desired->keyring ? " and the keyring" : ", without a keyring,",
		      target->home_path, bundle->name);
	return 0;
}

/* Two kinds of calls for one volume: what the one mode has mounted, the other would not unmount. */
static int check_mode(const struct desired *desired, enum installer_mode installed,
		      struct error *error)
{
	bool attach = desired->capabilities.attach;
	char what[96];

	if (installed == INSTALLER_UNSAID || (installed == INSTALLER_ATTACH) == attach)
		return 0;
	(void)snprintf(what, sizeof(what), "change from %s mode to %s mode",
		       attach ? "mount" : "attach", attach ? "attach" : "mount");
	return volumes_refuse(true, what, error);
}

static int put_all(const struct installer *installer, const struct bundle *bundle,
		   const struct desired *desired, struct target *target, struct error *error)
{
	char before[NAME_MAX + 1];
	bool made;
	int r = target->home < 0 ? target_stage(target, error) : 0;

	if (r < 0)
		return r;
	versions_started_by(target->home, INSTALLER_LAUNCHER, before);
	r = versions_put(installer, bundle, target, error);
	made = r > 0;
	if (r >= 0)
		r = put_state(installer, bundle, desired, target, error);
	if (r >= 0)
		r = put_launcher(installer, bundle, desired, target, error);
	if (r >= 0)
		versions_remove_old(installer, target, bundle->name, before);
	else if (made && !str_eq(before, bundle->name))
		(void)tree_remove(target->home, bundle->name);
	return r;
}

static int install_locked(const struct installer *installer, const struct bundle *bundle,
			  struct target *target, struct error *error)
{
	_cleanup_desired_ struct desired desired = {0};
	enum installer_mode mode = installed_mode(target);
	struct error ignored;
	int r = desired_make(installer, mode, &desired, error);

	if (r >= 0)
		r = check_mode(&desired, mode, error);
	if (r >= 0)
		r = versions_remove_debris(target, error);
	if (r < 0)
		return r;
	r = put_all(installer, bundle, &desired, target, error);
	if (r < 0)
		(void)versions_remove_debris(target, &ignored);
	return r;
}

int installer_install(const struct installer *installer, struct error *error)
{
	_cleanup_bundle_ struct bundle bundle = {.fd = -1, .launcher = -1};
	_cleanup_target_ struct target target = {.fd = -1, .home = -1};
	int r = bundle_open(&bundle, error);

	if (r >= 0)
		r = target_open(installer->plugin_dir, &target, error);
	if (r < 0)
		return r;
	r = install_locked(installer, &bundle, &target, error);
	return r < 0 ? error_prefix(error, "install in %s", target.path) : 0;
}
