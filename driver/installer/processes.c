/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who runs what lies in a directory. All programs of a bundle are started by its own loader, so
 * /proc/PID/exe is a file of that directory; another mount namespace's path ends like ours.
 */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/namespace.h"
#include "base/path.h"
#include "installer/versions.h"

static bool is_number(const char *text)
{
	return *text && strspn(text, "0123456789") == strlen(text);
}

/* The kernel's own threads run no file, and rbd's has our name. An empty command line would not do:
 * a process has one, too, while it is being started. */
static bool is_kernel_thread(const char *pid)
{
	const unsigned long kthread = 0x00200000; /* include/linux/sched.h: PF_KTHREAD */
	char status[1024];
	const char *at;

	if (path_read(status, sizeof(status), "/proc/%s/stat", pid) < 0)
		return false;
	/* proc(5): the flags are the seventh field after the name, which may have any byte in it */
	at = strrchr(status, ')');
	for (int i = 0; at && i < 7; i++)
		at = strchr(at + 1, ' ');
	return at && strtoul(at, NULL, 10) & kthread;
}

/* Without CAP_SYS_PTRACE the executable of a process with more rights cannot be seen, its name
 * can. These are ours, by their loader's name until they have their own. */
static bool may_be_ours(const char *pid)
{
	static const char *const NAMES[] = {"rbd",    "ld",   "mke2fs", "mkfs",
					    "e2fsck", "fsck", "xfs",    "modprobe"};
	char name[64];

	if (path_read(name, sizeof(name), "/proc/%s/comm", pid) < 0)
		return false; /* it has gone */
	for (size_t i = 0; i < ARRAY_SIZE(NAMES); i++)
		if (str_starts(name, NAMES[i]))
			return !is_kernel_thread(pid);
	return false;
}

static bool uses(const char *pid, const char *name)
{
	/* a launcher that has been replaced, and has not yet come to the loader */
	static const char LAUNCHER[] = "/" INSTALLER_FOLDER "/" INSTALLER_LAUNCHER " (deleted)";
	char link[PATH_MAX], executable[PATH_MAX], part[NAME_MAX + 3];
	ssize_t length = -1;
	size_t end = strlen(LAUNCHER);

	if (path_format(link, "/proc/%s/exe", pid) >= 0)
		length = readlink(link, executable, sizeof(executable) - 1);
	if (length < 0)
		return (errno == EACCES || errno == EPERM) && may_be_ours(pid);
	executable[length] = '\0';
	(void)snprintf(part, sizeof(part), "/%s/", name);
	return strstr(executable, part) ||
	       ((size_t)length >= end && str_eq(executable + length - end, LAUNCHER));
}

bool processes_use(const char *name)
{
	_cleanup_closedir_ DIR *dir = path_opendir("/proc");
	struct dirent *entry;

	/* in a pid namespace of its own: the host's processes are not to be seen */
	if (!dir || !namespace_sees_all_processes())
		return true;
	while ((entry = readdir(dir)))
		if (is_number(entry->d_name) && atoi(entry->d_name) != getpid() &&
		    uses(entry->d_name, name))
			return true;
	return false;
}
