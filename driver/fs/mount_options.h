/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option mountOptions: `name,name=value,...` out of a table per file system.
 *
 *   of both            noatime | relatime | strictatime, nodiratime, lazytime, nosuid, nodev,
 *                      noexec, sync, dirsync, discard | nodiscard
 *   ext4               errors=remount-ro (always), commit=1..300 (seconds), data=ordered |
 *                      writeback | journal, delalloc | nodelalloc, auto_da_alloc |
 *                      noauto_da_alloc, stripe=1..1048576 (blocks), prjquota
 *   xfs                logbufs=2..8, logbsize=16k..256k, allocsize=4k..1g, inode64 | inode32,
 *                      largeio, noquota | prjquota
 *
 * What the driver adds itself: ext4 errors=remount-ro, and noload where it is read-only; xfs
 * nouuid (an image, its clones and snapshots have one uuid and may be on one node), and norecovery
 * where it is read-only.
 *
 * A further pod of a volume that is up joins the mount that is there, whatever its own options say:
 * they are those of the first.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

#define MOUNT_OPTIONS_MAX 1024

/* Is the list in order for such a file system? -EINVAL: "mountOptions: ...". */
int mount_options_check(const char *fs_type, const char *list, struct error *error);

/* The driver's own and those of the list, for struct mount_request. -EINVAL, -E2BIG. */
int mount_options_all(const char *fs_type, const char *list, bool read_only,
		      char ret[MOUNT_OPTIONS_MAX], struct error *error);

/* What a mount has, as mountinfo shows it ("rw,noatime" and "rw,errors=remount-ro,stripe=16"), as
 * options to mount it again the same way: those of the table and the driver's own. */
int mount_options_again(const char *fs_type, const char *shown, const char *shown_super,
			bool read_only, char ret[MOUNT_OPTIONS_MAX], struct error *error);
