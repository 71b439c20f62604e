// SPDX-License-Identifier: Apache-2.0
/* Our records, taken off an image by hand. */
#include "base/str.h"
#include "ceph/manage_change.h"
#include "ceph/place.h"

struct record_work {
	struct place_names names;
	char record[64];
};

static int record_work(struct cluster *place, void *data, struct error *error)
{
	struct record_work *work = data;
	struct image_header header;
	bool there;

	if (place_open(place, error) < 0 ||
	    image_read_header(place, work->names.image, &header, error) < 0)
		return error->code;
	there = str_eq(work->record, IMAGE_RECORD_HOLDER) ? *header.holder : *header.format;
	if (there && image_write_record(place, header.id, work->record, "", error) < 0)
		return error->code;
	return there;
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
