/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing snapshots, protecting them, going back to one. */
#include <errno.h>

#include "base/str.h"
#include "ceph/manage_snapshot.h"
#include "ceph/remove.h"

struct change_work {
	struct place_names names; /* the image's head */
	char snapshot[MANAGE_NAME_MAX];
	const struct manage_way *way; /* the caller's: only within bounded_tell() */
	int (*change)(struct cluster *place, struct change_work *work, rbd_image_t image,
		      const char *text, struct error *error);
	bool is_new;
};

static int change_work(struct cluster *place, void *data, struct error *error)
{
	struct change_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	uint64_t size;

	if (place_begin_image(place, &work->names, true, &image, error) < 0)
		return error->code;
	place_image_text(place, &work->names, text);
	if (!work->is_new && snapshot_find(place, image, text, work->snapshot, &size, error) < 0)
		return error->code;
	return work->change(place, work, image, text, error);
}

static int run(struct cluster *cluster, const struct image_name *name, const char *what,
	       const struct manage_way *way, struct change_work *work, struct error *error)
{
	static const struct manage_way NONE;
	const struct bounded_way bounds = place_as_long(cluster, way);

	work->way = way ? way : &NONE;
	if (place_take_names(name, &work->names, error) < 0)
		return error->code;
	if (!*name->snapshot)
		return error_set(error, -EINVAL, "no snapshot is named");
	memcpy(work->snapshot, work->names.snapshot, sizeof(work->snapshot));
	*work->names.snapshot = '\0';
	return place_run(cluster, name, what, &bounds, change_work, work, sizeof(*work), error);
}

static int create(struct cluster *place, struct change_work *work, rbd_image_t image,
		  const char *text, struct error *error)
{
	int r = rbd.rbd_snap_create(image, work->snapshot);

	if (r == -EEXIST)
		return error_set(error, r, "image %s has a snapshot %s already", text,
				 work->snapshot);
	return r < 0 ? place_error(place, error, r, "make snapshot %s@%s", text, work->snapshot)
		     : 0;
}

int snapshot_create(struct cluster *cluster, const struct image_name *name, struct error *error)
{
	struct change_work work = {.change = create, .is_new = true};

	return run(cluster, name, "make snapshot", NULL, &work, error);
}

/* 1, 0, or negative and said. */
static int ask_protection(struct cluster *place, struct change_work *work, rbd_image_t image,
			  const char *text, struct error *error)
{
	int is_protected = 0;
	int r = rbd.rbd_snap_is_protected(image, work->snapshot, &is_protected);

	return r < 0 ? place_error(place, error, r, "ask whether %s@%s is protected", text,
				   work->snapshot)
		     : is_protected;
}

static int remove_it(struct cluster *place, struct change_work *work, rbd_image_t image,
		     const char *text, struct error *error)
{
	struct teller teller = {work, work->way};
	int r = ask_protection(place, work, image, text, error);

	if (r < 0)
		return r;
	if (r > 0) {
		error_set(error, -EBUSY, "remove snapshot %s@%s: it is protected", text,
			  work->snapshot);
		return error_advise(error,
				    "take the protection away first: `rbd snap unprotect "
				    "%s@%s`",
				    text, work->snapshot);
	}
	r = rbd.rbd_snap_remove2(image, work->snapshot, 0, place_told, &teller);
	return r < 0 ? place_error(place, error, r, "remove snapshot %s@%s", text, work->snapshot)
		     : 0;
}

int snapshot_remove(struct cluster *cluster, const struct image_name *name,
		    const struct manage_way *way, struct error *error)
{
	struct change_work work = {.change = remove_it};

	return run(cluster, name, "remove snapshot", way, &work, error);
}

static int protect(struct cluster *place, struct change_work *work, rbd_image_t image,
		   const char *text, struct error *error)
{
	int r = ask_protection(place, work, image, text, error);

	if (r != 0)
		return r < 0 ? r : 0;
	r = rbd.rbd_snap_protect(image, work->snapshot);
	if (r == -EBUSY) /* somebody was faster */
		return 0;
	if (r == -ENOSYS)
		return error_set(error, -ENOTSUP,
				 "protect snapshot %s@%s: the image lacks the feature layering",
				 text, work->snapshot);
	return r < 0 ? place_error(place, error, r, "protect snapshot %s@%s", text, work->snapshot)
		     : 0;
}

int snapshot_protect(struct cluster *cluster, const struct image_name *name, struct error *error)
{
	struct change_work work = {.change = protect};

	return run(cluster, name, "protect snapshot", NULL, &work, error);
}

static int refuse_children(struct change_work *work, rbd_image_t image, const char *text,
			   struct error *error)
{
	_cleanup_text_ struct text names = {0};
	rbd_linked_image_spec_t *list = NULL;
	size_t count = 0;

	if (rbd.rbd_snap_set(image, work->snapshot) == 0 &&
	    children_list(image, &list, &count) == 0) {
		for (size_t i = 0; i < count; i++)
			children_add_name(&names, &list[i]);
		children_done(list, count);
	}
	error_set(error, -EBUSY, "unprotect snapshot %s@%s: clones hang on it: %s", text,
		  work->snapshot, names.data ? names.data : "they are in another pool");
	return error_advise(error, "flatten them, or remove them first");
}

static int unprotect(struct cluster *place, struct change_work *work, rbd_image_t image,
		     const char *text, struct error *error)
{
	int r = ask_protection(place, work, image, text, error);

	if (r <= 0)
		return r;
	r = rbd.rbd_snap_unprotect(image, work->snapshot);
	if (r == -EBUSY)
		return refuse_children(work, image, text, error);
	return r < 0 ? place_error(place, error, r, "unprotect snapshot %s@%s", text,
				   work->snapshot)
		     : 0;
}

int snapshot_unprotect(struct cluster *cluster, const struct image_name *name, struct error *error)
{
	struct change_work work = {.change = unprotect};

	return run(cluster, name, "unprotect snapshot", NULL, &work, error);
}

static int roll_back(struct cluster *place, struct change_work *work, rbd_image_t image,
		     const char *text, struct error *error)
{
	struct teller teller = {work, work->way};
	int r;

	if (place_refuse_watched(place, image, true, "roll back", text, error) < 0)
		return error->code;
	r = rbd.rbd_snap_rollback_with_progress(image, work->snapshot, place_told, &teller);
	return r < 0 ? place_error(place, error, r, "roll image %s back to snapshot %s", text,
				   work->snapshot)
		     : 0;
}

int snapshot_rollback(struct cluster *cluster, const struct image_name *name,
		      const struct manage_way *way, struct error *error)
{
	struct change_work work = {.change = roll_back};

	return run(cluster, name, "roll back to snapshot", way, &work, error);
}
