/* SPDX-License-Identifier: Apache-2.0 */
/*
 * librbd puts an image that it removes into the trash first, from a source of its own, and its C
 * interface does not list that (librbd/api/Trash.cc: list() without the source REMOVING). The omap
 * of rbd_trash has id_<image id>: version, compat, length, source, name (cls_rbd_types.h,
 * TrashImageSpec).
 */
#include <errno.h>

#include "base/str.h"
#include "ceph/directory.h"

#define TRASH   "rbd_trash"
#define KEY     "id_"
#define HEADER  6 /* u8 version, u8 compat, u32 length */
#define AT_ONCE 1024

static int take_one(const char *id, const char *value, size_t length, half_removed_seen seen,
		    void *context)
{
	const char *at = value + HEADER + 1, *name;
	size_t name_length;
	char text[MANAGE_NAME_MAX];

	if (length < HEADER + 1 || value[HEADER] != RBD_TRASH_IMAGE_SOURCE_REMOVING)
		return 0;
	name = encoded_string(&at, value + length, &name_length);
	if (!name || name_length >= sizeof(text))
		return 0;
	memcpy(text, name, name_length);
	text[name_length] = '\0';
	return seen(context, text, id);
}

static int read_page(rados_ioctx_t io, char after[IMAGE_ID_MAX + sizeof(KEY)], bool *more,
		     half_removed_seen seen, void *context)
{
	_cleanup_read_op_ rados_read_op_t op = rados.rados_create_read_op();
	rados_omap_iter_t iter = NULL;
	unsigned char some_more = 0;
	char *key, *value;
	size_t length;
	int result = 0, r;

	if (!op)
		return -ENOMEM;
	rados.rados_read_op_omap_get_vals2(op, after, KEY, AT_ONCE, &iter, &some_more, &result);
	r = rados.rados_read_op_operate(op, io, TRASH, 0);
	if (r == 0)
		r = result;
	while (r == 0 && (r = rados.rados_omap_get_next(iter, &key, &value, &length)) == 0 && key) {
		if (str_starts(key, KEY))
			r = take_one(key + strlen(KEY), value, length, seen, context);
		*more = str_copy(after, IMAGE_ID_MAX + sizeof(KEY), key) == 0 && some_more;
	}
	if (iter)
		rados.rados_omap_get_end(iter);
	return r;
}

int half_removed_each(rados_ioctx_t io, half_removed_seen seen, void *context)
{
	char after[IMAGE_ID_MAX + sizeof(KEY)] = "";
	bool more = true;
	int r = 0;

	while (more && r == 0) {
		more = false;
		r = read_page(io, after, &more, seen, context);
	}
	return r == -ENOENT ? 0 : r;
}
