/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of an install. Each step leaves a state from which both `rbd`, where there is one, and
 * a further install work: the version's directory gets its name when it is whole, and has what is
 * to stand beside the driver; in one that is there these files are renamed one by one; and the
 * launcher comes last.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/installed.h"
#include "installer/launcher.h"
#include "installer/tree.h"

struct work {
	const struct installer *installer;
	const struct bundle *bundle;
	struct target *target;
	struct desired desired;
	enum installer_mode mode; /* that is installed */
	bool told;                /* and whether it is known */
	bool live;                /* `rbd` starts the bundle's version before we begin */
};

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
	if (renameat(target->home, NEW_LAUNCHER, target->home, INSTALLER_LAUNCHER) < 0)
		return error_errno(error, -errno,
				   "rename %s/" NEW_LAUNCHER " to " INSTALLER_LAUNCHER,
				   target->home_path);
	if (fsync(target->home) < 0)
		return error_errno(error, -errno, "%s/" INSTALLER_LAUNCHER " is new; sync %s",
				   target->home_path, target->home_path);
	return 0;
}

/* The driver that is there cannot be started here, or was copied by hand, and says nothing. */
static int refuse_unknown(const struct target *target, struct error *error)
{
	int r = volumes_refuse("take over from a driver whose mode cannot be told", error);

	if (r != -EBUSY)
		return r;
	*error->advice = '\0';
	return error_advise(error,
			    "drain the node first; or install from the node itself, not from a "
			    "container: there the driver can be asked; or, when you know that the "
			    "mode stays the same, remove %s/" INSTALLER_LAUNCHER,
			    target->home_path);
}

/* Two kinds of calls for one volume: what the one mode has mounted, the other would not unmount. */
static int check_mode(const struct work *work, struct error *error)
{
	bool attach = work->desired.capabilities.attach;
	char what[96];

	if (!work->told)
		return refuse_unknown(work->target, error);
	if (work->mode == INSTALLER_UNSAID || (work->mode == INSTALLER_ATTACH) == attach)
		return 0;
	(void)snprintf(what, sizeof(what), "change from %s mode to %s mode",
		       attach ? "mount" : "attach", attach ? "attach" : "mount");
	return volumes_refuse(what, error);
}

static int switch_launcher(const struct work *work, struct error *error)
{
	struct target *target = work->target;
	int r = work->live ? 0 : check_mode(work, error);

	if (r >= 0)
		r = rename_launcher(target, error);
	if (r >= 0 && target->staged)
		r = target_publish(target, error);
	if (r >= 0)
		installer_say(work->installer,
			      "%s/" INSTALLER_LAUNCHER " starts %s now, in %s mode",
			      target->home_path, work->bundle->name,
			      work->desired.capabilities.attach ? "attach" : "mount");
	return r;
}

/* Each rename makes the kubelet run init again: without a reason there is none. */
static int put_launcher(const struct work *work, struct error *error)
{
	const struct target *target = work->target;
	int r = make_launcher(work->bundle, target, error);

	if (r >= 0)
		r = try_launcher(&work->desired, target, error);
	if (r < 0)
		return r;
	if (installed_launcher(work->bundle, target) != 1)
		return switch_launcher(work, error);
	if (unlinkat(target->home, NEW_LAUNCHER, 0) < 0)
		return error_errno(error, -errno, "remove %s/" NEW_LAUNCHER, target->home_path);
	installer_say(work->installer, "%s/" INSTALLER_LAUNCHER " is this driver already",
		      target->home_path);
	return 0;
}

static void say_state(const struct work *work)
{
	installer_say(work->installer, "wrote the configuration%s into %s/%s",
		      work->desired.keyring ? " and the keyring" : ", without a keyring,",
		      work->target->home_path, work->bundle->name);
}

/* Into a version that is there. */
static int put_state(const struct work *work, struct error *error)
{
	const struct target *target = work->target;
	const char *name = work->bundle->name;
	_cleanup_close_ int version =
		openat(target->home, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	bool anew;
	int r;

	if (version < 0)
		return error_errno(error, -errno, "open %s/%s", target->home_path, name);
	anew = installed_launcher(work->bundle, target) != 1;
	if (!anew && desired_holds(&work->desired, version) == 1)
		return 0;
	r = desired_put(&work->desired, version, anew, error);
	if (r < 0)
		return error_prefix(error, "%s/%s", target->home_path, name);
	say_state(work);
	return 0;
}

static int name_version(const struct work *work, enum version found, struct error *error)
{
	int r = versions_name(work->bundle, work->target, found, error);

	if (r < 0)
		return r;
	installer_say(work->installer, "%s %s/%s",
		      found == VERSION_BROKEN ? "replaced the broken" : "copied",
		      work->target->home_path, work->bundle->name);
	say_state(work);
	return 0;
}

/* Where `rbd` starts that version already, it goes by what is written here at once: a volume that
 * has come up meanwhile is looked for before. */
static int put_version(const struct work *work, struct error *error)
{
	int found = versions_make(work->bundle, work->target, &work->desired, error);
	int r = found;

	if (r >= 0 && work->live)
		r = check_mode(work, error);
	if (r < 0)
		return r;
	r = found == VERSION_WHOLE ? put_state(work, error) : name_version(work, found, error);
	return r < 0 ? r : found;
}

/* Not the one that `rbd` starts, also where the last step of all has failed. */
static void remove_unstarted(const struct target *target, const char *name)
{
	char started[NAME_MAX + 1];

	versions_started_by(target->home, INSTALLER_LAUNCHER, started);
	if (!str_eq(started, name))
		(void)tree_remove(target->home, name);
}

static int put_all(struct work *work, struct error *error)
{
	struct target *target = work->target;
	char before[NAME_MAX + 1];
	int found, r = target->home < 0 ? target_stage(target, error) : 0;

	if (r < 0)
		return r;
	versions_started_by(target->home, INSTALLER_LAUNCHER, before);
	work->live = str_eq(before, work->bundle->name);
	found = r = put_version(work, error);
	if (r >= 0)
		r = put_launcher(work, error);
	if (r >= 0)
		versions_remove_old(work->installer, target, work->bundle->name, before);
	else if (found == VERSION_NONE)
		remove_unstarted(target, work->bundle->name);
	return r;
}

static int install_locked(struct work *work, struct error *error)
{
	struct target *target = work->target;
	struct error ignored;
	int r;

	work->mode = installed_mode(target, &work->told);
	/* ours, of a version that has been removed or damaged: made good, also under volumes */
	if (!work->told && launcher_is_of(work->bundle, target->home) == 1)
		work->told = true;
	r = desired_make(work->installer, work->mode, &work->desired, error);
	if (r >= 0)
		r = check_mode(work, error);
	if (r >= 0)
		r = versions_remove_debris(target, error);
	if (r < 0)
		return r;
	r = put_all(work, error);
	if (r < 0)
		(void)versions_remove_debris(target, &ignored);
	return r;
}

int installer_install(const struct installer *installer, struct error *error)
{
	_cleanup_bundle_ struct bundle bundle = {.fd = -1, .launcher = -1};
	_cleanup_target_ struct target target = {.fd = -1, .home = -1};
	struct work work = {.installer = installer, .bundle = &bundle, .target = &target};
	int r = bundle_open(&bundle, error);

	if (r >= 0)
		r = target_open(installer->plugin_dir, &target, error);
	if (r < 0)
		return r;
	r = install_locked(&work, error);
	desired_done(&work.desired);
	return r < 0 ? error_prefix(error, "install in %s", target.path) : 0;
}
