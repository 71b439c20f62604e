/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Images: making, changing, removing them. See manage.h for what holds for all calls. Whoever has
 * an image open for writing watches it, a mapping of this or another node's kernel, too: "watched"
 * below is -EBUSY with the addresses. An own thread that changes the same image counts as well.
 * (`name.snapshot` is not looked at, unless said.)
 */
#pragma once

#include "ceph/image.h"
#include "ceph/manage.h"

struct image_made {
	char id[IMAGE_ID_MAX];
	uint64_t size;
	uint64_t features;
};

/* image_create() (its plan, its refusals) for any pool. 1: made; 0: an image of that name was
 * there, and nothing was done to it: `ret` has its size and features, to be compared with what was
 * asked for. What an interrupted making or removal left under the name, without data, is cleared
 * first. */
int image_make(struct cluster *cluster, const struct image_name *name,
	       const struct image_plan *plan, struct image_made *ret, struct error *error);

/* To `size` bytes; the same size is nothing to do. -EFBIG: smaller, without allow_shrink; smaller
 * and watched: -EBUSY; to grow it may be watched. -EROFS: the owner of its lock does not give it
 * away (mapped with guard=exclusive). `way` may be NULL. */
int image_resize(struct cluster *cluster, const struct image_name *name, uint64_t size,
		 bool allow_shrink, const struct manage_way *way, struct error *error);

/* For good. -EBUSY: watched, in a group, migrating; -ENOTEMPTY: it has snapshots or children, named
 * in the sentence. Takes up a removal that was cut off. -ENOENT where it is gone. */
int image_remove(struct cluster *cluster, const struct image_name *name,
		 const struct manage_way *way, struct error *error);

/* A list by commas, spaces or both; order does not matter, a name twice is the same as once.
 * -EINVAL: an unknown name (with the nearest), none at all. Needs no cluster. */
int image_features_named(const char *text, uint64_t *ret, struct error *error);

/*
 * Switches these features off, or on. What is so already is passed over; what hangs on it goes or
 * comes with it (exclusive-lock off: object-map, fast-diff, journaling too; fast-diff on:
 * object-map and exclusive-lock too). `ret_changed` (may be NULL): what was changed, 0: nothing.
 * -ENOTSUP: one that is fixed, by its name and why; journaling off on a mirrored image. Refused as
 * a whole, before anything is changed. -EBUSY: watched. -EROFS as image_resize(). An object map
 * that is switched on over existing data is invalid until `rbd object-map rebuild`, see image_info.
 */
int image_features_off(struct cluster *cluster, const struct image_name *name, uint64_t features,
		       uint64_t *ret_changed, struct error *error);
int image_features_on(struct cluster *cluster, const struct image_name *name, uint64_t features,
		      uint64_t *ret_changed, struct error *error);

/* Takes our record (IMAGE_RECORD_FORMAT, IMAGE_RECORD_HOLDER) off the image. 1: it had one; 0:
 * none. The caller has told the risk (design §5): without the format record an interrupted first
 * format is never taken up, and what was formatted once is not kept from a second; without the
 * holder a lost node is not fenced. -EBUSY: watched, or the record was changed in that moment. */
int image_clear_record(struct cluster *cluster, const struct image_name *name, const char *record,
		       struct error *error);

/* The clone becomes independent of its parent. -EINVAL: it has none. -EROFS as above. May be
 * watched. */
int image_flatten(struct cluster *cluster, const struct image_name *name,
		  const struct manage_way *way, struct error *error);
