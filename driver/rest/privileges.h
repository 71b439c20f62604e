/* SPDX-License-Identifier: Apache-2.0 */
/* From root to a user that has nothing, once files are read and the port is bound. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

struct identity {
	bool change; /* root is at work: there is something to give up */
	uid_t user;
	gid_t group;
	char name[64];
};

/* `name` NULL: nobody. -ENOENT: there is no such user; -EPERM: another user than root asks for it.
 */
int privileges_find(const char *name, struct identity *ret, struct error *error);

/* A file that only root can read, as a file in memory that the identity can read: "/proc/self/fd/N"
 * in `ret`, for as long as the process lives. */
int privileges_carry(const struct identity *identity, const char *path, char ret[64],
		     struct error *error);

/* For good; new programs get no privileges either. */
int privileges_drop(const struct identity *identity, struct error *error);
