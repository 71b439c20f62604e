/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/verify.h"

#include <errno.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/str.h"
#include "fs/mountinfo.h"

int verify_directory(const char *directory, struct error *error)
{
	struct stat status;
	int result = 0;

	if (stat(directory, &status) < 0)
		result = -errno;
	else if (!S_ISDIR(status.st_mode))
		result = -ENOTDIR;
	if (result == 0)
		return 0;
	error_errno(error, result, "look at the directory %s", directory);
	return error_advise(error, "the kubelet makes it before it calls; by hand: mkdir -p");
}

static int seen_by(pid_t pid, const char *directory, dev_t device)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	const struct mount_entry *entry;
	int result = mountinfo_read(pid, &table);

	if (result < 0)
		return result;
	entry = mount_table_at(&table, directory);
	return entry && entry->device == device;
}

/* Both look at one namespace: one reading of mountinfo is enough. */
static bool same_namespace_as_init(void)
{
	struct stat own, init;

	return stat("/proc/self/ns/mnt", &own) == 0 && stat("/proc/1/ns/mnt", &init) == 0 &&
	       own.st_dev == init.st_dev && own.st_ino == init.st_ino;
}

int verify_mount(const char *directory, dev_t device, struct error *error)
{
	int result = seen_by(0, directory, device);

	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	if (!result)
		return error_set(error, -EUCLEAN, "%s is not the mount of device %u:%u afterwards",
				 directory, major(device), minor(device));
	if (same_namespace_as_init())
		return 0;
	result = seen_by(1, directory, device);
	if (result < 0)
		return error_errno(error, result, "read /proc/1/mountinfo");
	if (result)
		return 0;
	error_set(error, -EXDEV, "the mount at %s is not visible in the mount namespace of PID 1",
		  directory);
	return error_advise(error, "the kubelet runs in a mount namespace of its own: give its "
				   "directory shared (bidirectional) mount propagation");
}
