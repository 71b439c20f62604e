/* SPDX-License-Identifier: Apache-2.0 */
/* All that is to be known of one image. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/manage_image.h"
#include "ceph/place.h"

struct info_work {
	struct place_names names;
	struct image_info info;
};

static int take_shape(rbd_image_t image, struct image_info *info)
{
	rbd_image_info_t stat;
	uint8_t old = 0;
	int r = rbd.rbd_stat(image, &stat, sizeof(stat));

	if (r == 0)
		r = rbd.rbd_get_old_format(image, &old);
	if (r == 0)
		r = rbd.rbd_get_block_name_prefix(image, info->prefix, sizeof(info->prefix));
	if (r == 0)
		r = rbd.rbd_get_stripe_unit(image, &info->stripe_unit);
	if (r == 0)
		r = rbd.rbd_get_stripe_count(image, &info->stripe_count);
	if (r == 0 && !old)
		r = rbd.rbd_get_id(image, info->id, sizeof(info->id));
	if (r < 0)
		return r;
	info->format = old ? 1 : 2;
	info->size = stat.size;
	info->order = (unsigned int)stat.order;
	info->object_size = stat.obj_size;
	info->objects = stat.num_objs;
	return 0;
}

static int take_features(rbd_image_t image, struct image_info *info)
{
	uint64_t flags = 0;
	int r = rbd.rbd_get_features(image, &info->features);

	if (r == 0)
		r = rbd.rbd_get_flags(image, &flags);
	info->object_map_invalid = flags & RBD_FLAG_OBJECT_MAP_INVALID;
	info->fast_diff_invalid = flags & RBD_FLAG_FAST_DIFF_INVALID;
	return r;
}

static int take_times(rbd_image_t image, struct image_info *info)
{
	struct timespec created = {0}, accessed = {0}, modified = {0};
	int r = 0;

	if (info->format == 1)
		return 0;
	r = rbd.rbd_get_create_timestamp(image, &created);
	if (r == 0)
		r = rbd.rbd_get_access_timestamp(image, &accessed);
	if (r == 0)
		r = rbd.rbd_get_modify_timestamp(image, &modified);
	info->created = created.tv_sec;
	info->accessed = accessed.tv_sec;
	info->modified = modified.tv_sec;
	return r;
}

static int take_data_pool(struct cluster *place, rbd_image_t image, struct image_info *info)
{
	int64_t id = rbd.rbd_get_data_pool_id(image);
	int r;

	if (id < 0 || id == rados.rados_ioctx_get_id(place->io))
		return id < 0 ? (int)id : 0;
	r = rados.rados_pool_reverse_lookup(place->rados, id, info->data_pool,
					    sizeof(info->data_pool));
	return r < 0 ? r : 0;
}

static int take_parent(rbd_image_t image, struct image_info *info)
{
	rbd_linked_image_spec_t parent;
	rbd_snap_spec_t snapshot;
	int r = rbd.rbd_get_parent(image, &parent, &snapshot);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	(void)str_copy(info->parent_pool, sizeof(info->parent_pool), parent.pool_name);
	(void)str_copy(info->parent_namespace, sizeof(info->parent_namespace),
		       parent.pool_namespace);
	(void)str_copy(info->parent_image, sizeof(info->parent_image), parent.image_name);
	(void)str_copy(info->parent_id, sizeof(info->parent_id), parent.image_id);
	(void)str_copy(info->parent_snapshot, sizeof(info->parent_snapshot), snapshot.name);
	info->parent_in_trash = parent.trash;
	rbd.rbd_linked_image_spec_cleanup(&parent);
	rbd.rbd_snap_spec_cleanup(&snapshot);
	return rbd.rbd_get_overlap(image, &info->overlap);
}

static int count_snapshots(rbd_image_t image, struct image_info *info)
{
	_cleanup_free_ rbd_snap_info_t *list = NULL;
	rbd_snap_namespace_type_t kind;
	int count = snapshot_list_all(image, &list), r = count;

	for (int i = 0; r >= 0 && i < count; i++) {
		r = rbd.rbd_snap_get_namespace_type(image, list[i].id, &kind);
		info->snapshots += r == 0 && kind == RBD_SNAP_NAMESPACE_TYPE_USER;
	}
	if (count >= 0)
		rbd.rbd_snap_list_end(list);
	return r < 0 ? r : 0;
}

/* From the header object; those of another image that has this name by now would be wrong. */
static int take_records(struct cluster *place, const struct info_work *work,
			struct image_info *info, struct error *error)
{
	struct image_header header;
	char text[IMAGE_TEXT_MAX];

	if (info->format == 1)
		return 0;
	if (image_read_header(place, work->names.image, &header, error) < 0)
		return error->code;
	if (!str_eq(header.id, info->id))
		return error_set(error, -ESTALE, "image %s was replaced by another in this moment",
				 place_image_text(place, &work->names, text));
	memcpy(info->record_format, header.format, sizeof(header.format));
	memcpy(info->record_holder, header.holder, sizeof(header.holder));
	info->locked = header.locked;
	return 0;
}

static int info_work(struct cluster *place, void *data, struct error *error)
{
	struct info_work *work = data;
	struct image_info *info = &work->info;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_begin_image(place, &work->names, false, &image, error) < 0)
		return error->code;
	r = take_shape(image, info);
	if (r == 0)
		r = take_features(image, info);
	if (r == 0)
		r = take_times(image, info);
	if (r == 0)
		r = take_data_pool(place, image, info);
	if (r == 0)
		r = take_parent(image, info);
	if (r == 0)
		r = count_snapshots(image, info);
	place_image_text(place, &work->names, text);
	if (r < 0)
		return place_error(place, error, r, "look at image %s", text);
	if (place_watchers(place, image, false, text, &info->watchers, error) < 0)
		return error->code;
	return take_records(place, work, info, error);
}

int image_info(struct cluster *cluster, const struct image_name *name, struct image_info *ret,
	       struct error *error)
{
	const struct bounded_way way = place_briefly(cluster, 5000);
	struct info_work work = {.info = {.id = ""}};
	int r;

	if (place_take_names(name, &work.names, error) < 0)
		return error->code;
	r = place_run(cluster, name, "look at image", &way, info_work, &work, sizeof(work), error);
	if (r == 0)
		*ret = work.info;
	return r;
}
