/* SPDX-License-Identifier: Apache-2.0 */
/* For the room: what the calls on pools share. Each only in bounded_run(). */
#pragma once

#include "ceph/manage_pool.h"
#include "ceph/place.h"

struct pools {
	struct pool_entry *list;
	size_t count;
};

struct namespaces {
	struct namespace_entry *list;
	size_t count;
};

/* Waits for the newest osdmap. */
int pools_refresh(struct cluster *place, struct error *error);
/* What librados says, plain. */
int pools_read_one(struct cluster *place, const char *pool, struct pool_entry *ret);
/* By the newest osdmap; -ENOENT is said. */
int pools_find(struct cluster *place, const char *pool, struct pool_entry *ret,
	       struct error *error);
/* What librbd says, plain. The list is to be freed. */
int pools_namespaces(rados_ioctx_t io, struct namespaces *ret);
/* pool_count(), of the place's pool, opened. */
int pools_count(struct cluster *place, struct pool_contents *ret, struct error *error);
/* A command for the monitors, `prefix` with the pool's name in `key`, and more JSON (", ...") or
 * "". What they said in words is in `words`, one line. */
int pools_command(struct cluster *place, const char *prefix, const char *key, const char *pool,
		  const char *more, char words[256]);
