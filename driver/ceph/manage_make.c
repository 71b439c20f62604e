/* SPDX-License-Identifier: Apache-2.0 */
/* Making an image, so that a repeated call finds it made. */
#include <errno.h>

#include "base/str.h"
#include "ceph/manage_change.h"
#include "ceph/place.h"

/* image_create() and the others are calls of their own, with their own limits; all at one place. */
struct maker {
	struct cluster *place;
	const char *image;
	const struct image_plan *plan;
};

static int open_place(struct cluster *place, void *data, struct error *error)
{
	return place_open(place, error);
}

static int read_made(const struct maker *maker, struct image_made *ret, struct error *error)
{
	struct image_header header;
	int r = image_read_header(maker->place, maker->image, &header, error);

	if (r < 0)
		return r;
	*ret = (struct image_made){.size = header.size, .features = header.features};
	memcpy(ret->id, header.id, sizeof(ret->id));
	return 0;
}

/* 1, 0, or -EEXIST where the name is taken by what is no image. */
static int make_once(const struct maker *maker, struct image_made *ret, struct error *error)
{
	int r = image_create(maker->place, maker->image, maker->plan, error), taken = r == -EEXIST;

	if (r < 0 && !taken)
		return r;
	r = read_made(maker, ret, error);
	if (r == 0)
		return !taken;
	/* removed in this moment, or never finished */
	return taken && (r == -ENOENT || r == -EIO) ? -EEXIST : r;
}

static int make(const struct maker *maker, struct image_made *ret, struct error *error)
{
	const char *data_pool = maker->plan->data_pool ? maker->plan->data_pool : "";
	int r = make_once(maker, ret, error);

	if (r != -EEXIST)
		return r;
	if (image_clear_unfinished(maker->place, maker->image, data_pool, error) < 0)
		return error->code;
	r = make_once(maker, ret, error);
	return r == -EEXIST && error->code != r ? error->code : r;
}

int image_make(struct cluster *cluster, const struct image_name *name,
	       const struct image_plan *plan, struct image_made *ret, struct error *error)
{
	_cleanup_cluster_ struct cluster *place = NULL;
	struct maker maker = {.image = name->image, .plan = plan};
	struct place_names names;
	char unused = 0;

	if (place_take_names(name, &names, error) < 0 || place_load(error) < 0 ||
	    place_new(cluster, name, &place, error) < 0)
		return error->code;
	maker.place = place;
	if (bounded_run(place, bounded_deadline(place, 2000), open_place, &unused, sizeof(unused),
			error) < 0)
		return place->stuck ? error_prefix(error, "create image %s", name->image)
				    : error->code;
	return make(&maker, ret, error);
}
