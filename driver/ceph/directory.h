/* SPDX-License-Identifier: Apache-2.0 */
/*
 * For the room: the names in a pool's namespace, without opening an image. Format 2: the omap of
 * rbd_directory has name_<image> with the id; format 1: the object's content, an old tmap of names
 * (ceph: src/cls/rbd/cls_rbd.cc, librbd/api/Image.cc list_images). An image whose removal was cut
 * off stands in the trash only, and `rbd ls` still lists it.
 */
#pragma once

#include "ceph/manage_image.h"
#include "ceph/room.h"

struct directory_wish {
	const char *prefix;
	const char *after;
	size_t limit; /* 0: all */
};

/* In order, `limit` names at most; librbd is loaded. What the cluster says, plain. The page is to
 * be given to image_page_done() in any case. */
int directory_read(rados_ioctx_t io, const struct directory_wish *wish, struct image_page *ret);

/* seen() is called for each image whose removal was cut off, and is only in the trash; other than 0
 * ends it. 0, what seen() returned, or what the cluster says, plain. */
typedef int (*half_removed_seen)(void *context, const char *name, const char *id);
int half_removed_each(rados_ioctx_t io, half_removed_seen seen, void *context);

/* An encoded string: its length in 4 bytes, then itself; *at goes behind it. NULL where there is
 * none. */
const char *encoded_string(const char **at, const char *end, size_t *length);
