/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One image, as librados alone can see it (its id, header, records: fast, leaves no watch), and
 * what takes librbd (create, features, growth, the proof of emptiness, removal).
 * Format 2 layout: rbd_id.<name> holds the id, rbd_header.<id> the metadata (ceph: doc/dev/rbd,
 * src/cls/rbd/cls_rbd.cc).
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "ceph/cluster.h"

#define IMAGE_ID_MAX     128
#define IMAGE_RECORD_MAX 512

struct image_header {
	char id[IMAGE_ID_MAX];
	uint64_t features;
	uint64_t size; /* bytes of the head */
	/* our records (design §5), "" where there is none */
	char format[IMAGE_RECORD_MAX]; /* rbd-flexvolume.format */
	char holder[IMAGE_RECORD_MAX]; /* rbd-flexvolume.holder */
	bool locked;                   /* somebody owns the exclusive lock (lock.rbd_lock) */
};

/* -ENOENT: no such image (only that; a missing pool was refused before). -ENOTSUP: it has the old
 * format 1. A header that is missing although the id is there (being made or removed) is waited
 * for, 1 s, then it is -EIO. */
int image_read_header(struct cluster *cluster, const char *image, struct image_header *ret,
		      struct error *error);

/* Store a record on the header object, empty text removes it (also where there is none). -ENOENT:
 * there is no such header; it is never made by this. */
#define IMAGE_RECORD_FORMAT "rbd-flexvolume.format"
#define IMAGE_RECORD_HOLDER "rbd-flexvolume.holder"
int image_write_record(struct cluster *cluster, const char *image_id, const char *record,
		       const char *text, struct error *error);

/* -ENOENT names image, snapshot and those that there are. Sets header->size to the snapshot's. */
int image_read_snapshot(struct cluster *cluster, const char *image, const char *snapshot,
			struct image_header *header, struct error *error);

/* How a missing image is made. Of an image that is there it says nothing: that keeps its features,
 * its data pool and its parent, whatever they are (design §4: only `size` may make it larger). */
struct image_plan {
	uint64_t size;            /* bytes; with a parent, 0 is the parent's */
	uint64_t features;        /* as image_features_parse() gave them */
	const char *data_pool;    /* "": the image's own pool */
	struct image_name parent; /* it becomes a clone of this snapshot; .image "": of none */
	uint64_t parent_max;      /* bytes that the parent may have at most; 0: any */
	uint64_t supported;       /* the kernel's bits: UINT64_MAX where none is known here */
};

/* -EEXIST where somebody was faster (then it is used as if it had been there). A clone is as large
 * as its parent (image_grow() makes it larger); it is of format 2 where cluster and kernel
 * allow it, else of format 1, for which the snapshot must be protected. What is missing - a pool, a
 * cap on one, the parent, its protection - is refused by name, and nothing is made. */
int image_create(struct cluster *cluster, const char *image, const struct image_plan *plan,
		 struct error *error);

/* An image that is there, has no record of ours, and should be a clone: -EUCLEAN where it has
 * neither a parent nor data, since its making was cut off before it got its parent. Waits 2 s for
 * somebody who is just at it. A clone that was flattened is none of these. */
int image_refuse_half_clone(struct cluster *cluster, const char *image,
			    const struct image_name *parent, struct error *error);

/* Takes back a name that is taken, but without an image: whoever made it, or removed it, was killed
 * in the middle. 1: done; 0: there is no such name, or its image is whole; -EIO: it is damaged
 * rather than unfinished, there is data (in its own pool, or in `data_pool` where that is not "")
 * or a header. Waits 1 s for somebody who is just at it. */
int image_clear_unfinished(struct cluster *cluster, const char *image, const char *data_pool,
			   struct error *error);

/* Removes an image that this call made and nobody has used: same id, no record of ours but
 * `own_format`, which this call wrote, no allocated object, no snapshot, no watcher; otherwise
 * -EBUSY, and the error says what keeps it. */
int image_remove_unused(struct cluster *cluster, const char *image, const char *image_id,
			const char *own_format, struct error *error);

/* Takes away what `supported` (the kernel's bits) lacks: the minimal mutable set with its
 * dependents, in one call. 0: nothing to do or done; -ENOTSUP names the feature that cannot be
 * taken away, or says that the image is mirrored; -EBUSY: somebody else has it open; -EROFS: the
 * owner of its lock does not give it away. `header` tells the present features. May wait for the
 * watch of a dead owner to expire: 45 s more than the connection's time-out at most. */
int image_fit_features(struct cluster *cluster, const char *image,
		       const struct image_header *header, uint64_t supported, struct error *error);
/* The bits that have to go for this kernel, dependents included, also such as cannot be taken away
 * (image_fit_features() refuses then); 0: it fits. */
uint64_t image_features_to_disable(uint64_t features, uint64_t supported);
/* Whether a kernel with `supported` reads what is there, for a volume that changes nothing:
 * -ENOTSUP names the feature that is in the way, an image in migration too. */
int image_refuse_unreadable(const char *text, uint64_t features, uint64_t supported,
			    struct error *error);

/* Grows the head to `size` bytes; smaller or equal is nothing to do. -EROFS: the owner of its lock
 * (guard=exclusive) does not give it away. Waits like image_fit_features(). */
int image_grow(struct cluster *cluster, const char *image, uint64_t size, struct error *error);

/* 1: no object of it (nor of a parent, whole objects) is allocated; 0: something is; negative:
 * cannot tell. Gives up at the deadline (-ETIMEDOUT). Leaves no watch. */
int image_is_empty(struct cluster *cluster, const char *image, struct deadline deadline,
		   struct error *error);
