/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Orphans (design §6): mappings of ours that are mounted in no mount namespace and whose image's
 * lock nobody holds. What somebody else mapped, or by hand, is never touched.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/error.h"
#include "kernel/krbd.h"

#define ORPHANS_LISTED 64

struct orphan {
	int id; /* of /dev/rbdN */
	bool removed;
	char why[128]; /* it is still there; "" where it was removed */
};

struct orphans_done {
	size_t removed;
	size_t held;  /* another call is at work on it, and brings it to an end */
	size_t left;  /* busy, mounted in another namespace, or the deadline passed */
	size_t count; /* of `list`: the first ones */
	struct orphan list[ORPHANS_LISTED];
	char text[1024]; /* "/dev/rbd3 (volume mysql, image kube/db: removed)", ... of all */
};

/* Removes them through a worker of its own, until the deadline. `volume`: only that volume's;
 * NULL: all. Starts no worker where there is nothing to do. May not be called after a cluster was
 * connected. */
int orphans_remove(const char *volume, struct deadline deadline, struct orphans_done *ret,
		   struct error *error);

/* How many of them are orphans at this moment; removes nothing. Where nobody can tell whether one
 * is mounted, it is none. */
size_t orphans_count(const struct mappings *mappings);
