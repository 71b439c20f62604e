/* SPDX-License-Identifier: Apache-2.0 */
/* The trash of a pool's namespace: images that are to be removed later. See manage.h for what holds
 * for all calls. In `where` only pool and namespace count; an entry is named by its image's id,
 * since several may have had one name. */
#pragma once

#include <stdbool.h>

#include "ceph/image.h"
#include "ceph/manage.h"

struct trash_entry {
	char id[IMAGE_ID_MAX];
	char name[MANAGE_NAME_MAX]; /* the old one */
	const char *source;         /* "user", "mirroring", "migration", "user-parent" */
	int64_t deleted;            /* when it was moved here */
	int64_t deferred_until;     /* not to be removed before */
};

/* By name, then id. An entry of the source "migration" is no trash of the user's: it is listed, and
 * refused below (-EBUSY). An image whose removal was cut off is not here but in image_list(). The
 * caller's, to free(). */
int trash_list(struct cluster *cluster, const struct image_name *where, struct trash_entry **ret,
	       size_t *ret_count, struct error *error);

/* `name.image` goes to the trash, with its snapshots; it cannot be removed for `defer` seconds.
 * -EBUSY: somebody has it open (named), or it is migrating, in a group. `ret_id` is the entry's. */
int trash_move(struct cluster *cluster, const struct image_name *name, uint64_t defer,
	       char ret_id[IMAGE_ID_MAX], struct error *error);

/* Comes back under `new_name`, "" being its old one. -ENOENT: there is no such entry. -EEXIST: an
 * image has that name. */
int trash_restore(struct cluster *cluster, const struct image_name *where, const char *id,
		  const char *new_name, struct error *error);

/* For good. -EPERM is the caps; -EAGAIN: its time has not come (said until when) and `force` is not
 * set; -ENOTEMPTY: it has snapshots or children; -EBUSY: somebody has it open. */
int trash_remove(struct cluster *cluster, const struct image_name *where, const char *id,
		 bool force, const struct manage_way *way, struct error *error);
