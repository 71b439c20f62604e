/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The mount calls of kernel 5.2 and later by number: older C libraries have neither wrappers nor
 * constants, and <linux/mount.h> and <sys/mount.h> do not go together in all versions. Values from
 * include/uapi/linux/mount.h; the numbers are the same on all machines but alpha. Used by mount.c
 * and mount_bind.c only.
 */
#pragma once

#include <errno.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/error.h"

enum {
	CALL_OPEN_TREE = 428,
	CALL_MOVE_MOUNT = 429,
	CALL_FSOPEN = 430,
	CALL_FSCONFIG = 431,
	CALL_FSMOUNT = 432,
	CALL_MOUNT_SETATTR = 442, /* 5.12 */
};

enum {
	CONFIG_SET_FLAG = 0,
	CONFIG_SET_STRING = 1,
	CONFIG_CMD_CREATE = 6,
};

#define CALL_CLOEXEC      0x1U /* FSOPEN_CLOEXEC, FSMOUNT_CLOEXEC */
#define TREE_CLONE        0x1U /* OPEN_TREE_CLONE */
#define MOVE_F_EMPTY_PATH 0x4U /* MOVE_MOUNT_F_EMPTY_PATH */

#define ATTR_RDONLY       0x00000001U
#define ATTR_NOSUID       0x00000002U
#define ATTR_NODEV        0x00000004U
#define ATTR_NOEXEC       0x00000008U
#define ATTR_NOATIME      0x00000010U
#define ATTR_STRICTATIME  0x00000020U
#define ATTR_NODIRATIME   0x00000080U

struct call_mount_attr {
	uint64_t attr_set;
	uint64_t attr_clr;
	uint64_t propagation;
	uint64_t userns_fd;
};

static inline int call_result(long result)
{
	return result < 0 ? -errno : (int)result;
}

static inline int call_open_tree(const char *path, unsigned int flags)
{
	return call_result(syscall(CALL_OPEN_TREE, -100 /* AT_FDCWD */, path, flags));
}

static inline int call_move_mount(int mount_fd, const char *directory)
{
	return call_result(syscall(CALL_MOVE_MOUNT, mount_fd, "", -100 /* AT_FDCWD */, directory,
				   MOVE_F_EMPTY_PATH));
}

static inline int call_fsopen(const char *fs_type)
{
	return call_result(syscall(CALL_FSOPEN, fs_type, CALL_CLOEXEC));
}

static inline int call_fsconfig(int fd, unsigned int command, const char *key, const char *value)
{
	return call_result(syscall(CALL_FSCONFIG, fd, command, key, value, 0));
}

static inline int call_fsmount(int fd, unsigned int attributes)
{
	return call_result(syscall(CALL_FSMOUNT, fd, CALL_CLOEXEC, attributes));
}

static inline int call_mount_setattr(int fd, const struct call_mount_attr *attr)
{
	return call_result(syscall(CALL_MOUNT_SETATTR, fd, "", 0x1000U /* AT_EMPTY_PATH */, attr,
				   sizeof(*attr)));
}

/* mount.c: "mount SOURCE at DIRECTORY: why", with the advice that belongs to the number. Returns
 * `code`. */
int mount_explain(int code, const char *source, const char *directory, struct error *error);
