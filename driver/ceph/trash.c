/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An image that is being migrated lies in the trash under its old name, while the new one is filled
 * from it: no image of that name is to be found, but making one would put an empty one in its
 * place.
 */
#include <errno.h>
#include <stdlib.h>

#include "base/str.h"
#include "ceph/room.h"

static int find_source(const rbd_trash_image_info_t *list, size_t count, const char *image,
		       const char *text, struct error *error)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].source == RBD_TRASH_IMAGE_SOURCE_MIGRATION &&
		    str_eq(list[i].name, image)) {
			error_set(error, -EBUSY,
				  "image %s is being migrated to another name or pool", text);
			return error_advise(error,
					    "`rbd migration execute` and `rbd migration commit` "
					    "end it at its new place, which the volume's options "
					    "then must name; `rbd migration abort` undoes it");
		}
	return 0;
}

int trash_read(rados_ioctx_t io, struct trash *ret)
{
	size_t count = 16, room = 0;
	int r = -ERANGE;

	*ret = (struct trash){0};
	while (r == -ERANGE && count > room) {
		rbd_trash_image_info_t *more = realloc(ret->list, count * sizeof(*more));

		if (!more)
			return -ENOMEM;
		ret->list = more;
		room = count;
		r = rbd.rbd_trash_list(io, more, &count);
	}
	ret->count = r < 0 ? 0 : count;
	return r < 0 ? r : 0;
}

void trash_done(struct trash *trash)
{
	if (trash->count)
		rbd.rbd_trash_list_cleanup(trash->list, trash->count);
	free(trash->list);
	*trash = (struct trash){0};
}

int trash_refuse_migrating(struct cluster *cluster, const char *image, const char *text,
			   struct error *error)
{
	_cleanup_trash_ struct trash trash = {0};
	int r = trash_read(cluster->io, &trash);

	return r < 0 ? cluster_error(cluster, error, r, "look into the trash for image %s", text)
		     : find_source(trash.list, trash.count, image, text, error);
}
