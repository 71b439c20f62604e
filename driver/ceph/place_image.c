/* SPDX-License-Identifier: Apache-2.0 */
/* What the calls on one image share. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/place.h"

int place_take_names(const struct image_name *name, struct place_names *ret, struct error *error)
{
	if (!*name->image)
		return error_set(error, -EINVAL, "no image is named");
	if (str_copy(ret->image, sizeof(ret->image), name->image) < 0 ||
	    str_copy(ret->snapshot, sizeof(ret->snapshot), name->snapshot) < 0)
		return error_set(error, -ENAMETOOLONG,
				 "the image's or snapshot's name is too long");
	return 0;
}

const char *place_text(const struct cluster *place, const struct place_names *names,
		       char ret[IMAGE_TEXT_MAX])
{
	const struct image_name name = {.pool = place->pool,
					.name_space = place->name_space,
					.image = names->image,
					.snapshot = names->snapshot};

	return image_name_text(&name, ret);
}

const char *place_image_text(const struct cluster *place, const struct place_names *names,
			     char ret[IMAGE_TEXT_MAX])
{
	return cluster_image_text(place, names->image, ret);
}

static int choose_snapshot(struct cluster *place, const struct place_names *names,
			   rbd_image_t image, struct error *error)
{
	char text[IMAGE_TEXT_MAX];
	uint64_t size;
	int r;

	if (!*names->snapshot)
		return 0;
	place_image_text(place, names, text);
	if (snapshot_find(place, image, text, names->snapshot, &size, error) < 0)
		return error->code;
	r = rbd.rbd_snap_set(image, names->snapshot);
	return r < 0 ? place_error(place, error, r, "open snapshot %s",
				   place_text(place, names, text))
		     : 0;
}

int place_open_image(struct cluster *place, const struct place_names *names, bool writable,
		     rbd_image_t *ret, struct error *error)
{
	char text[IMAGE_TEXT_MAX];
	int r = image_open(place, names->image, writable, ret, error);

	if (r == -ENOENT)
		return error_set(error, r, "image %s does not exist",
				 place_image_text(place, names, text));
	if (r == 0)
		r = choose_snapshot(place, names, *ret, error);
	if (r < 0 && *ret)
		rbd.rbd_close(TAKE_PTR(*ret));
	return r;
}

int place_begin_image(struct cluster *place, const struct place_names *names, bool writable,
		      rbd_image_t *ret, struct error *error)
{
	int r = place_open(place, error);

	return r < 0 ? r : place_open_image(place, names, writable, ret, error);
}

struct told {
	uint64_t done;
	uint64_t total;
};

static int tell(void *context, const void *what)
{
	const struct manage_way *way = context;
	const struct told *told = what;

	if (way->deadline.at && deadline_passed(way->deadline))
		return -ETIMEDOUT;
	return way->progress && way->progress(way->context, told->done, told->total) ? -ECANCELED
										     : 0;
}

int place_told(uint64_t done, uint64_t total, void *teller)
{
	const struct teller *to = teller;
	const struct told told = {done, total};

	/* only while the caller waits is what `way` points to still there */
	return bounded_tell(to->data, tell, (void *)to->way, &told);
}

static int ask_watchers(rbd_image_t image, rbd_image_watcher_t **ret, size_t *ret_count)
{
	size_t count = 16, room = 0;
	int r = -ERANGE;

	while (r == -ERANGE && count > room) {
		rbd_image_watcher_t *more = realloc(*ret, count * sizeof(*more));

		if (!more)
			return -ENOMEM;
		*ret = more;
		room = count;
		r = rbd.rbd_watchers_list(image, more, &count);
	}
	*ret_count = r < 0 ? 0 : count;
	return r;
}

/* Of our own there is one at most, for this opened image: another thread's is as foreign as any. */
static void take_watchers(const rbd_image_watcher_t *list, size_t count, uint64_t own,
			  struct watchers *ret)
{
	for (size_t i = 0; i < count && ret->count < WATCHERS_MAX; i++) {
		struct watcher *watcher = &ret->list[ret->count];

		if (own && (uint64_t)list[i].id == own) {
			own = 0;
			continue;
		}
		*watcher = (struct watcher){.client = (uint64_t)list[i].id,
					    .cookie = list[i].cookie,
					    .alive = true,
					    .kernel = watcher_is_kernel(list[i].cookie)};
		(void)str_copy(watcher->address, sizeof(watcher->address), list[i].addr);
		ret->count++;
	}
}

int place_watchers(struct cluster *place, rbd_image_t image, bool writable, const char *text,
		   struct watchers *ret, struct error *error)
{
	_cleanup_free_ rbd_image_watcher_t *list = NULL;
	size_t count;
	int r = ask_watchers(image, &list, &count);

	ret->count = 0;
	if (r < 0)
		return place_error(place, error, r, "list the watchers of image %s", text);
	take_watchers(list, count, writable ? rados.rados_get_instance_id(place->rados) : 0, ret);
	if (count)
		rbd.rbd_watchers_list_cleanup(list, count);
	return 0;
}

int place_refuse_watched(struct cluster *place, rbd_image_t image, bool writable, const char *verb,
			 const char *text, struct error *error)
{
	_cleanup_text_ struct text names = {0};
	struct watchers watchers;

	if (place_watchers(place, image, writable, text, &watchers, error) < 0)
		return error->code;
	if (watchers.count == 0)
		return 0;
	for (size_t i = 0; i < watchers.count && names.length < 200; i++)
		text_printf(&names, "%s%s by %s", i ? ", " : "",
			    watchers.list[i].kernel ? "mapped" : "open", watchers.list[i].address);
	error_set(error, -EBUSY, "%s image %s: it is in use: %s", verb, text,
		  names.data ? names.data : "");
	return error_advise(error, "unmap it there, or wait: a client that died is forgotten "
				   "after 30 s");
}

int place_error(const struct cluster *place, struct error *error, int code, const char *format, ...)
{
	char what[IMAGE_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	if (code != -EROFS)
		return cluster_error(place, error, code, "%s", what);
	error_set(error, code, "%s: another client holds its lock and does not give it away", what);
	return error_advise(error, "an image that is mapped with guard=exclusive is changed while "
				   "it is not mapped");
}
