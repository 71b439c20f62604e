/* SPDX-License-Identifier: Apache-2.0 */
/* What a mapping is, once it was read: whose, which volume's, the same as another. */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "kernel/krbd.h"

void mappings_done(struct mappings *mappings)
{
	free(mappings->list);
	*mappings = (struct mappings){0};
}

const struct mapping *mappings_by_device(const struct mappings *mappings, dev_t device)
{
	for (size_t i = 0; i < mappings->count; i++)
		if (mappings->list[i].device == device)
			return &mappings->list[i];
	return NULL;
}

void mapping_name(const struct mapping *mapping, struct image_name *ret)
{
	*ret = (struct image_name){
		.pool = mapping->pool,
		.name_space = mapping->name_space,
		.image = mapping->image,
		.snapshot = mapping->snapshot,
	};
}

bool mapping_same(const struct mapping *a, const struct mapping *b)
{
	struct image_name name_a, name_b;

	mapping_name(a, &name_a);
	mapping_name(b, &name_b);
	return a->id == b->id && a->device == b->device && image_name_same(&name_a, &name_b) &&
	       str_eq(a->fsid, b->fsid) && str_eq(a->image_id, b->image_id) &&
	       str_eq(a->label, b->label);
}

bool mapping_is_ours(const struct mapping *mapping)
{
	return str_starts(mapping->label, KRBD_LABEL_PREFIX);
}

/* "#" and 8 hex digits at the end: the hash of the key (design §5 rule 5) */
static bool is_hash(const char *text)
{
	return *text == '#' && strlen(text) == 9 && strspn(text + 1, "0123456789abcdef") == 8;
}

const char *mapping_volume(const struct mapping *mapping, char ret[KRBD_LABEL_MAX])
{
	size_t length;

	ret[0] = '\0';
	if (!mapping_is_ours(mapping))
		return ret;
	length = strlen(mapping->label) - strlen(KRBD_LABEL_PREFIX);
	memcpy(ret, mapping->label + strlen(KRBD_LABEL_PREFIX), length + 1);
	if (length > 9 && is_hash(ret + length - 9))
		ret[length - 9] = '\0';
	return ret;
}
