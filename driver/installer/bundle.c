/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/bundle.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/target.h"

int bundle_directory(char ret[PATH_MAX], struct error *error)
{
	ssize_t length = readlink("/proc/self/exe", ret, PATH_MAX - 1);
	char *slash;

	if (length <= 0)
		return error_errno(error, length ? -errno : -ENOENT, "read /proc/self/exe");
	ret[length] = '\0';
	slash = strrchr(ret, '/');
	if (!slash)
		return error_set(error, -ENOENT, "/proc/self/exe: %s is no path", ret);
	*slash = '\0';
	return 0;
}

static int no_bundle(const char *path, struct error *error)
{
	error_set(error, -ENOENT,
		  "this driver (in %s) belongs to no bundle: there is no launcher to install",
		  *path ? path : "/");
	return error_advise(error, "build one (cmake --build build --target bundle) and run its "
				   "rbd; for a driver that was copied by hand: install --here");
}

int bundle_open(struct bundle *ret, struct error *error)
{
	_cleanup_close_ int parent = -1;
	struct stat status;
	const char *name;
	int r;

	*ret = (struct bundle){.fd = -1, .launcher = -1};
	r = bundle_directory(ret->path, error);
	if (r < 0)
		return r;
	name = strrchr(ret->path, '/');
	if (!name || !str_starts(name + 1, VERSION_PREFIX) ||
	    str_copy(ret->name, sizeof(ret->name), name + 1) < 0)
		return no_bundle(ret->path, error);
	ret->fd = open(ret->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	parent = ret->fd < 0 ? -1 : openat(ret->fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0)
		return error_errno(error, -errno, "bundle %s: open", ret->path);
	ret->launcher = openat(parent, INSTALLER_LAUNCHER, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (ret->launcher < 0 || fstat(ret->launcher, &status) < 0 || !S_ISREG(status.st_mode))
		return no_bundle(ret->path, error);
	return 0;
}

void bundle_done(struct bundle *bundle)
{
	cleanup_close(&bundle->fd);
	cleanup_close(&bundle->launcher);
	bundle->fd = bundle->launcher = -1;
}
