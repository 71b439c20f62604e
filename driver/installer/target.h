/* SPDX-License-Identifier: Apache-2.0 */
/* Where is installed: the plug-in directory, and ceph~rbd in it. Within this room only. */
#pragma once

#include <errno.h>
#include <limits.h>
#include <stdint.h>

#include "installer/installer.h"

/* What stands under these names is ours, and half done until it is renamed. */
#define STAGED_FOLDER "." INSTALLER_FOLDER
#define NEW_LAUNCHER  "." INSTALLER_LAUNCHER ".new"
#define NEW_VERSION   ".rbd-flexvolume.new"
/* A launcher that nobody is to start any more, and versions that have lost their name: processes
 * may still run those. A number follows. */
#define OFF_LAUNCHER   "." INSTALLER_LAUNCHER ".off"
#define OLD_PREFIX     ".rbd-flexvolume.old"
#define VERSION_PREFIX ".rbd-flexvolume-"

struct target {
	char path[PATH_MAX]; /* the plug-in directory */
	int fd;              /* it; holds the lock */
	char home_path[PATH_MAX + 16];
	int home;    /* ceph~rbd; -1: there is none */
	bool staged; /* the home still has its name with a dot */
};

void target_done(struct target *target);
#define _cleanup_target_ __attribute__((cleanup(target_done)))

/* The named directory, or the one of the distributions' that exists. */
int places_choose(const char *wanted, char ret[PATH_MAX], struct error *error);

/* Opens both, as they are; `ret` must be given to target_done() in any case. */
int target_look(const char *wanted, struct target *ret, struct error *error);
/* The same, after all that can be said against writing there, and locked: one installer after the
 * other. The lock is the plug-in directory's, which nobody of us removes. */
int target_open(const char *wanted, struct target *ret, struct error *error);
/* Without a home: makes one under the name with a dot. */
int target_stage(struct target *target, struct error *error);
/* Gives it its name. */
int target_publish(struct target *target, struct error *error);
/* Is there room for so many bytes? */
int target_has_room(const struct target *target, uint64_t bytes, struct error *error);
