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

/* Features an image is created with: layering and exclusive-lock. size in bytes. -EEXIST where
 * somebody was faster (then it is used as if it had been there). */
int image_create(struct cluster *cluster, const char *image, uint64_t size, struct error *error);

/* Takes back a name that is taken, but without an image: whoever made it, or removed it, was killed
 * in the middle. 1: done; 0: there is no such name, or its image is whole; -EIO: it is damaged
 * rather than unfinished, there is data or a header. Waits 1 s for somebody who is just at it. */
int image_clear_unfinished(struct cluster *cluster, const char *image, struct error *error);

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
/* "layering,exclusive-lock" of the bits. Returns ret. */
const char *image_features_text(uint64_t features, char *ret, unsigned long size);

/* Grows the head to `size` bytes; smaller or equal is nothing to do. -EROFS: the owner of its lock
 * (guard=exclusive) does not give it away. Waits like image_fit_features(). */
int image_grow(struct cluster *cluster, const char *image, uint64_t size, struct error *error);

/* 1: no object of it (nor of a parent, whole objects) is allocated; 0: something is; negative:
 * cannot tell. Gives up at the deadline (-ETIMEDOUT). Leaves no watch. */
int image_is_empty(struct cluster *cluster, const char *image, struct deadline deadline,
		   struct error *error);
