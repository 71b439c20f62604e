/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/device_name.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

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

/* Somebody has unmapped it by hand, and the kernel gave its number away again. */
static bool is_another(const struct mapping *mapping)
{
	struct mapping now;

	return krbd_read(mapping->id, &now) == 0 && !mapping_same(mapping, &now);
}

/* Whose volume it was is not asked: what points to the device is its name. */
bool device_name_remove(const struct mapping *mapping)
{
	char target[32], to[64];
	const struct dirent *entry;
	bool removed = false;
	DIR *folder = path_opendir(FOLDER);

	(void)snprintf(target, sizeof(target), "../rbd%d", mapping->id);
	while (folder && (entry = readdir(folder))) {
		ssize_t length = readlinkat(dirfd(folder), entry->d_name, to, sizeof(to) - 1);

		to[length < 0 ? 0 : length] = '\0';
		if (!str_eq(to, target))
			continue;
		if (is_another(mapping))
			break;
		if (unlinkat(dirfd(folder), entry->d_name, 0) == 0)
			removed = true;
	}
	if (folder)
		closedir(folder);
	return removed;
}
