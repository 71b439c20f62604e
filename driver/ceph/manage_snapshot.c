/* SPDX-License-Identifier: Apache-2.0 */
/* Which snapshots there are. */
#include "ceph/manage_snapshot.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/place.h"

static const char *kind_of(rbd_snap_namespace_type_t type)
{
	switch (type) {
	case RBD_SNAP_NAMESPACE_TYPE_USER:
		return "user";
	case RBD_SNAP_NAMESPACE_TYPE_GROUP:
		return "group";
	case RBD_SNAP_NAMESPACE_TYPE_TRASH:
		return "trash";
	case RBD_SNAP_NAMESPACE_TYPE_MIRROR:
		return "mirror";
	default:
		return "unknown";
	}
}

/* Only the user's can be protected, and be asked for by name. */
static int take_one(rbd_image_t image, const rbd_snap_info_t *info, struct snapshot_entry *ret)
{
	rbd_snap_namespace_type_t kind;
	struct timespec created = {0};
	int is_protected = 0;
	int r = rbd.rbd_snap_get_namespace_type(image, info->id, &kind);

	if (r == 0)
		r = rbd.rbd_snap_get_timestamp(image, info->id, &created);
	if (r == 0 && kind == RBD_SNAP_NAMESPACE_TYPE_USER)
		r = rbd.rbd_snap_is_protected(image, info->name, &is_protected);
	if (r < 0)
		return r;
	*ret = (struct snapshot_entry){.id = info->id,
				       .size = info->size,
				       .is_protected = is_protected,
				       .created = created.tv_sec,
				       .kind = kind_of(kind)};
	(void)str_copy(ret->name, sizeof(ret->name), info->name);
	return 0;
}

struct list_work {
	struct place_names names;
	struct snapshot_entry *list;
	size_t count;
};

static int by_id(const void *a, const void *b)
{
	uint64_t first = ((const struct snapshot_entry *)a)->id;
	uint64_t second = ((const struct snapshot_entry *)b)->id;

	return (first > second) - (first < second);
}

static int take_all(rbd_image_t image, struct list_work *work)
{
	_cleanup_free_ rbd_snap_info_t *infos = NULL;
	int count = snapshot_list_all(image, &infos), r = 0;

	if (count < 0)
		return count;
	work->list = calloc((size_t)count + 1, sizeof(*work->list));
	for (int i = 0; work->list && r == 0 && i < count; i++) {
		r = take_one(image, &infos[i], &work->list[work->count]);
		work->count += r == 0;
	}
	rbd.rbd_snap_list_end(infos);
	if (work->list && work->count)
		qsort(work->list, work->count, sizeof(*work->list), by_id);
	return work->list ? r : -ENOMEM;
}

static int list_work(struct cluster *place, void *data, struct error *error)
{
	struct list_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_begin_image(place, &work->names, false, &image, error) < 0)
		return error->code;
	r = take_all(image, work);
	if (r == 0)
		return 0;
	free(TAKE_PTR(work->list));
	work->count = 0;
	return place_error(place, error, r, "list the snapshots of image %s",
			   place_image_text(place, &work->names, text));
}

static void list_drop(void *data)
{
	free(((struct list_work *)data)->list);
}

int snapshot_list(struct cluster *cluster, const struct image_name *name,
		  struct snapshot_entry **ret, size_t *ret_count, struct error *error)
{
	const struct image_name image = {name->pool, name->name_space, name->image, ""};
	struct bounded_way way = place_briefly(cluster, 5000);
	struct list_work work = {.list = NULL};
	int r;

	*ret = NULL;
	*ret_count = 0;
	if (place_take_names(&image, &work.names, error) < 0)
		return error->code;
	way.drop = list_drop;
	r = place_run(cluster, &image, "list the snapshots of image", &way, list_work, &work,
		      sizeof(work), error);
	*ret = work.list;
	*ret_count = work.count;
	return r;
}
