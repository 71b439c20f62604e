/* SPDX-License-Identifier: Apache-2.0 */
/* Removing an image for good, where nothing stands against it. */
#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/directory.h"
#include "ceph/image.h"
#include "ceph/manage_change.h"
#include "ceph/remove.h"

static int refuse_children(struct cluster *place, rbd_image_t image, const char *text,
			   struct error *error)
{
	_cleanup_text_ struct text names = {0};
	rbd_linked_image_spec_t *list = NULL;
	size_t count = 0;
	int r = children_list(image, &list, &count);

	if (r < 0)
		return place_error(place, error, r, "look for clones of image %s", text);
	for (size_t i = 0; i < count; i++)
		children_add_name(&names, &list[i]);
	children_done(list, count);
	if (count == 0)
		return 0;
	error_set(error, -ENOTEMPTY, "remove image %s: it has %zu clones: %s", text, count,
		  names.data ? names.data : "");
	return error_advise(error, "flatten them, or remove them first");
}

static int refuse_snapshots(struct cluster *place, rbd_image_t image, const char *text,
			    struct error *error)
{
	_cleanup_free_ rbd_snap_info_t *list = NULL;
	_cleanup_text_ struct text names = {0};
	int count = snapshot_list_all(image, &list);

	if (count < 0)
		return place_error(place, error, count, "list the snapshots of image %s", text);
	for (int i = 0; i < count && names.length < 200; i++)
		text_printf(&names, "%s%s", i ? ", " : "", list[i].name);
	rbd.rbd_snap_list_end(list);
	if (count == 0)
		return 0;
	error_set(error, -ENOTEMPTY, "remove image %s: it has %d snapshots: %s", text, count,
		  names.data ? names.data : "");
	return error_advise(error, "remove them first: `rbd-flexvolume image snap rm %s@...`",
			    text);
}

int remove_refused(struct cluster *place, rbd_image_t image, const char *text, struct error *error)
{
	if (place_refuse_watched(place, image, false, "remove", text, error) < 0 ||
	    refuse_children(place, image, text, error) < 0 ||
	    refuse_snapshots(place, image, text, error) < 0)
		return error->code;
	return 0;
}

int remove_explain(const struct cluster *place, int code, const char *text, struct error *error)
{
	if (code == -EBUSY || code == -ENOTEMPTY)
		return error_set(error, code, "remove image %s: somebody has begun to use it",
				 text);
	if (code == -EMLINK) {
		error_set(error, -EBUSY, "remove image %s: it belongs to a group", text);
		return error_advise(error, "take it out: `rbd group image remove`");
	}
	return place_error(place, error, code, "remove image %s", text);
}

struct remove_work {
	struct place_names names;
	const struct manage_way *way; /* the caller's: only within bounded_tell() */
};

struct half_removed {
	const char *name;
	char id[IMAGE_ID_MAX];
};

static int take_id(void *context, const char *name, const char *id)
{
	struct half_removed *wanted = context;

	return str_eq(name, wanted->name) && str_copy(wanted->id, sizeof(wanted->id), id) == 0;
}

/* What a removal that was cut off has left: 1: there was something, and it is gone; 0: nothing. */
static int finish_removal(struct cluster *place, struct remove_work *work, const char *text,
			  struct error *error)
{
	struct half_removed found = {.name = work->names.image};
	struct teller teller = {work, work->way};
	int r = half_removed_each(place->io, take_id, &found);

	if (r == 0)
		return 0;
	if (r > 0)
		r = rbd.rbd_trash_remove_with_progress(place->io, found.id, /* force= */ true,
						       place_told, &teller);
	return r < 0 ? remove_explain(place, r, text, error) : 1;
}

/* The image cannot be opened: -ENOENT, said. */
static int remove_remains(struct cluster *place, struct remove_work *work, const char *text,
			  struct error *error)
{
	const struct error missing = *error;
	int r = finish_removal(place, work, text, error);

	if (r == 0)
		r = trash_refuse_migrating(place, work->names.image, text, error);
	if (r == 0)
		r = image_clear_unfinished(place, work->names.image, "", error);
	if (r == 0) {
		*error = missing;
		return missing.code;
	}
	return r < 0 ? r : 0;
}

static int remove_work(struct cluster *place, void *data, struct error *error)
{
	struct remove_work *work = data;
	struct teller teller = {data, work->way};
	rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_open(place, error) < 0)
		return error->code;
	place_image_text(place, &work->names, text);
	r = place_open_image(place, &work->names, false, &image, error);
	if (r == -ENOENT)
		return remove_remains(place, work, text, error);
	if (r < 0)
		return r;
	r = remove_refused(place, image, text, error);
	rbd.rbd_close(image);
	if (r < 0)
		return r;
	/* librbd itself refuses once more where there is a watcher or a snapshot */
	r = rbd.rbd_remove_with_progress(place->io, work->names.image, place_told, &teller);
	return r < 0 ? remove_explain(place, r, text, error) : 0;
}

int image_remove(struct cluster *cluster, const struct image_name *name,
		 const struct manage_way *way, struct error *error)
{
	static const struct manage_way NONE;
	const struct image_name image = {name->pool, name->name_space, name->image, ""};
	const struct bounded_way bounds = place_as_long(cluster, way);
	struct remove_work work = {.way = way ? way : &NONE};

	if (place_take_names(&image, &work.names, error) < 0)
		return error->code;
	return place_run(cluster, &image, "remove image", &bounds, remove_work, &work, sizeof(work),
			 error);
}
