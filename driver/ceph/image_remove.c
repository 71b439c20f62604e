/* SPDX-License-Identifier: Apache-2.0 */
/* Taking back an image that nobody has used. */
#include <errno.h>

#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

struct remove_work {
	char image[IMAGE_WORK_NAME_MAX];
	char id[IMAGE_ID_MAX];
	char own_format[IMAGE_RECORD_MAX];
};

/* The sentence for an image that stays. */
static int keep(struct error *error, const char *text, const char *why)
{
	return error_set(error, -EBUSY, "image %s, made by this call, stays: %s", text, why);
}

static int look_at_header(struct cluster *cluster, struct remove_work *work, const char *text,
			  struct error *error)
{
	struct image_header header;

	if (image_read_header(cluster, work->image, &header, error) < 0)
		return error->code;
	if (!str_eq(header.id, work->id))
		return keep(error, text, "it is another image of that name by now");
	if (*header.holder || (*header.format && !str_eq(header.format, work->own_format)))
		return keep(error, text, "it carries a record of this driver");
	if (header.locked)
		return keep(error, text, "somebody owns its lock");
	return 0;
}

/* Opened read-only, which leaves no watch: whoever watches is somebody else. */
static int look_inside(struct cluster *cluster, rbd_image_t image, const char *text,
		       struct error *error)
{
	rbd_snap_info_t snapshots[1];
	rbd_image_watcher_t watchers[4];
	size_t count = ARRAY_SIZE(watchers);
	int snapshot_count = ARRAY_SIZE(snapshots);
	int r = rbd.rbd_snap_list(image, snapshots, &snapshot_count);

	if (r > 0 || r == -ERANGE)
		return keep(error, text, "it has a snapshot");
	if (r < 0)
		return cluster_error(cluster, error, r, "list the snapshots of image %s", text);
	r = rbd.rbd_watchers_list(image, watchers, &count);
	if (r < 0 && r != -ERANGE)
		return cluster_error(cluster, error, r, "list the watchers of image %s", text);
	if (r >= 0)
		rbd.rbd_watchers_list_cleanup(watchers, count);
	if (r == -ERANGE || count > 0)
		return keep(error, text, "somebody has it open");
	r = image_scan(image, /* with_parent= */ false);
	if (r < 0)
		return cluster_error(cluster, error, r, "look for data in image %s", text);
	return r == 0 ? keep(error, text, "data has been written to it") : 0;
}

static int look_closely(struct cluster *cluster, struct remove_work *work, const char *text,
			struct error *error)
{
	_cleanup_image_ rbd_image_t image = NULL;
	char id[IMAGE_ID_MAX];
	int r;

	if (image_open(cluster, work->image, false, &image, error) < 0)
		return error->code;
	r = rbd.rbd_get_id(image, id, sizeof(id));
	if (r < 0)
		return cluster_error(cluster, error, r, "read the id of image %s", text);
	if (!str_eq(id, work->id))
		return keep(error, text, "it is another image of that name by now");
	return look_inside(cluster, image, text, error);
}

static int remove_work(struct cluster *cluster, void *data, struct error *error)
{
	struct remove_work *work = data;
	char text[IMAGE_TEXT_MAX];
	int r;

	cluster_image_text(cluster, work->image, text);
	if (look_closely(cluster, work, text, error) < 0)
		return error->code;
	/* the cheap look last: the less time between it and the removal, the better */
	if (look_at_header(cluster, work, text, error) < 0)
		return error->code;
	/* librbd itself refuses once more where there is a watcher or a snapshot */
	r = rbd.rbd_remove(cluster->io, work->image);
	if (r == -EBUSY || r == -ENOTEMPTY)
		return keep(error, text, "somebody has begun to use it");
	return r < 0 ? cluster_error(cluster, error, r, "remove image %s", text) : 0;
}

int image_remove_unused(struct cluster *cluster, const char *image, const char *image_id,
			const char *own_format, struct error *error)
{
	struct remove_work work = {0};
	int r;

	if (image_begin(image, work.image, error) < 0)
		return error->code;
	if (str_copy(work.id, sizeof(work.id), image_id) < 0 ||
	    str_copy(work.own_format, sizeof(work.own_format), own_format) < 0)
		return error_set(error, -ENAMETOOLONG, "the image's name is too long");
	r = bounded_run(cluster, bounded_deadline(cluster, 30000), remove_work, &work, sizeof(work),
			error);
	return image_end(cluster, r, "remove", image, error);
}
