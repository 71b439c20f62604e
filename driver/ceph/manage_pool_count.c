/* SPDX-License-Identifier: Apache-2.0 */
/* What is in a pool that somebody wants to remove. */
#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "ceph/directory.h"
#include "ceph/manage_pools.h"

#define ENOUGH_OBJECTS 1000

static int count_images(rados_ioctx_t io, uint64_t *ret)
{
	const struct directory_wish all = {"", "", 0};
	_cleanup_image_page_ struct image_page page = {0};
	int r = directory_read(io, &all, &page);

	*ret = page.count;
	return r;
}

static int count_trash(rados_ioctx_t io, uint64_t *ret)
{
	_cleanup_trash_ struct trash trash = {0};
	int r = trash_read(io, &trash);

	*ret = trash.count;
	return r;
}

static int count_in(struct cluster *place, const char *name_space, struct pool_contents *ret)
{
	_cleanup_io_ rados_ioctx_t io = NULL;
	uint64_t images = 0, trash = 0;
	int r = pool_open(place, place->pool, name_space, &io);

	if (r == 0)
		r = count_images(io, &images);
	if (r == 0)
		r = count_trash(io, &trash);
	ret->images += images;
	ret->trash += trash;
	ret->namespaces += *name_space && images + trash > 0;
	return r;
}

static int count_in_all(struct cluster *place, struct pool_contents *ret)
{
	struct namespaces spaces = {0};
	int r = pools_namespaces(place->io, &spaces);

	if (r == 0)
		r = count_in(place, "", ret);
	for (size_t i = 0; r == 0 && i < spaces.count; i++)
		r = count_in(place, spaces.list[i].name, ret);
	free(spaces.list);
	return r;
}

/* rbd's own books: the rest is somebody's data (ceph: src/include/rbd_types.h). */
static bool is_a_book(const char *object)
{
	static const char *const books[] = {"rbd_directory",
					    "rbd_info",
					    "rbd_children",
					    "rbd_trash",
					    "rbd_namespace",
					    "rbd_trash_trash_snapshot_schedule",
					    "rbd_trash_purge_schedule",
					    "rbd_task",
					    "rbd_mirroring",
					    "rbd_mirror_leader",
					    "rbd_mirror_snapshot_schedule",
					    "rbd_group_directory"};

	for (size_t i = 0; i < ARRAY_SIZE(books); i++)
		if (str_eq(object, books[i]))
			return true;
	return false;
}

/* In all namespaces, also those that rbd does not know of. */
static int count_objects(struct cluster *place, uint64_t *ret)
{
	_cleanup_io_ rados_ioctx_t io = NULL;
	rados_list_ctx_t list = NULL;
	const char *object = "", *key, *name_space;
	int r = pool_open(place, place->pool, LIBRADOS_ALL_NSPACES, &io);

	if (r == 0)
		r = rados.rados_nobjects_list_open(io, &list);
	if (r < 0)
		return r;
	*ret = 0;
	while (*ret < ENOUGH_OBJECTS &&
	       (r = rados.rados_nobjects_list_next(list, &object, &key, &name_space)) == 0)
		*ret += !is_a_book(object);
	rados.rados_nobjects_list_close(list);
	return r == -ENOENT ? 0 : r;
}

int pools_count(struct cluster *place, struct pool_contents *ret, struct error *error)
{
	int r;

	*ret = (struct pool_contents){0};
	r = count_in_all(place, ret);
	if (r == 0 && ret->images + ret->trash == 0)
		r = count_objects(place, &ret->objects);
	return r < 0 ? cluster_error(place, error, r, "look what is in pool %s", place->pool) : 0;
}

static int count_work(struct cluster *place, void *data, struct error *error)
{
	return place_open(place, error) < 0 ? error->code : pools_count(place, data, error);
}

int pool_count(struct cluster *cluster, const char *pool, struct pool_contents *ret,
	       struct error *error)
{
	const struct image_name name = {pool, "", "", ""};
	const struct bounded_way way = place_briefly(cluster, 30000);

	return place_run(cluster, &name, "look what is in pool", &way, count_work, ret,
			 sizeof(*ret), error);
}
