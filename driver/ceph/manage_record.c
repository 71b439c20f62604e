/* SPDX-License-Identifier: Apache-2.0 */
/* Our records, taken off an image by hand. */
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/manage_change.h"
#include "ceph/place.h"

struct record_work {
	struct place_names names;
	char record[64];
};

/* Only as it was read: another one is somebody's who has begun since. */
static int remove_record(struct cluster *place, const char *id, const char *record,
			 const char *text, struct error *error)
{
	rados_write_op_t op = rados.rados_create_write_op();
	char object[IMAGE_ID_MAX + 16];
	int r;

	(void)snprintf(object, sizeof(object), "rbd_header.%s", id);
	if (!op)
		return error_errno(error, -ENOMEM, "remove the record %s of %s", record, object);
	rados.rados_write_op_cmpxattr(op, record, LIBRADOS_CMPXATTR_OP_EQ, text, strlen(text));
	rados.rados_write_op_rmxattr(op, record);
	r = rados.rados_write_op_operate(op, place->io, object, NULL, 0);
	rados.rados_release_write_op(op);
	if (r == -ECANCELED)
		return error_set(error, -EBUSY, "the record %s of %s was changed just now", record,
				 object);
	return r < 0 ? cluster_error(place, error, r, "remove the record %s of %s in pool %s",
				     record, object, place->pool)
		     : 0;
}

static int refuse_watched(struct cluster *place, const struct place_names *names,
			  struct error *error)
{
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];

	place_image_text(place, names, text);
	if (place_open_image(place, names, false, &image, error) < 0)
		return error->code;
	return place_refuse_watched(place, image, false, "take a record off", text, error);
}

/* The driver maps first and writes its records then: who wrote what is read here is a watcher
 * already, or has gone; what is written after that is not what was read. */
static int record_work(struct cluster *place, void *data, struct error *error)
{
	struct record_work *work = data;
	struct image_header header;
	const char *text;

	if (place_open(place, error) < 0 ||
	    image_read_header(place, work->names.image, &header, error) < 0 ||
	    refuse_watched(place, &work->names, error) < 0)
		return error->code;
	text = str_eq(work->record, IMAGE_RECORD_HOLDER) ? header.holder : header.format;
	if (*text && remove_record(place, header.id, work->record, text, error) < 0)
		return error->code;
	return *text != '\0';
}

int image_clear_record(struct cluster *cluster, const struct image_name *name, const char *record,
		       struct error *error)
{
	const struct image_name image = {name->pool, name->name_space, name->image, ""};
	const struct bounded_way way = place_briefly(cluster, 2000);
	struct record_work work = {.record = ""};

	if (place_take_names(&image, &work.names, error) < 0)
		return error->code;
	(void)str_copy(work.record, sizeof(work.record), record);
	return place_run(cluster, &image, "take a record off image", &way, record_work, &work,
			 sizeof(work), error);
}
