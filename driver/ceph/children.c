/* SPDX-License-Identifier: Apache-2.0 */
/* Clones of an image. */
#include <errno.h>
#include <stdlib.h>

#include "ceph/remove.h"

int children_list(rbd_image_t image, rbd_linked_image_spec_t **ret, size_t *ret_count)
{
	rbd_linked_image_spec_t *list = NULL;
	size_t count = 16, room = 0;
	int r = -ERANGE;

	while (r == -ERANGE && count > room) {
		rbd_linked_image_spec_t *more = realloc(list, count * sizeof(*more));

		if (!more) {
			free(list);
			return -ENOMEM;
		}
		list = more;
		room = count;
		r = rbd.rbd_list_children3(image, list, &count);
	}
	if (r < 0) {
		free(list);
		return r;
	}
	*ret = list;
	*ret_count = count;
	return 0;
}

void children_done(rbd_linked_image_spec_t *list, size_t count)
{
	if (count)
		rbd.rbd_linked_image_spec_list_cleanup(list, count);
	free(list);
}

void children_add_name(struct text *names, const rbd_linked_image_spec_t *child)
{
	char text[IMAGE_TEXT_MAX];
	const struct image_name name = {.pool = child->pool_name,
					.name_space = child->pool_namespace,
					.image = child->image_name,
					.snapshot = ""};

	if (names->length < 200)
		text_printf(names, "%s%s%s", names->length ? ", " : "",
			    image_name_text(&name, text), child->trash ? " (in the trash)" : "");
}
