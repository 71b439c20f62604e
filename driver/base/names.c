/* SPDX-License-Identifier: Apache-2.0 */
#include "base/names.h"

#include <stdio.h>

#include "base/str.h"

const char *image_name_text(const struct image_name *name, char ret[IMAGE_TEXT_MAX])
{
	(void)snprintf(ret, IMAGE_TEXT_MAX, "%s/%s%s%s%s%s", name->pool, name->name_space,
		       *name->name_space ? "/" : "", name->image, *name->snapshot ? "@" : "",
		       name->snapshot);
	return ret;
}

bool image_name_same(const struct image_name *a, const struct image_name *b)
{
	return str_eq(a->pool, b->pool) && str_eq(a->name_space, b->name_space) &&
	       str_eq(a->image, b->image) && str_eq(a->snapshot, b->snapshot);
}

void image_name_lock(const struct image_name *name, char *ret, size_t size)
{
	enum { READABLE = 180 };
	int length = snprintf(ret, size, "%s,%s,%s", name->pool, name->name_space, name->image);
	uint64_t hash = 0;

	/* names of other people's mappings may hold what a file name cannot */
	if (length >= 0 && (size_t)length < size && length <= READABLE && !strchr(ret, '/'))
		return;
	hash = str_hash(hash, name->pool, strlen(name->pool) + 1);
	hash = str_hash(hash, name->name_space, strlen(name->name_space) + 1);
	hash = str_hash(hash, name->image, strlen(name->image));
	(void)snprintf(ret, size, "long,%016llx", (unsigned long long)hash);
}
