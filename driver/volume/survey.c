/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/survey.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/monitors.h"
#include "fs/mountinfo.h"
#include "kubelet/monitor_list.h"
#include "volume/hands.h"

/* The kernel's list is numeric; what people write may be names. */
static bool shares_resolved(const char *written, const char *numeric)
{
	struct monitors monitors;
	struct error ignored;

	if (monitors_parse(written, &monitors, &ignored) < 0)
		return false;
	for (size_t i = 0; i < monitors.count; i++) {
		if (monitor_lists_share(monitors.list[i].text, numeric))
			return true;
	}
	return false;
}

static bool same_names(const struct volume *volume, const struct mapping *mapping)
{
	struct image_name name;

	mapping_name(mapping, &name);
	return str_eq(name.pool, volume->image.pool) &&
	       str_eq(name.name_space, volume->image.name_space) &&
	       str_eq(name.image, volume->image.image);
}

bool survey_same_place(const struct volume *volume, const struct mapping *mapping)
{
	if (!same_names(volume, mapping))
		return false;
	if (*volume->fsid)
		return str_eq(volume->fsid, mapping->fsid);
	return monitor_lists_share(volume->monitors, mapping->monitors) ||
	       shares_resolved(volume->monitors, mapping->monitors);
}

bool survey_same_image(const struct volume *volume, const struct mapping *mapping)
{
	/* in attach mode the Secret's user comes with mount only, and the label is the volume's */
	return (*volume->fsid || volume->attach_mode ||
		str_eq(volume->access.user, mapping->user)) &&
	       survey_same_place(volume, mapping);
}

static bool same_snapshot(const struct volume *volume, const struct mapping *mapping)
{
	return str_eq(volume->image.snapshot, mapping->snapshot);
}

/* A mount of the whole file system (not of a folder in it), a writable one rather than another. */
static const struct mount_entry *whole_mount(const struct mount_table *table, dev_t device)
{
	const struct mount_entry *entry = NULL, *found = NULL;

	while ((entry = mount_table_next_of(table, device, entry))) {
		if (str_eq(entry->root, "/") && (!found || (found->read_only && !entry->read_only)))
			found = entry;
	}
	return found;
}

static int refuse_directory(const struct volume *volume, const struct mount_entry *entry,
			    struct error *error)
{
	error_set(error, -EBUSY, "%s is a mount point of something else already (%s from %s)",
		  volume->directory, entry->fs_type, entry->source);
	return error_advise(error, "unmount it, if nothing needs it");
}

static int found_up(const struct volume *volume, const struct mapping *mapping,
		    const struct mount_table *table, struct survey *ret, struct error *error)
{
	const struct mount_entry *at = mount_table_at(table, volume->directory);
	const struct mount_entry *whole = whole_mount(table, mapping->device);

	ret->mapping = *mapping;
	ret->super_read_only = (at ? at : whole) && (at ? at : whole)->super_read_only;
	if (at && at->device == mapping->device) {
		ret->place = PLACE_HERE;
		return 0;
	}
	if (at)
		return refuse_directory(volume, at, error);
	if (!whole) {
		error_set(error, -EBUSY, "only folders of /dev/rbd%d are mounted, not its root",
			  mapping->id);
		return error_advise(error, "unmount them first");
	}
	ret->place = PLACE_ELSEWHERE;
	ret->read_only = whole->read_only;
	return str_copy(ret->directory, sizeof(ret->directory), whole->directory);
}

static int refuse_other(const struct volume *volume, const struct mapping *mapping,
			const struct mount_table *table, struct error *error)
{
	const struct mount_entry *entry = mount_table_next_of(table, mapping->device, NULL);
	char name[KRBD_LABEL_MAX];

	(void)mapping_volume(mapping, name);
	if (*name)
		error_set(error, -EBUSY,
			  "image %s is in use on this node as volume %s, or by another key "
			  "(/dev/rbd%d%s%s)",
			  volume->text, name, mapping->id, entry ? ", mounted at " : "",
			  entry ? entry->directory : "");
	else
		error_set(error, -EBUSY,
			  "image %s is mapped on this node by somebody else (/dev/rbd%d%s%s)",
			  volume->text, mapping->id, entry ? ", mounted at " : "",
			  entry ? entry->directory : "");
	return error_advise(error, *name ? "one image belongs to one volume: stop the pods of the "
					   "other one first"
					 : "the driver never touches such a mapping: unmount it "
					   "and unmap it by hand (rbd unmap)");
}

/* Ours, and mounted in no mount namespace: 1, 0, or a refusal where nobody can tell. */
static int is_orphan(const struct mapping *mapping, const struct mount_table *table,
		     struct error *error)
{
	char where[256];
	int result;

	if (!mapping_is_ours(mapping) || mount_table_next_of(table, mapping->device, NULL))
		return 0;
	result = mountinfo_anywhere(mapping->device, where, sizeof(where));
	if (result < 0)
		return error_errno(error, result, "see where /dev/rbd%d is mounted", mapping->id);
	if (result == 0)
		return 1;
	error_set(error, -EBUSY, "/dev/rbd%d is mounted in another mount namespace: %s",
		  mapping->id, where);
	return error_advise(error, "end that process, or unmount there");
}

/* One mapping of the wanted image: 1 when it is the volume that is up, 0 when it was of no
 * importance or has been undone. */
static int judge(struct volume *volume, const struct mapping *mapping,
		 const struct mount_table *table, struct error *error)
{
	bool ours = str_eq(mapping->label, volume->label) && same_snapshot(volume, mapping);
	int orphan = is_orphan(mapping, table, error);
	int result;

	if (orphan < 0)
		return orphan;
	if (orphan) {
		result = hands_start(volume, error);
		return result < 0 ? result : hands_unmap(volume, mapping, error);
	}
	if (ours)
		return 1;
	if (mapping->read_only && volume->options->read_only)
		return 0;
	/* of a snapshot there are no writers, and it needs no guard against the head's */
	if (*mapping->snapshot || *volume->image.snapshot)
		return 0;
	return refuse_other(volume, mapping, table, error);
}

int survey_node(struct volume *volume, struct survey *ret, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	_cleanup_mappings_ struct mappings mappings = {0};
	const struct mount_entry *at;
	int result = krbd_list_image(&volume->image, &mappings, error);

	*ret = (struct survey){.place = PLACE_NOWHERE};
	if (result < 0)
		return result;
	result = mountinfo_read(0, &table);
	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	for (size_t i = 0; i < mappings.count; i++) {
		if (!survey_same_image(volume, &mappings.list[i]))
			continue;
		result = judge(volume, &mappings.list[i], &table, error);
		if (result < 0)
			return result;
		if (result > 0)
			return found_up(volume, &mappings.list[i], &table, ret, error);
	}
	at = mount_table_at(&table, volume->directory);
	return at ? refuse_directory(volume, at, error) : 0;
}

/* 1: `ret` is the mapping of the volume's label; 0: there is none. */
static int find_label(const struct volume *volume, struct mapping *ret, struct error *error)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	int result = krbd_list_labels(&mappings, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < mappings.count; i++) {
		const int id = mappings.list[i].id;

		if (!str_eq(mappings.list[i].label, volume->label))
			continue;
		result = krbd_read(id, ret);
		if (result == 0 && str_eq(ret->label, volume->label))
			return 1;
		if (result < 0 && result != -ENOENT) /* else it has just gone */
			return error_errno(error, result, "read the mapping /dev/rbd%d", id);
	}
	return 0;
}

int survey_label(struct volume *volume, struct survey *ret, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	struct mapping found = {0};
	char name[IMAGE_TEXT_MAX];
	struct image_name other;
	int result = find_label(volume, &found, error);

	*ret = (struct survey){.place = PLACE_NOWHERE};
	if (result <= 0)
		return result;
	if (!survey_same_image(volume, &found) || !same_snapshot(volume, &found)) {
		mapping_name(&found, &other);
		error_set(error, -EBUSY,
			  "volume %s is up on this node with another image: %s of cluster %s, "
			  "not %s",
			  volume->options->volume, image_name_text(&other, name), found.fsid,
			  volume->text);
		return error_advise(error, "two inline volumes of one name share one global "
					   "directory in attach mode: give them different names");
	}
	result = mountinfo_read(0, &table);
	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	if (!mount_table_next_of(&table, found.device, NULL))
		return 0;
	return found_up(volume, &found, &table, ret, error);
}
