/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/place.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"

/* The lock of a dead client is broken on the way: its watch has to expire first (30 s). */
#define SILENCE 45000

int place_new(struct cluster *cluster, const struct image_name *name, struct cluster **ret,
	      struct error *error)
{
	_cleanup_cluster_ struct cluster *place = calloc(1, sizeof(*place));

	if (!place)
		return error_errno(error, -ENOMEM, "use pool %s", name->pool);
	place->owners = 1;
	place->base = cluster_keep(cluster);
	place->rados = cluster->rados;
	place->timeout = cluster->timeout;
	memcpy(place->fsid, cluster->fsid, sizeof(place->fsid));
	memcpy(place->user, cluster->user, sizeof(place->user));
	if (str_copy(place->pool, sizeof(place->pool), name->pool) < 0 ||
	    str_copy(place->name_space, sizeof(place->name_space), name->name_space) < 0)
		return error_set(error, -ENAMETOOLONG,
				 "the pool's or namespace's name is too long");
	*ret = TAKE_PTR(place);
	return 0;
}

int place_load(struct error *error)
{
	int r = ceph_load_rbd(error);

	if (r == -ENOENT)
		r = error->code = -ENOSYS;
	return r;
}

int place_open(struct cluster *place, struct error *error)
{
	return *place->pool ? pool_use(place, place->pool, place->name_space, &place->io, error)
			    : 0;
}

static int say_stuck(const struct cluster *place, const struct image_name *name, const char *what,
		     struct error *error)
{
	char text[IMAGE_TEXT_MAX];

	if (*name->image)
		return error_prefix(error, "%s %s", what, image_name_text(name, text));
	return *name->pool ? error_prefix(error, "%s %s", what, name->pool)
			   : error_prefix(error, "%s", what);
}

int place_run(struct cluster *cluster, const struct image_name *name, const char *what,
	      const struct bounded_way *way, bounded_work work, void *data, size_t size,
	      struct error *error)
{
	_cleanup_cluster_ struct cluster *place = NULL;
	int r;

	if (place_load(error) < 0 || place_new(cluster, name, &place, error) < 0 || !place)
		return error->code;
	r = bounded_run_way(place, way, work, data, size, error);
	return place->stuck ? say_stuck(place, name, what, error) : r;
}

struct bounded_way place_briefly(const struct cluster *cluster, int64_t more)
{
	return (struct bounded_way){.deadline = bounded_deadline(cluster, more)};
}

struct bounded_way place_as_long(const struct cluster *cluster, const struct manage_way *way)
{
	return (struct bounded_way){.deadline = way ? way->deadline : (struct deadline){0},
				    .silence = cluster->timeout + SILENCE};
}
