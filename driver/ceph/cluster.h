/* SPDX-License-Identifier: Apache-2.0 */
/* One connection to one cluster, and one pool in it. */
#pragma once

#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"
#include "base/names.h"

struct cluster_access {
	const char *monitors; /* comma list; "": ceph.conf's */
	const char *conf;     /* "/etc/ceph/ceph.conf", read only where monitors is "" */
	const char *user;     /* without "client." */
	const char *key;      /* base64 */
};

struct cluster;

/* Loads librados, connects. Timeouts of librados (client_mount_timeout, rados_mon_op_timeout,
 * rados_osd_op_timeout) are set from `timeout` (milliseconds). The key goes into the client's
 * memory only. */
int cluster_connect(const struct cluster_access *access, int64_t timeout, struct cluster **ret,
		    struct error *error);
/* NULL is allowed. May be skipped before _exit(). */
void cluster_close(struct cluster *cluster);
static inline void cleanup_cluster(struct cluster **cluster)
{
	cluster_close(*cluster);
}
#define _cleanup_cluster_ __attribute__((cleanup(cleanup_cluster)))

const char *cluster_fsid(struct cluster *cluster);

/* The pool (and namespace) that the image functions below work in. -ENOENT names the pool. */
int cluster_use_pool(struct cluster *cluster, const char *pool, const char *name_space,
		     struct error *error);

/* Blocklists a client ("10.77.0.11:0/123456789", as sysfs' client_addr has it) for `seconds` and
 * waits until this client has the new osdmap and every OSD that serves `image_id` has been spoken
 * to with it (512 objects spread over the image; in its data pool where it has one, which the user
 * must be allowed to read). On failure the client may be on the list already. */
int cluster_fence(struct cluster *cluster, const char *client_address, unsigned int seconds,
		  const char *image_id, struct error *error);
