/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/device_name.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"

#define FOLDER "/dev/rbd-flexvolume"

void device_name(const char *volume, char *ret, size_t size)
{
	(void)snprintf(ret, size, FOLDER "/%s", volume);
}

/* Made under another name and renamed: the name never points to nothing or to an old device. */
int device_name_make(const char *volume, int id, struct error *error)
{
	char path[PATH_MAX], fresh[PATH_MAX], target[32];
	int result = path_make_directories(0755, FOLDER);

	(void)snprintf(target, sizeof(target), "../rbd%d", id);
	if (result == 0)
		result = path_format(path, FOLDER "/%s", volume);
	if (result == 0)
		result = path_format(fresh, FOLDER "/.%s.%d", volume, getpid());
	if (result == 0 && symlink(target, fresh) < 0)
		result = -errno;
	if (result == 0 && rename(fresh, path) < 0) {
		result = -errno;
		(void)unlink(fresh);
	}
	return result < 0 ? error_errno(error, result, "make the device name " FOLDER "/%s", volume)
			  : 0;
}

bool device_name_exists(const char *volume)
{
	char path[PATH_MAX];
	struct stat status;

	return path_format(path, FOLDER "/%s", volume) == 0 && lstat(path, &status) == 0;
}

void device_name_remove(const char *volume)
{
	char path[PATH_MAX];

	if (path_format(path, FOLDER "/%s", volume) == 0)
		(void)unlink(path);
}
