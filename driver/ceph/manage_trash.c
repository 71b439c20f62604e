/* SPDX-License-Identifier: Apache-2.0 */
/* What is in the trash, and the way into it. */
#include "ceph/manage_trash.h"

#include <errno.h>
#include <stdlib.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "ceph/remove.h"

static const char *source_of(rbd_trash_image_source_t source)
{
	switch (source) {
	case RBD_TRASH_IMAGE_SOURCE_USER:
		return "user";
	case RBD_TRASH_IMAGE_SOURCE_MIRRORING:
		return "mirroring";
	case RBD_TRASH_IMAGE_SOURCE_MIGRATION:
		return "migration";
	case RBD_TRASH_IMAGE_SOURCE_USER_PARENT:
		return "user-parent";
	default:
		return "unknown";
	}
}

struct list_work {
	struct trash_entry *list;
	size_t count;
};

static int by_name(const void *a, const void *b)
{
	const struct trash_entry *first = a, *second = b;
	int r = strcmp(first->name, second->name);

	return r ? r : strcmp(first->id, second->id);
}

static int list_work(struct cluster *place, void *data, struct error *error)
{
	_cleanup_trash_ struct trash trash = {0};
	struct list_work *work = data;
	int r;

	if (place_open(place, error) < 0)
		return error->code;
	r = trash_read(place->io, &trash);
	if (r >= 0)
		work->list = calloc(trash.count + 1, sizeof(*work->list));
	if (r < 0 || !work->list)
		return cluster_error(place, error, r < 0 ? r : -ENOMEM, "list the trash of pool %s",
				     place->pool);
	for (; work->count < trash.count; work->count++) {
		const rbd_trash_image_info_t *from = &trash.list[work->count];
		struct trash_entry *to = &work->list[work->count];

		to->source = source_of(from->source);
		to->deleted = from->deletion_time;
		to->deferred_until = from->deferment_end_time;
		(void)str_copy(to->id, sizeof(to->id), from->id);
		(void)str_copy(to->name, sizeof(to->name), from->name);
	}
	qsort(work->list, work->count, sizeof(*work->list), by_name);
	return 0;
}

static void list_drop(void *data)
{
	free(((struct list_work *)data)->list);
}

int trash_list(struct cluster *cluster, const struct image_name *where, struct trash_entry **ret,
	       size_t *ret_count, struct error *error)
{
	const struct image_name pool = {where->pool, where->name_space, "", ""};
	struct bounded_way way = place_briefly(cluster, 2000);
	struct list_work work = {.list = NULL};
	int r;

	way.drop = list_drop;
	r = place_run(cluster, &pool, "list the trash of pool", &way, list_work, &work,
		      sizeof(work), error);
	*ret = work.list;
	*ret_count = work.count;
	return r;
}

struct move_work {
	struct place_names names;
	uint64_t defer;
	char id[IMAGE_ID_MAX];
};

static int explain_move(struct cluster *place, int code, const char *text, struct error *error)
{
	if (code == -EMLINK)
		return error_set(error, -EBUSY, "move image %s to the trash: it belongs to a group",
				 text);
	if (code == -EBUSY)
		return error_set(error, code,
				 "move image %s to the trash: somebody has begun to use it", text);
	return place_error(place, error, code, "move image %s to the trash", text);
}

static int move_work(struct cluster *place, void *data, struct error *error)
{
	struct move_work *work = data;
	rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (place_begin_image(place, &work->names, false, &image, error) < 0)
		return error->code;
	place_image_text(place, &work->names, text);
	r = rbd.rbd_get_id(image, work->id, sizeof(work->id));
	r = r < 0 ? place_error(place, error, r, "look at image %s", text)
		  : place_refuse_watched(place, image, false, "move to the trash", text, error);
	rbd.rbd_close(image);
	if (r < 0)
		return r;
	r = rbd.rbd_trash_move(place->io, work->names.image, work->defer);
	return r < 0 ? explain_move(place, r, text, error) : 0;
}

int trash_move(struct cluster *cluster, const struct image_name *name, uint64_t defer,
	       char ret_id[IMAGE_ID_MAX], struct error *error)
{
	const struct image_name image = {name->pool, name->name_space, name->image, ""};
	const struct bounded_way way = place_briefly(cluster, 60000);
	struct move_work work = {.defer = defer};
	int r;

	if (place_take_names(&image, &work.names, error) < 0)
		return error->code;
	r = place_run(cluster, &image, "move to the trash image", &way, move_work, &work,
		      sizeof(work), error);
	if (r == 0)
		memcpy(ret_id, work.id, sizeof(work.id));
	return r;
}
