/* SPDX-License-Identifier: Apache-2.0 */
/*
 * librbd makes a clone in two steps: an image of its own, empty, and then the tie to its parent
 * (librbd/image/CloneRequest.cc). Whoever is killed in between leaves an image that looks like any
 * other new one and would be formatted, in the place of the parent's data.
 */
#include <errno.h>

#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

/* How long somebody who is just making it is given for the second step. */
#define TIE_WAIT  2000
#define TIE_PAUSE 50

struct half_work {
	char image[IMAGE_WORK_NAME_MAX];
};

int image_has_parent(rbd_image_t image)
{
	rbd_linked_image_spec_t parent;
	rbd_snap_spec_t snapshot;
	int r = rbd.rbd_get_parent(image, &parent, &snapshot);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	rbd.rbd_linked_image_spec_cleanup(&parent);
	rbd.rbd_snap_spec_cleanup(&snapshot);
	return 1;
}

/* 1: it has a parent or data; 0: neither; or a negative errno, said. */
static int look_once(struct cluster *cluster, const char *name, struct error *error)
{
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];
	int r;

	if (image_open(cluster, name, false, &image, error) < 0)
		return error->code;
	r = image_has_parent(image);
	if (r != 0)
		return r > 0 ? r
			     : cluster_error(cluster, error, r, "read the parent of image %s",
					     cluster_image_text(cluster, name, text));
	r = image_scan(image, /* with_parent= */ false);
	return r >= 0 ? !r
		      : cluster_error(cluster, error, r, "look for data in image %s",
				      cluster_image_text(cluster, name, text));
}

static int half_work(struct cluster *cluster, void *data, struct error *error)
{
	struct half_work *work = data;
	struct deadline deadline = deadline_in(TIE_WAIT);
	int r;

	while ((r = look_once(cluster, work->image, error)) == 0 && !deadline_passed(deadline))
		deadline_pause(TIE_PAUSE, deadline);
	return r;
}

int image_refuse_half_clone(struct cluster *cluster, const char *image,
			    const struct image_name *parent, struct error *error)
{
	struct half_work work;
	char text[IMAGE_TEXT_MAX], parent_text[IMAGE_TEXT_MAX];
	int r;

	if (image_begin(image, work.image, error) < 0)
		return error->code;
	cluster_image_text(cluster, image, text);
	r = bounded_run(cluster, bounded_deadline(cluster, TIE_WAIT + 30000), half_work, &work,
			sizeof(work), error);
	if (r < 0)
		return image_end(cluster, r, "look for data in", image, error);
	if (r > 0)
		return 0;
	error_set(error, -EUCLEAN,
		  "image %s is to be a clone of %s, but has neither a parent nor data: its making "
		  "was cut off, or it was made as something else",
		  text, image_name_text(parent, parent_text));
	return error_advise(error,
			    "where nobody needs it, `rbd rm %s`: then it is made as the clone; or "
			    "take the option \"parent\" away to have the empty image formatted",
			    text);
}
