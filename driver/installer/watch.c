/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/watch.h"

#include <stdio.h>
#include <sys/inotify.h>
#include <sys/stat.h>

#include "installer/bundle.h"
#include "installer/target.h"
#include "installer/tree.h"

#define CHANGES                                                                             \
	(IN_CREATE | IN_CLOSE_WRITE | IN_MODIFY | IN_MOVED_TO | IN_MOVED_FROM | IN_DELETE | \
	 IN_ATTRIB | IN_DELETE_SELF | IN_MOVE_SELF)

struct watching {
	int fd;
	const char *path;
};

static void add(int fd, const char *path)
{
	/* what is not there is made in a directory that is watched, too */
	(void)inotify_add_watch(fd, path, CHANGES);
}

static int add_folder(int fd, const char *name, const struct stat *status, void *context)
{
	const struct watching *watching = context;
	char path[PATH_MAX];

	(void)fd;
	if (S_ISDIR(status->st_mode) &&
	    snprintf(path, sizeof(path), "%s/%s", watching->path, name) < (int)sizeof(path))
		add(watching->fd, path);
	return 0;
}

/* The version's own folders are one deep. */
static void add_version(int fd, const struct target *target)
{
	_cleanup_bundle_ struct bundle bundle = {.fd = -1, .launcher = -1};
	char path[PATH_MAX];
	struct watching watching = {.fd = fd, .path = path};
	struct error ignored;

	if (bundle_open(&bundle, &ignored) < 0 ||
	    snprintf(path, sizeof(path), "%s/%s", target->home_path, bundle.name) >=
		    (int)sizeof(path))
		return;
	add(fd, path);
	(void)tree_each(bundle.fd, add_folder, &watching);
}

static void add_directory_of(int fd, const char *file)
{
	char path[PATH_MAX];
	char *slash;

	if (str_copy(path, sizeof(path), file) < 0)
		return;
	slash = strrchr(path, '/');
	if (slash)
		slash[slash == path] = '\0';
	add(fd, slash ? path : ".");
	/* the file itself, where it is written in place, or is mounted alone */
	add(fd, file);
}

int watch_open(const struct installer *installer)
{
	_cleanup_target_ struct target target = {.fd = -1, .home = -1};
	int fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	struct error ignored;

	if (fd < 0)
		return -1;
	if (target_look(installer->plugin_dir, &target, &ignored) >= 0) {
		add(fd, target.path);
		add(fd, target.home_path);
		add_version(fd, &target);
	}
	if (installer->secret)
		add(fd, installer->secret);
	if (installer->config)
		add_directory_of(fd, installer->config);
	return fd;
}
