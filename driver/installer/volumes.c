/* SPDX-License-Identifier: Apache-2.0 */
/* Which volumes of ours are up on this node, for what must not happen under them. */
#include <stdio.h>

#include "base/namespace.h"
#include "fs/mountinfo.h"
#include "installer/versions.h"
#include "kernel/krbd.h"

/* The host's mounts are those of its process 1; a container with processes of its own has another
 * process 1, and nobody can tell. */
static bool read_mounts(struct mount_table *ret)
{
	return namespace_sees_all_processes() && mountinfo_read(1, ret) >= 0;
}

static void add_volume(struct text *list, const struct mapping *mapping,
		       const struct mount_table *table, bool known)
{
	char volume[KRBD_LABEL_MAX], image[IMAGE_TEXT_MAX];
	const struct mount_entry *entry = NULL;
	struct image_name name;
	size_t mounts = 0;

	mapping_name(mapping, &name);
	text_printf(list, "%s/dev/rbd%d (volume %s, image %s", list->length ? ", " : "",
		    mapping->id, mapping_volume(mapping, volume), image_name_text(&name, image));
	while ((entry = mount_table_next_of(table, mapping->device, entry)))
		text_printf(list, "%s%s", mounts++ ? " and " : ", mounted at ", entry->directory);
	if (!mounts)
		text_printf(list, ", %s",
			    known ? "mounted nowhere" : "nobody here sees where it is mounted");
	text_printf(list, ")");
}

int volumes_refuse(const char *what, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	_cleanup_mappings_ struct mappings mappings = {0};
	_cleanup_text_ struct text list = {0};
	bool known;
	int r = krbd_list(&mappings, error);

	if (r < 0)
		return error_prefix(error, "%s", what);
	known = read_mounts(&table);
	for (size_t i = 0; i < mappings.count; i++) {
		const struct mapping *mapping = &mappings.list[i];

		if (mapping_is_ours(mapping))
			add_volume(&list, mapping, &table, known);
	}
	if (!list.length)
		return 0;
	error_set(error, -EBUSY, "%s: volumes of this driver are in use on this node: %s", what,
		  list.data ? list.data : "");
	return error_advise(error, "drain the node first; what no pod needs any more, `gc` unmaps");
}
