/* SPDX-License-Identifier: Apache-2.0 */
/* Snapshots of an image. See manage.h for what holds for all calls. `name.snapshot` is the one that
 * is meant. A clone of one is made by image_make() (manage_change.h) with plan->parent. */
#pragma once

#include <stdbool.h>

#include "ceph/manage.h"

struct snapshot_entry {
	uint64_t id;
	char name[MANAGE_NAME_MAX];
	uint64_t size; /* bytes */
	bool is_protected;
	int64_t created;
	/* "user"; others are not the user's to touch: "group", "trash" (removed, but a clone of
	 * format 2 needs it), "mirror" */
	const char *kind;
};

/* By id, that is in the order of their making. The caller's, to free(). */
int snapshot_list(struct cluster *cluster, const struct image_name *name,
		  struct snapshot_entry **ret, size_t *ret_count, struct error *error);

/* -EEXIST: there is one of that name. -EROFS: the owner of the lock does not give it away (mapped
 * with guard=exclusive). */
int snapshot_create(struct cluster *cluster, const struct image_name *name, struct error *error);

/* -EBUSY: it is protected. One that has clones of format 2 lives on in the trash until they are
 * gone. */
int snapshot_remove(struct cluster *cluster, const struct image_name *name,
		    const struct manage_way *way, struct error *error);

/* Protected already, or not protected: 0. -EBUSY: clones hang on it; they are named. */
int snapshot_protect(struct cluster *cluster, const struct image_name *name, struct error *error);
int snapshot_unprotect(struct cluster *cluster, const struct image_name *name, struct error *error);

/* The image becomes what it was at the snapshot, its size too; everything newer is lost. -EBUSY:
 * somebody has it open (named). */
int snapshot_rollback(struct cluster *cluster, const struct image_name *name,
		      const struct manage_way *way, struct error *error);
