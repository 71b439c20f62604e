/* SPDX-License-Identifier: Apache-2.0 */
/* /proc/PID/mountinfo: what is mounted where (Documentation/filesystems/proc.rst §3.5). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/types.h>

struct mount_entry {
	int id;
	int parent;
	dev_t device;
	char *root;      /* within the file system: "/" unless a bind of a folder */
	char *directory; /* unescaped */
	bool read_only;  /* of this mount */
	bool super_read_only;
	char *fs_type;
	char *source;
	char *options;       /* of this mount, as shown: "rw,noatime" */
	char *super_options; /* of the file system: "rw,errors=remount-ro" */
};

struct mount_table {
	struct mount_entry *list;
	size_t count;
};

int mountinfo_parse(FILE *file, struct mount_table *ret);
/* Of a process; 0: our own. 0 or a negative errno. */
int mountinfo_read(pid_t pid, struct mount_table *ret);
void mount_table_done(struct mount_table *table);
#define _cleanup_mount_table_ __attribute__((cleanup(mount_table_done)))

/* The mount on top at that directory (the last entry of that path, its parents followed where they
 * are links); NULL where it is no mount point. */
const struct mount_entry *mount_table_at(const struct mount_table *table, const char *directory);
/* The first mount of a device after `after` (NULL: from the start). */
const struct mount_entry *mount_table_next_of(const struct mount_table *table, dev_t device,
					      const struct mount_entry *after);

/* Is the device mounted in any mount namespace of the machine? Looks through /proc/<pid>/mountinfo,
 * each namespace once. 1: yes, and `ret` says where ("/dir (pid 12)"); 0: no. A negative errno
 * where /proc or a process cannot be read: nobody knows. A namespace that only a descriptor keeps
 * is not seen: the kernel's EBUSY is the last test. */
int mountinfo_anywhere(dev_t device, char *ret, size_t size);
