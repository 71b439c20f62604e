/* SPDX-License-Identifier: Apache-2.0 */
/* What all that needs librbd shares; but for image_begin() and image_end() within bounded_run(). */
#include <errno.h>

#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

int image_begin(const char *image, char ret[IMAGE_WORK_NAME_MAX], struct error *error)
{
	if (ceph_load_rbd(error) < 0)
		return error->code;
	return str_copy(ret, IMAGE_WORK_NAME_MAX, image) < 0
		       ? error_set(error, -ENAMETOOLONG, "the image's name is too long")
		       : 0;
}

int image_end(const struct cluster *cluster, int result, const char *what, const char *image,
	      struct error *error)
{
	char text[IMAGE_TEXT_MAX];

	return result < 0 && cluster->stuck ? error_prefix(error, "%s image %s", what,
							   cluster_image_text(cluster, image, text))
					    : result;
}

int image_open(struct cluster *cluster, const char *image, bool writable, rbd_image_t *ret,
	       struct error *error)
{
	char text[IMAGE_TEXT_MAX];
	int r;

	*ret = NULL;
	if (writable)
		r = rbd.rbd_open(cluster->io, image, ret, NULL);
	else
		r = rbd.rbd_open_read_only(cluster->io, image, ret, NULL);
	if (r == 0)
		return 0;
	*ret = NULL;
	return cluster_error(cluster, error, r, "open image %s",
			     cluster_image_text(cluster, image, text));
}

static int stop_at_first(uint64_t offset, size_t length, int exists, void *argument)
{
	*(bool *)argument = true;
	return -ECANCELED;
}

/*
 * From the beginning of time (no snapshot to start from), by whole objects: any object that is
 * there, also one that was only written with zeroes, ends it. The result alone decides for
 * "empty": it must be 0 and no callback was made.
 */
int image_scan(rbd_image_t image, bool with_parent)
{
	bool found = false;
	uint64_t size;
	int r = rbd.rbd_get_size(image, &size);

	if (r < 0)
		return r;
	r = rbd.rbd_diff_iterate2(image, NULL, 0, size, with_parent, 1, stop_at_first, &found);
	if (found)
		return 0;
	return r < 0 ? r : 1;
}

struct empty_work {
	char image[IMAGE_WORK_NAME_MAX];
};

static int empty_work(struct cluster *cluster, void *data, struct error *error)
{
	struct empty_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (image_open(cluster, work->image, false, &image, error) < 0)
		return error->code;
	r = image_scan(image, true);
	if (r < 0)
		return cluster_error(cluster, error, r, "look for data in image %s",
				     cluster_image_text(cluster, work->image, text));
	return r;
}

int image_is_empty(struct cluster *cluster, const char *image, struct deadline deadline,
		   struct error *error)
{
	struct empty_work work;
	int r;

	if (image_begin(image, work.image, error) < 0)
		return error->code;
	r = bounded_run(cluster, deadline, empty_work, &work, sizeof(work), error);
	return image_end(cluster, r, "look for data in", image, error);
}

struct grow_work {
	char image[IMAGE_WORK_NAME_MAX];
	uint64_t size;
};

static int explain_grow(struct cluster *cluster, const char *text, int code, struct error *error)
{
	if (code == -EROFS) {
		error_set(error, code,
			  "grow image %s: another client holds its lock and does not give it away",
			  text);
		return error_advise(error, "an image that is mapped with guard=exclusive grows "
					   "while it is not mapped");
	}
	return cluster_error(cluster, error, code, "grow image %s", text);
}

static int grow_work(struct cluster *cluster, void *data, struct error *error)
{
	struct grow_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	uint64_t size;
	int r;

	if (image_open(cluster, work->image, true, &image, error) < 0)
		return error->code;
	cluster_image_text(cluster, work->image, text);
	r = rbd.rbd_get_size(image, &size);
	if (r < 0)
		return cluster_error(cluster, error, r, "read the size of image %s", text);
	if (size >= work->size)
		return 0;
	/* never smaller, also if somebody else has grown it in this moment */
	r = rbd.rbd_resize2(image, work->size, /* allow_shrink= */ false, NULL, NULL);
	return r < 0 ? explain_grow(cluster, text, r, error) : 0;
}

int image_grow(struct cluster *cluster, const char *image, uint64_t size, struct error *error)
{
	struct grow_work work = {.size = size};
	int r;

	if (image_begin(image, work.image, error) < 0)
		return error->code;
	/* the lock of a dead owner is broken on the way: its watch has to expire first (30 s) */
	r = bounded_run(cluster, bounded_deadline(cluster, 45000), grow_work, &work, sizeof(work),
			error);
	return image_end(cluster, r, "grow", image, error);
}
