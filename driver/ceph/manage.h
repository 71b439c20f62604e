/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What holds for all of manage_*.h: the managing of pools and images by people and by rbd-rest.
 *
 * - Sizes, offsets and lengths are bytes; times are seconds since 1970, 0 where the cluster has
 *   none.
 * - `struct image_name` says where: no member NULL, "" is none. Each call opens its own pool;
 *   cluster_use_pool() plays no part. Any number of threads may call at once on one connection.
 * - 0 (or what is said) or a negative errno with a sentence in `error`. Everywhere:
 *     -ENOENT        there is no such pool, namespace, image, snapshot (the sentence says which)
 *     -EPERM, -EACCES  the user's caps, with the command that gives them
 *     -ETIMEDOUT     the cluster did not answer in time; see cluster_is_stuck()
 *     -ESHUTDOWN     this client was shut out (blocklisted): only a new connection helps
 *     -ENOSPC, -EDQUOT  the pool or cluster is full, its quota is reached
 *     -ENAMETOOLONG  a name that nothing can have
 *     -ECANCELED     progress() asked for the end
 *     -EBUSY, -ENOTEMPTY, -EEXIST  a state that the caller can do something about
 * - What only reads opens images read-only and leaves no watch.
 * - The library is loaded by the first call that needs it (-ENOENT from the loader is said as
 *   -ENOSYS here).
 */
#pragma once

#include "base/deadline.h"
#include "base/names.h"
#include "ceph/cluster.h"

#define MANAGE_NAME_MAX                                                          \
	256 /* with the terminating byte, of any name of a pool, image, snapshot \
	     */

/*
 * How a call that may take long (an image has up to millions of objects) is watched. NULL, or
 * all zero: no progress, no deadline. It is given up in any case (-ETIMEDOUT) when the cluster is
 * silent, that is without any progress, for the connection's time-out and 45 s more (as long as it
 * takes to break the lock of a dead client).
 *
 * progress() is called by another thread, but never by two at once and never after the call has
 * returned. `done` of `total` are in units of the call's own (objects, bytes; only their ratio
 * matters). Something else than 0 aborts: -ECANCELED. A resize, a removal, a rollback that was
 * aborted or given up may be done in part, and can be called again.
 */
struct manage_way {
	struct deadline deadline; /* {0}: none */
	int (*progress)(void *context, uint64_t done, uint64_t total);
	void *context;
};
