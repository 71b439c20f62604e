/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to one cluster, and one pool in it. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/names.h"

struct cluster_access {
	const char *monitors; /* comma list; "": ceph.conf's */
	const char *conf;     /* "/etc/ceph/ceph.conf", read only where monitors is "" */
	const char *user;     /* without "client." */
	const char *key;      /* base64 */
	/* of librados, for callbacks; 0: one, which is enough for the driver's own calls, but not
	 * for those of manage_*.h: librbd waits in a callback for another one (rbd_snap_unprotect)
	 */
	unsigned int threads;
};

struct cluster;

/* Loads librados, connects. Timeouts of librados (client_mount_timeout, rados_mon_op_timeout,
 * rados_osd_op_timeout) are set from `timeout` (milliseconds). The key goes into the client's
 * memory only. */
int cluster_connect(const struct cluster_access *access, int64_t timeout, struct cluster **ret,
		    struct error *error);

/* One more owner of the connection, who gives it back with cluster_close() as well: so a server can
 * put a new connection in the place of one that others still work with. Returns `cluster`. */
struct cluster *cluster_keep(struct cluster *cluster);
/* The last owner's tears it down, which waits for calls in work. A call that never came back keeps
 * it (and its threads) for itself. NULL is allowed. May be skipped before _exit(). */
void cluster_close(struct cluster *cluster);
static inline void cleanup_cluster(struct cluster **cluster)
{
	cluster_close(*cluster);
}
#define _cleanup_cluster_ __attribute__((cleanup(cleanup_cluster)))

const char *cluster_fsid(struct cluster *cluster);

/* At this moment there is a call in the library that was given up and has not come back. It stands
 * in nobody's way, but costs a thread; a server takes it as the sign to connect anew (and to close
 * this one). May turn false again: the cluster has answered at last. Any thread. */
bool cluster_is_stuck(const struct cluster *cluster);

/* Do the monitors answer before the deadline? One question to them, which is not asked while an
 * earlier one is still without an answer: -ETIMEDOUT then, at once. It says nothing of a client
 * that the OSDs have shut out (blocklisted): that the calls that do something say, -ESHUTDOWN. */
int cluster_ping(struct cluster *cluster, struct deadline deadline, struct error *error);

/* The pool (and namespace) that the image functions below work in. -ENOENT names the pool. */
int cluster_use_pool(struct cluster *cluster, const char *pool, const char *name_space,
		     struct error *error);

/* Blocklists a client ("10.77.0.11:0/123456789", as sysfs' client_addr has it) for `seconds` and
 * waits until this client has the new osdmap and every OSD that serves `image_id` has been spoken
 * to with it (512 objects spread over the image; in its data pool where it has one, which the user
 * must be allowed to read). On failure the client may be on the list already. */
int cluster_fence(struct cluster *cluster, const char *client_address, unsigned int seconds,
		  const char *image_id, struct error *error);
