/* SPDX-License-Identifier: Apache-2.0 */
/* A snapshot by its name: to be mapped, or to be cloned. */
#include <errno.h>
#include <rbd/features.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

static int refuse_missing(const char *text, const char *snapshot, const rbd_snap_info_t *list,
			  int count, struct error *error)
{
	_cleanup_text_ struct text names = {0};

	for (int i = 0; i < count && names.length < 200; i++)
		text_printf(&names, "%s%s", i ? ", " : "", list[i].name);
	error_set(error, -ENOENT, "image %s has no snapshot %s", text, snapshot);
	if (count == 0)
		return error_advise(error, "it has none at all: `rbd snap create %s@%s`", text,
				    snapshot);
	return error_advise(error, "`rbd snap ls %s` lists those it has: %s", text,
			    names.data ? names.data : "");
}

static int find(const char *text, const char *snapshot, const rbd_snap_info_t *list, int count,
		uint64_t *size, struct error *error)
{
	for (int i = 0; i < count; i++)
		if (str_eq(list[i].name, snapshot)) {
			*size = list[i].size;
			return 0;
		}
	return refuse_missing(text, snapshot, list, count, error);
}

int snapshot_list_all(rbd_image_t image, rbd_snap_info_t **ret)
{
	int room = 16, r = -ERANGE; /* with the one that ends the list */

	for (int tries = 0; r == -ERANGE && tries < 4; tries++) {
		rbd_snap_info_t *more = realloc(*ret, (size_t)room * sizeof(*more));

		if (!more)
			return -ENOMEM;
		*ret = more;
		r = rbd.rbd_snap_list(image, more, &room);
	}
	return r;
}

int snapshot_find(struct cluster *cluster, rbd_image_t image, const char *text,
		  const char *snapshot, uint64_t *size, struct error *error)
{
	_cleanup_free_ rbd_snap_info_t *list = NULL;
	int r = snapshot_list_all(image, &list);

	if (r < 0)
		return cluster_error(cluster, error, r, "list the snapshots of image %s", text);
	r = find(text, snapshot, list, r, size, error);
	rbd.rbd_snap_list_end(list);
	return r;
}

struct snapshot_work {
	char image[256];
	char snapshot[256];
	uint64_t size;
};

static int snapshot_work(struct cluster *cluster, void *data, struct error *error)
{
	struct snapshot_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];

	if (image_open(cluster, work->image, false, &image, error) < 0)
		return error->code;
	return snapshot_find(cluster, image, cluster_image_text(cluster, work->image, text),
			     work->snapshot, &work->size, error);
}

int image_read_snapshot(struct cluster *cluster, const char *image, const char *snapshot,
			struct image_header *header, struct error *error)
{
	struct snapshot_work work = {.size = 0};
	char text[IMAGE_TEXT_MAX];
	int r;

	if (ceph_load_rbd(error) < 0)
		return error->code;
	if (str_copy(work.image, sizeof(work.image), image) < 0 ||
	    str_copy(work.snapshot, sizeof(work.snapshot), snapshot) < 0)
		return error_set(error, -ENAMETOOLONG,
				 "the image's or snapshot's name is too long");
	r = bounded_run(cluster, bounded_deadline(cluster, 2000), snapshot_work, &work,
			sizeof(work), error);
	if (r < 0)
		return cluster->stuck
			       ? error_prefix(error, "look for snapshot %s of image %s", snapshot,
					      cluster_image_text(cluster, image, text))
			       : r;
	header->size = work.size;
	return 0;
}
