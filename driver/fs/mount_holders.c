/* SPDX-License-Identifier: Apache-2.0 */
/* Who keeps a device or its file system busy. */
#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "fs/mount.h"

#define NAMED_MAX 8 /* more are counted, not named */

/* Is what this link of /proc leads to on the device, or the device itself? The file system is not
 * asked (AT_STATX_DONT_SYNC): a dead one must not hold us up. */
static bool leads_to(const char *path, dev_t device)
{
	struct statx status;

	if (statx(AT_FDCWD, path, AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_TYPE, &status) < 0)
		return false;
	return makedev(status.stx_dev_major, status.stx_dev_minor) == device ||
	       (S_ISBLK(status.stx_mode) &&
		makedev(status.stx_rdev_major, status.stx_rdev_minor) == device);
}

static bool has_open(uint64_t pid, dev_t device)
{
	_cleanup_closedir_ DIR *dir = path_opendir("/proc/%" PRIu64 "/fd", pid);
	const struct dirent *entry;
	char path[PATH_MAX];

	while (dir && (entry = readdir(dir)))
		if (isdigit((unsigned char)entry->d_name[0]) &&
		    path_format(path, "/proc/%" PRIu64 "/fd/%s", pid, entry->d_name) == 0 &&
		    leads_to(path, device))
			return true;
	return false;
}

/* address perms offset major:minor inode path, numbers in hex (fs/proc/task_mmu.c) */
static bool has_mapped(uint64_t pid, dev_t device)
{
	_cleanup_free_ char *line = NULL;
	_cleanup_fclose_ FILE *file = NULL;
	unsigned int major_number, minor_number;
	size_t size = 0;
	int fd = path_open(O_RDONLY, "/proc/%" PRIu64 "/maps", pid);

	file = fd < 0 ? NULL : fdopen(fd, "r");
	if (!file && fd >= 0)
		close(fd);
	while (file && getline(&line, &size, file) > 0)
		if (sscanf(line, "%*s %*s %*s %x:%x", &major_number, &minor_number) == 2 &&
		    makedev(major_number, minor_number) == device)
			return true;
	return false;
}

static bool holds(uint64_t pid, dev_t device)
{
	static const char *const links[] = {"cwd", "root"};
	char path[PATH_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(links); i++)
		if (path_format(path, "/proc/%" PRIu64 "/%s", pid, links[i]) == 0 &&
		    leads_to(path, device))
			return true;
	return has_open(pid, device) || has_mapped(pid, device);
}

/* The container's id is a word of 64 hex digits somewhere in the path of its cgroup, with every
 * engine; its first 12 are what people know. */
static void container_of(uint64_t pid, char ret[13])
{
	char cgroup[4096];

	ret[0] = '\0';
	if (path_read(cgroup, sizeof(cgroup), "/proc/%" PRIu64 "/cgroup", pid) <= 0)
		return;
	for (const char *at = cgroup; *at;) {
		size_t length = strspn(at, "0123456789abcdef");

		if (length == 64) {
			memcpy(ret, at, 12);
			ret[12] = '\0';
			return;
		}
		at += length ? length : 1;
	}
}

static void name_holder(uint64_t pid, struct text *text)
{
	char command[32], container[13];

	if (path_read(command, sizeof(command), "/proc/%" PRIu64 "/comm", pid) <= 0)
		(void)str_copy(command, sizeof(command), "?");
	str_one_line(command);
	container_of(pid, container);
	text_printf(text, "%spid %" PRIu64 " (%s%s%s)", text->length ? ", " : "", pid, command,
		    *container ? ", container " : "", container);
}

void mount_holders(dev_t device, char *ret, size_t size)
{
	_cleanup_closedir_ DIR *dir = path_opendir("/proc");
	_cleanup_text_ struct text text = {0};
	const struct dirent *entry;
	unsigned int count = 0;
	uint64_t pid;

	ret[0] = '\0';
	while (dir && (entry = readdir(dir))) {
		if (str_to_u64(entry->d_name, 10, &pid) < 0 || pid == (uint64_t)getpid() ||
		    !holds(pid, device))
			continue;
		if (count++ < NAMED_MAX)
			name_holder(pid, &text);
	}
	if (count > NAMED_MAX)
		text_printf(&text, " and %u more", count - NAMED_MAX);
	if (text.data)
		snprintf(ret, size, "%s", text.data);
}
