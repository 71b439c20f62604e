/* SPDX-License-Identifier: Apache-2.0 */
/* What of an image exists. */
#include <errno.h>
#include <rbd/features.h>

#include "base/str.h"
#include "ceph/manage_image.h"
#include "ceph/place.h"

/* So many objects are looked at by one call into the library, which says nothing while nothing
 * exists: a sign of progress comes after each. */
#define OBJECTS_AT_ONCE 4096

struct extents_work {
	struct place_names names;
	const struct image_extents_wish *wish; /* the caller's: only within bounded_tell() */
	bool whole_objects;
	bool with_parent;
	struct image_extents result;
	int stopped; /* librbd may come with more that it has found already */
};

struct extent {
	uint64_t offset;
	uint64_t length;
};

static int tell_extent(void *context, const void *what)
{
	const struct image_extents_wish *wish = context;
	const struct extent *extent = what;

	return wish->extent && wish->extent(wish->context, extent->offset, extent->length)
		       ? -ECANCELED
		       : 0;
}

static int take_extent(uint64_t offset, size_t length, int exists, void *argument)
{
	const struct extent extent = {offset, length};
	struct extents_work *work = argument;

	if (!exists || work->stopped)
		return work->stopped;
	work->result.bytes += length;
	work->result.count++;
	work->stopped = bounded_tell(work, tell_extent, (void *)work->wish, &extent);
	return work->stopped;
}

/* A number of bytes that begins and ends with objects, also where data is striped over several. */
static int choose_step(rbd_image_t image, uint64_t *ret)
{
	rbd_image_info_t stat;
	uint64_t stripes = 0;
	int r = rbd.rbd_stat(image, &stat, sizeof(stat));

	if (r == 0)
		r = rbd.rbd_get_stripe_count(image, &stripes);
	if (r < 0)
		return r;
	*ret = stat.obj_size * (stripes ? stripes : 1);
	*ret *= OBJECTS_AT_ONCE * stat.obj_size > *ret ? OBJECTS_AT_ONCE * stat.obj_size / *ret : 1;
	return 0;
}

static int walk(rbd_image_t image, struct extents_work *work, const struct teller *teller)
{
	const uint64_t size = work->result.size;
	uint64_t step = 0;
	int r = choose_step(image, &step);

	for (uint64_t at = 0; r >= 0 && at < size; at += step) {
		uint64_t length = size - at < step ? size - at : step;

		r = rbd.rbd_diff_iterate2(image, NULL, at, length, work->with_parent,
					  work->whole_objects, take_extent, work);
		if (r >= 0)
			r = place_told(at + length, size, (void *)teller);
	}
	return r;
}

static int look(rbd_image_t image, struct extents_work *work)
{
	const uint64_t needed = RBD_FEATURE_FAST_DIFF | RBD_FEATURE_OBJECT_MAP;
	uint64_t features = 0, flags = 0;
	int r = rbd.rbd_get_size(image, &work->result.size);

	if (r == 0)
		r = rbd.rbd_get_features(image, &features);
	if (r == 0)
		r = rbd.rbd_get_flags(image, &flags);
	if (r < 0)
		return r;
	work->result.exact = !work->whole_objects;
	work->result.fast = work->whole_objects && (features & needed) == needed &&
			    !(flags & (RBD_FLAG_OBJECT_MAP_INVALID | RBD_FLAG_FAST_DIFF_INVALID));
	return 0;
}

static int extents_work(struct cluster *place, void *data, struct error *error)
{
	struct extents_work *work = data;
	const struct teller teller = {data, &work->wish->way};
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_begin_image(place, &work->names, false, &image, error) < 0)
		return error->code;
	r = look(image, work);
	if (r == 0)
		r = walk(image, work, &teller);
	return r < 0 ? place_error(place, error, r, "look what exists of image %s",
				   place_text(place, &work->names, text))
		     : 0;
}

int image_extents(struct cluster *cluster, const struct image_name *name,
		  const struct image_extents_wish *wish, struct image_extents *ret,
		  struct error *error)
{
	const struct bounded_way way = place_as_long(cluster, &wish->way);
	struct extents_work work = {.wish = wish,
				    .whole_objects = wish->whole_objects,
				    .with_parent = wish->with_parent};
	int r;

	if (place_take_names(name, &work.names, error) < 0)
		return error->code;
	r = place_run(cluster, name, "look what exists of image", &way, extents_work, &work,
		      sizeof(work), error);
	if (r == 0)
		*ret = work.result;
	return r;
}
