/* SPDX-License-Identifier: Apache-2.0 */
/* Images: looking at them. See manage.h for what holds for all calls, manage_change.h for changes.
 */
#pragma once

#include <stdbool.h>

#include "ceph/image.h"
#include "ceph/manage.h"
#include "ceph/watchers.h"

struct image_entry {
	char name[MANAGE_NAME_MAX];
	char id[IMAGE_ID_MAX]; /* "" for format 1 */

	/* from here on image_list_details() */
	bool known;        /* it was filled in; false: the image is gone meanwhile, or... */
	int failed;        /* ...a negative errno: it could not be opened (half made, say) */
	uint64_t size;     /* bytes */
	uint64_t features; /* image_features_text() */
	unsigned int watchers;
	bool locked; /* somebody owns its exclusive lock: `rbd ls -l` has this */
};

struct image_page {
	struct image_entry *list; /* free(); by name (bytewise) */
	size_t count;
	bool more; /* the next page begins after the last name of this one */
};
void image_page_done(struct image_page *page); /* may be all zero */
#define _cleanup_image_page_ __attribute__((cleanup(image_page_done)))

/* `where.image` and `.snapshot` are not looked at. Names that begin with `prefix` ("": all), that
 * come after `after` ("": from the start), `limit` at most (0: all). No image is opened: one read
 * of the pool's directory per 1,024 names. The same set as `rbd ls`: format 1 and images whose
 * removal was cut off too. */
int image_list(struct cluster *cluster, const struct image_name *where, const char *prefix,
	       const char *after, size_t limit, struct image_page *ret, struct error *error);

/* Fills in the rest of each entry, 16 images at once; each is opened read-only. What became of one
 * is told in its entry, and is no failure of the call. `way` may be NULL; its progress is in
 * images. */
int image_list_details(struct cluster *cluster, const struct image_name *where,
		       struct image_page *page, const struct manage_way *way, struct error *error);

struct image_info {
	char id[IMAGE_ID_MAX]; /* "" for format 1 */
	unsigned int format;   /* 1 or 2 */
	uint64_t size;         /* bytes; with `name.snapshot`, the snapshot's */
	unsigned int order;    /* of the objects: 22 for 4 MiB */
	uint64_t object_size;  /* bytes, 1 << order */
	uint64_t objects;      /* as many as there can be */
	char prefix[64];       /* of the data objects' names, "rbd_data.1234" */
	uint64_t features;     /* image_features_text(); 0 for format 1 */
	bool object_map_invalid;
	bool fast_diff_invalid;
	uint64_t stripe_unit; /* bytes; as object_size where it is not striped */
	uint64_t stripe_count;
	char data_pool[MANAGE_NAME_MAX]; /* "": its own */
	int64_t created, accessed, modified;
	unsigned int snapshots; /* the user's; others (trash, group, mirror) are not counted */

	/* "" in parent_image: none. A parent in the trash has its old name */
	char parent_pool[MANAGE_NAME_MAX];
	char parent_namespace[MANAGE_NAME_MAX];
	char parent_image[MANAGE_NAME_MAX];
	char parent_snapshot[MANAGE_NAME_MAX];
	char parent_id[IMAGE_ID_MAX];
	bool parent_in_trash;
	uint64_t overlap; /* bytes that may come from the parent */

	char record_format[IMAGE_RECORD_MAX]; /* our records (design §5), "": none */
	char record_holder[IMAGE_RECORD_MAX];
	bool locked; /* somebody owns the exclusive lock */

	/* everybody who has it open for writing, with addresses; `alive` is not asked (true): that
	 * takes watchers_ask(), which speaks to them */
	struct watchers watchers;
};

/* `name.snapshot` may be "". */
int image_info(struct cluster *cluster, const struct image_name *name, struct image_info *ret,
	       struct error *error);

struct image_extents_wish {
	bool whole_objects; /* fast where object map and fast-diff are valid; else exact bytes */
	bool with_parent;   /* also what a clone has from its parent, as `rbd diff` does */
	/* may be NULL. In the order of the offsets, never overlapping, only what exists; not
	 * merged. By another thread, as progress() is. Other than 0 ends the call with -ECANCELED.
	 */
	int (*extent)(void *context, uint64_t offset, uint64_t length);
	void *context;
	struct manage_way way; /* its progress is in bytes of the image */
};

struct image_extents {
	uint64_t size;  /* of the image or snapshot */
	uint64_t bytes; /* the sum of the extents: rest.md's "allocation" with with_parent false */
	uint64_t count;
	bool exact; /* !whole_objects */
	bool fast;  /* whole objects, and the object map was valid: no object was looked at */
};

/* A diff from the beginning of time over the whole image (or `name.snapshot`). */
int image_extents(struct cluster *cluster, const struct image_name *name,
		  const struct image_extents_wish *wish, struct image_extents *ret,
		  struct error *error);
