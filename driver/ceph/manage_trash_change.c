/* SPDX-License-Identifier: Apache-2.0 */
/* The two ways out of the trash. */
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/str.h"
#include "ceph/manage_trash.h"
#include "ceph/remove.h"

struct trash_work {
	char id[IMAGE_ID_MAX];
	char new_name[MANAGE_NAME_MAX];
	bool force;
	const struct manage_way *way; /* the caller's: only within bounded_tell() */
	/* of the entry */
	char name[MANAGE_NAME_MAX];
	rbd_trash_image_source_t source;
	int64_t deferred_until;
};

static int find_entry(struct cluster *place, struct trash_work *work, struct error *error)
{
	_cleanup_trash_ struct trash trash = {0};
	int r = trash_read(place->io, &trash);

	if (r < 0)
		return cluster_error(place, error, r, "look into the trash of pool %s",
				     place->pool);
	for (size_t i = 0; i < trash.count; i++) {
		if (!str_eq(trash.list[i].id, work->id))
			continue;
		work->source = trash.list[i].source;
		work->deferred_until = trash.list[i].deferment_end_time;
		if (str_copy(work->name, sizeof(work->name), trash.list[i].name) == 0)
			return 0;
		return error_set(error, -ENAMETOOLONG,
				 "the name of %s in the trash is longer than any image can have",
				 work->id);
	}
	error_set(error, -ENOENT, "the trash of pool %s%s%s has no image with the id %s",
		  place->pool, *place->name_space ? "/" : "", place->name_space, work->id);
	return error_advise(error, "an entry is named by its id, not by its name");
}

static int refuse_migrating(const struct trash_work *work, const char *verb, struct error *error)
{
	if (work->source != RBD_TRASH_IMAGE_SOURCE_MIGRATION)
		return 0;
	error_set(error, -EBUSY, "%s %s (%s) from the trash: it is the source of a migration", verb,
		  work->id, work->name);
	return error_advise(error, "`rbd migration commit` or `rbd migration abort` ends it");
}

static int restore_work(struct cluster *place, void *data, struct error *error)
{
	struct trash_work *work = data;
	const char *name;
	int r;

	if (place_open(place, error) < 0 || find_entry(place, work, error) < 0 ||
	    refuse_migrating(work, "restore", error) < 0)
		return error->code;
	name = *work->new_name ? work->new_name : work->name;
	r = rbd.rbd_trash_restore(place->io, work->id, name);
	if (r == -EEXIST) {
		error_set(error, r, "restore %s from the trash: an image has the name %s", work->id,
			  name);
		return error_advise(error, "give it another name");
	}
	return r < 0 ? cluster_error(place, error, r, "restore %s from the trash as %s", work->id,
				     name)
		     : 0;
}

static int run(struct cluster *cluster, const struct image_name *where, const char *id,
	       const char *what, const struct bounded_way *way, bounded_work work_fn,
	       struct trash_work *work, struct error *error)
{
	const struct image_name pool = {where->pool, where->name_space, "", ""};

	if (str_copy(work->id, sizeof(work->id), id) < 0)
		return error_set(error, -ENAMETOOLONG, "no image has so long an id");
	return place_run(cluster, &pool, what, way, work_fn, work, sizeof(*work), error);
}

int trash_restore(struct cluster *cluster, const struct image_name *where, const char *id,
		  const char *new_name, struct error *error)
{
	const struct bounded_way way = place_briefly(cluster, 10000);
	struct trash_work work = {.id = ""};

	if (str_copy(work.new_name, sizeof(work.new_name), new_name) < 0)
		return error_set(error, -ENAMETOOLONG, "no image can have so long a name");
	return run(cluster, where, id, "restore an image from the trash of pool", &way,
		   restore_work, &work, error);
}

static int refuse_early(const struct trash_work *work, struct error *error)
{
	time_t until = work->deferred_until;
	char when[64] = "";
	struct tm parts;

	if (work->force || until <= time(NULL))
		return 0;
	if (gmtime_r(&until, &parts))
		(void)strftime(when, sizeof(when), "%Y-%m-%dT%H:%M:%SZ", &parts);
	error_set(error, -EAGAIN, "remove %s (%s) from the trash: it is kept until %s", work->id,
		  work->name, when);
	return error_advise(error, "wait, restore it, or remove it by force");
}

/* As an image with that name it would be: nobody may have it open, nothing may hang on it. */
static int refuse_used(struct cluster *place, const struct trash_work *work, struct error *error)
{
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r = rbd.rbd_open_by_id_read_only(place->io, work->id, &image, NULL);

	if (r < 0)
		image = NULL;
	cluster_image_text(place, work->name, text);
	if (r == -ENOENT) /* its removal was cut off behind its header: librbd goes on with it */
		return 0;
	return r < 0 ? cluster_error(place, error, r, "open image %s in the trash", text)
		     : remove_refused(place, image, text, error);
}

static int remove_work(struct cluster *place, void *data, struct error *error)
{
	struct trash_work *work = data;
	struct teller teller = {data, work->way};
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_open(place, error) < 0 || find_entry(place, work, error) < 0 ||
	    refuse_migrating(work, "remove", error) < 0 || refuse_early(work, error) < 0 ||
	    refuse_used(place, work, error) < 0)
		return error->code;
	r = rbd.rbd_trash_remove_with_progress(place->io, work->id, work->force, place_told,
					       &teller);
	return r < 0 ? remove_explain(place, r, cluster_image_text(place, work->name, text), error)
		     : 0;
}

int trash_remove(struct cluster *cluster, const struct image_name *where, const char *id,
		 bool force, const struct manage_way *way, struct error *error)
{
	static const struct manage_way NONE;
	const struct bounded_way bounds = place_as_long(cluster, way);
	struct trash_work work = {.force = force, .way = way ? way : &NONE};

	return run(cluster, where, id, "remove an image from the trash of pool", &bounds,
		   remove_work, &work, error);
}
