/* SPDX-License-Identifier: Apache-2.0 */
/* The system calls of mounting; run by the worker. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct mount_request {
	const char *source; /* /dev/rbdN, verified by the caller */
	const char *directory;
	const char *fs_type;
	const char *options;  /* of the file system: "errors=remount-ro"; "" none */
	bool read_only;       /* the file system */
	bool mount_read_only; /* this mount of it alone, whatever others of it are */
	/* called with an open directory of the new mount before anybody sees it; a negative errno
	 * ends the mount. NULL: nothing */
	int (*mark)(int directory_fd);
};

/* Makes the mount out of sight (fsopen, fsmount; kernel >= 5.2) and hangs it at its directory
 * by move_mount(2) only if still_wanted() says so (-ECANCELED otherwise); older kernels:
 * mount(2). The error decodes errno and repeats the file system's own words (the fs context's
 * log). */
int mount_device(const struct mount_request *request, bool (*still_wanted)(void),
		 struct error *error);

/* A bind of `from` at `to`, read-only where asked (MS_REMOUNT|MS_BIND|MS_RDONLY). */
int mount_bind(const char *from, const char *to, bool read_only, struct error *error);

/* umount2(UMOUNT_NOFOLLOW), never lazily, never by force. -EBUSY is told apart; -EINVAL (no mount
 * point) too. */
int mount_undo(const char *directory, struct error *error);

/* Who keeps a mount busy: pid, name (and container id where its cgroup tells) of the processes
 * with open files, working directory, root or maps on that device. "" where nobody was found. */
void mount_holders(dev_t device, char *ret, size_t size);
