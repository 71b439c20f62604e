/* SPDX-License-Identifier: Apache-2.0 */
/* Names of images, and what is to be known of each. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/directory.h"
#include "ceph/place.h"

#define AT_ONCE 16

struct list_work {
	char prefix[MANAGE_NAME_MAX];
	char after[MANAGE_NAME_MAX];
	size_t limit;
	struct image_page page;
};

static void list_drop(void *data)
{
	image_page_done(&((struct list_work *)data)->page);
}

static int list_work(struct cluster *place, void *data, struct error *error)
{
	struct list_work *work = data;
	const struct directory_wish wish = {work->prefix, work->after, work->limit};
	int r;

	if (place_open(place, error) < 0)
		return error->code;
	r = directory_read(place->io, &wish, &work->page);
	if (r == 0)
		return 0;
	image_page_done(&work->page);
	return cluster_error(place, error, r, "list the images of pool %s%s%s", place->pool,
			     *place->name_space ? "/" : "", place->name_space);
}

int image_list(struct cluster *cluster, const struct image_name *where, const char *prefix,
	       const char *after, size_t limit, struct image_page *ret, struct error *error)
{
	const struct image_name pool = {where->pool, where->name_space, "", ""};
	struct bounded_way way = place_briefly(cluster, 30000);
	struct list_work work = {.limit = limit};
	int r;

	*ret = (struct image_page){0};
	if (str_copy(work.prefix, sizeof(work.prefix), prefix) < 0 ||
	    str_copy(work.after, sizeof(work.after), after) < 0)
		return error_set(error, -ENAMETOOLONG, "no image has so long a name");
	way.drop = list_drop;
	r = place_run(cluster, &pool, "list the images of pool", &way, list_work, &work,
		      sizeof(work), error);
	if (r == 0)
		*ret = work.page;
	return r;
}

struct details_work {
	struct image_page page;
	const struct manage_way *way;
};

/* The lookers take one entry after the other. */
struct lookers {
	struct cluster *place;
	struct image_page *page;
	struct teller teller;
	atomic_size_t next;
	atomic_size_t done;
	_Atomic int stopped;
};

static int look_inside(struct cluster *place, rbd_image_t image, struct image_entry *entry)
{
	struct image_header header = {.locked = false};
	struct watchers watchers = {.count = 0};
	struct error ignored;
	int r = rbd.rbd_get_size(image, &entry->size);

	if (r == 0)
		r = rbd.rbd_get_features(image, &entry->features);
	if (r == 0)
		r = place_watchers(place, image, false, "", &watchers, &ignored);
	if (r == 0 && *entry->id) /* librbd does not tell it of an image opened read-only */
		r = header_look(place, entry->id, &header);
	if (r < 0)
		return r;
	entry->watchers = (unsigned int)watchers.count;
	entry->locked = header.locked;
	return 0;
}

/* By its id, which saves a round trip, and is the image that was listed. */
static int look_at(struct cluster *place, struct image_entry *entry)
{
	_cleanup_image_ rbd_image_t image = NULL;
	int r;

	if (*entry->id)
		r = rbd.rbd_open_by_id_read_only(place->io, entry->id, &image, NULL);
	else
		r = rbd.rbd_open_read_only(place->io, entry->name, &image, NULL);
	if (r < 0) {
		image = NULL;
		return r;
	}
	return look_inside(place, image, entry);
}

static void *look(void *argument)
{
	struct lookers *lookers = argument;
	size_t i;

	while (!lookers->stopped && (i = lookers->next++) < lookers->page->count) {
		struct image_entry *entry = &lookers->page->list[i];
		int r = look_at(lookers->place, entry);

		entry->known = r == 0;
		entry->failed = r == -ENOENT ? 0 : r;
		/* what holds for all of them ends it; who may not see one, the clone of an image in
		 * a pool of others, may see the rest */
		if (r != -ETIMEDOUT && r != -ESHUTDOWN)
			r = place_told(++lookers->done, lookers->page->count, &lookers->teller);
		if (r == -ECANCELED || r == -ETIMEDOUT || r == -ESHUTDOWN)
			lookers->stopped = r;
	}
	return NULL;
}

static int details_work(struct cluster *place, void *data, struct error *error)
{
	struct details_work *work = data;
	struct lookers lookers = {.place = place, .page = &work->page, .teller = {data, work->way}};
	pthread_t threads[AT_ONCE - 1];
	size_t started = 0;

	if (place_open(place, error) < 0)
		return error->code;
	while (started < ARRAY_SIZE(threads) && started + 1 < work->page.count &&
	       pthread_create(&threads[started], NULL, look, &lookers) == 0)
		started++;
	look(&lookers);
	while (started > 0)
		pthread_join(threads[--started], NULL);
	return lookers.stopped < 0 ? cluster_error(place, error, lookers.stopped,
						   "look at the images of pool %s%s%s", place->pool,
						   *place->name_space ? "/" : "", place->name_space)
				   : 0;
}

static void details_drop(void *data)
{
	image_page_done(&((struct details_work *)data)->page);
}

int image_list_details(struct cluster *cluster, const struct image_name *where,
		       struct image_page *page, const struct manage_way *way, struct error *error)
{
	static const struct manage_way NONE;
	const struct image_name pool = {where->pool, where->name_space, "", ""};
	struct bounded_way bounds = place_as_long(cluster, way);
	/* its own list while it works: the caller's may be freed when it has given up */
	struct details_work work = {.page = {.list = NULL}, .way = way ? way : &NONE};
	int r;

	if (page->count == 0)
		return 0;
	work.page.list = malloc(page->count * sizeof(*page->list));
	if (!work.page.list)
		return error_errno(error, -ENOMEM, "look at the images of pool %s", where->pool);
	memcpy(work.page.list, page->list, page->count * sizeof(*page->list));
	work.page.count = page->count;
	bounds.drop = details_drop;
	r = place_run(cluster, &pool, "look at the images of pool", &bounds, details_work, &work,
		      sizeof(work), error);
	if (r == 0)
		memcpy(page->list, work.page.list, page->count * sizeof(*page->list));
	image_page_done(&work.page);
	return r;
}
