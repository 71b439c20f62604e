/* SPDX-License-Identifier: Apache-2.0 */
/* Pools of a cluster, and the namespaces in them. See manage.h for what holds for all calls. */
#pragma once

#include "ceph/manage.h"

#define POOL_APPLICATIONS_MAX 512

struct pool_entry {
	char name[MANAGE_NAME_MAX];
	int64_t id;
	char applications[POOL_APPLICATIONS_MAX]; /* "rbd", "cephfs,rbd", ""; in order, by comma */
};

/* All of them, by name, as the newest osdmap has them. Needs no cap but mon 'profile rbd'. The
 * list is the caller's, to free(). */
int pool_list(struct cluster *cluster, struct pool_entry **ret, size_t *ret_count,
	      struct error *error);

/* -ENOENT: there is none of that name. */
int pool_find(struct cluster *cluster, const char *pool, struct pool_entry *ret,
	      struct error *error);

/* Makes a replicated pool with the cluster's defaults, and initialises it for rbd. 1: made; 0: it
 * was there with the application rbd, or without any (then it is initialised now: somebody's making
 * was cut off); -EEXIST: it belongs to other applications. `ret` is filled in for 0 and 1. The caps
 * that it takes are said by -EACCES. */
int pool_create(struct cluster *cluster, const char *pool, struct pool_entry *ret,
		struct error *error);

struct pool_contents {
	uint64_t images;     /* in all namespaces, format 1 and half-removed ones too */
	uint64_t trash;      /* entries, in all namespaces */
	uint64_t namespaces; /* that hold one of these */
	uint64_t objects; /* others than rbd's own books, where there is nothing of the above: data
			   * of images whose headers are in another pool, somebody else's; counted
			   * up to 1000 */
};

/* What stands against a removal. Reads the whole directory, and as many objects as said. */
int pool_count(struct cluster *cluster, const char *pool, struct pool_contents *ret,
	       struct error *error);

/*
 * Removes a pool for good: only if its applications are exactly `rbd` (-EMEDIUMTYPE otherwise) and
 * pool_count() finds nothing (-ENOTEMPTY; `ret_contents`, which may be NULL, has the counts).
 * Looked at directly before; an image that somebody makes in that moment is lost with it. Images of
 * other pools that have it as their data pool are seen by their objects only: as long as they have
 * none, it is empty. -EACCES:
 * the user's caps; -EPERM: the monitors do not allow the removal of any pool
 * (mon_allow_pool_delete; the advice shows how to set it; never set by us). -EBUSY: another pool is
 * tied to it (cache tier, CephFS). -ENOENT: it is gone already.
 */
int pool_remove(struct cluster *cluster, const char *pool, struct pool_contents *ret_contents,
		struct error *error);

struct namespace_entry {
	char name[MANAGE_NAME_MAX];
};

/* Without the default one, by name. The caller's, to free(). */
int pool_namespaces(struct cluster *cluster, const char *pool, struct namespace_entry **ret,
		    size_t *ret_count, struct error *error);
