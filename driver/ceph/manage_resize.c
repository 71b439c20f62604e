/* SPDX-License-Identifier: Apache-2.0 */
/* Another size, and independence of a parent. */
#include <errno.h>

#include "base/str.h"
#include "ceph/manage_change.h"
#include "ceph/place.h"

struct change_work {
	struct place_names names;
	uint64_t size;
	bool allow_shrink;
	const struct manage_way *way; /* the caller's: only within bounded_tell() */
};

static int refuse_shrinking(struct cluster *place, const struct change_work *work,
			    rbd_image_t image, uint64_t present, const char *text,
			    struct error *error)
{
	if (!work->allow_shrink) {
		error_set(error, -EFBIG,
			  "resize image %s: it has %llu bytes, and to make it smaller (%llu) loses "
			  "what is behind its new end",
			  text, (unsigned long long)present, (unsigned long long)work->size);
		return error_advise(error, "make its file system smaller first, then allow it: "
					   "--allow-shrink, or shrink=true over REST");
	}
	return place_refuse_watched(place, image, true, "make smaller", text, error);
}

static int resize_work(struct cluster *place, void *data, struct error *error)
{
	struct change_work *work = data;
	struct teller teller = {data, work->way};
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	uint64_t present;
	int r;

	if (place_begin_image(place, &work->names, true, &image, error) < 0)
		return error->code;
	place_image_text(place, &work->names, text);
	r = rbd.rbd_get_size(image, &present);
	if (r < 0)
		return place_error(place, error, r, "read the size of image %s", text);
	if (present == work->size)
		return 0;
	if (work->size < present && refuse_shrinking(place, work, image, present, text, error) < 0)
		return error->code;
	/* never smaller where that was not looked at, also if somebody grows it in this moment */
	r = rbd.rbd_resize2(image, work->size, work->size < present, place_told, &teller);
	return r < 0 ? place_error(place, error, r, "resize image %s to %llu bytes", text,
				   (unsigned long long)work->size)
		     : 0;
}

static int run(struct cluster *cluster, const struct image_name *name, const char *what,
	       bounded_work work_fn, struct change_work *work, const struct manage_way *way,
	       struct error *error)
{
	static const struct manage_way NONE;
	const struct bounded_way bounds = place_as_long(cluster, way);
	const struct image_name image = {name->pool, name->name_space, name->image, ""};

	work->way = way ? way : &NONE;
	if (place_take_names(&image, &work->names, error) < 0)
		return error->code;
	return place_run(cluster, &image, what, &bounds, work_fn, work, sizeof(*work), error);
}

int image_resize(struct cluster *cluster, const struct image_name *name, uint64_t size,
		 bool allow_shrink, const struct manage_way *way, struct error *error)
{
	struct change_work work = {.size = size, .allow_shrink = allow_shrink};

	return run(cluster, name, "resize image", resize_work, &work, way, error);
}

static int flatten_work(struct cluster *place, void *data, struct error *error)
{
	struct change_work *work = data;
	struct teller teller = {data, work->way};
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_begin_image(place, &work->names, true, &image, error) < 0)
		return error->code;
	place_image_text(place, &work->names, text);
	r = image_has_parent(image);
	if (r < 0)
		return place_error(place, error, r, "read the parent of image %s", text);
	if (r == 0)
		return error_set(error, -EINVAL, "flatten image %s: it has no parent", text);
	r = rbd.rbd_flatten_with_progress(image, place_told, &teller);
	return r < 0 ? place_error(place, error, r, "flatten image %s", text) : 0;
}

int image_flatten(struct cluster *cluster, const struct image_name *name,
		  const struct manage_way *way, struct error *error)
{
	struct change_work work = {.size = 0};

	return run(cluster, name, "flatten image", flatten_work, &work, way, error);
}
