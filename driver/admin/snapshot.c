/* SPDX-License-Identifier: Apache-2.0 */
/* image snap … */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/manage_snapshot.h"

static int list_json(struct admin *admin, const struct target *target,
		     const struct snapshot_entry *entries, size_t count, struct error *error)
{
	cJSON *json = json_of_target(target), *list = cJSON_AddArrayToObject(json, "snapshots");

	for (size_t i = 0; i < count; i++) {
		cJSON *one = cJSON_CreateObject();

		cJSON_AddStringToObject(one, "snapshot", entries[i].name);
		json_add_number(one, "id", entries[i].id);
		json_add_number(one, "size", entries[i].size);
		cJSON_AddBoolToObject(one, "protected", entries[i].is_protected);
		json_add_number(one, "created", (uint64_t)entries[i].created);
		cJSON_AddStringToObject(one, "kind", entries[i].kind);
		cJSON_AddItemToArray(list, one);
	}
	return json_print(admin, json, error);
}

static void list_table(struct admin *admin, const struct snapshot_entry *entries, size_t count)
{
	static const char *const HEADS[] = {">ID",     "SNAPSHOT", ">SIZE", "PROTECTED",
					    "CREATED", "KIND",     NULL};
	char size[SIZE_TEXT_MAX], created[TIME_TEXT_MAX];
	struct table table;

	table_begin(&table, HEADS);
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, "%" PRIu64, entries[i].id);
		table_cell(&table, "%s", entries[i].name);
		table_cell(&table, "%s", size_text(admin->person, entries[i].size, size));
		table_cell(&table, "%s", entries[i].is_protected ? "yes" : "no");
		table_cell(&table, "%s", admin_time(entries[i].created, created));
		table_cell(&table, "%s", entries[i].kind);
	}
	table_end(&table, admin->output);
}

int admin_snapshot_list(struct admin *admin, struct error *error)
{
	_cleanup_free_ struct snapshot_entry *entries = NULL;
	struct target target;
	size_t count = 0;
	int result = admin_open(admin, 0, TARGET_IMAGE, &target, error);

	if (result == 0)
		result = snapshot_list(admin->cluster, &target.name, &entries, &count, error);
	if (result)
		return result;
	if (admin->json)
		return list_json(admin, &target, entries, count, error);
	list_table(admin, entries, count);
	return 0;
}

typedef int (*change_function)(struct cluster *cluster, const struct image_name *name,
			       struct error *error);

static int change(struct admin *admin, change_function function, const char *said,
		  struct error *error)
{
	struct target target;
	int result = admin_open(admin, 0, TARGET_SNAPSHOT, &target, error);

	if (result == 0)
		result = function(admin->cluster, &target.name, error);
	return result ? result : admin_done(admin, &target, said, error);
}

int admin_snapshot_create(struct admin *admin, struct error *error)
{
	return change(admin, snapshot_create, "created", error);
}

int admin_snapshot_protect(struct admin *admin, struct error *error)
{
	return change(admin, snapshot_protect, "protected", error);
}

int admin_snapshot_unprotect(struct admin *admin, struct error *error)
{
	return change(admin, snapshot_unprotect, "not protected", error);
}

typedef int (*long_function)(struct cluster *cluster, const struct image_name *name,
			     const struct manage_way *way, struct error *error);

static int do_long(struct admin *admin, const struct target *target, const char *what,
		   long_function function, struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};

	admin_way_begin(&way, admin, what, target);
	return function(admin->cluster, &target->name, &way.way, error);
}

int admin_snapshot_remove(struct admin *admin, struct error *error)
{
	char question[IMAGE_TEXT_MAX + 64];
	struct target target;
	int result = admin_open(admin, 0, TARGET_SNAPSHOT, &target, error);

	if (result == 0)
		result = admin_refuse_mapped(admin, &target.name, error);
	if (result)
		return result;
	(void)snprintf(question, sizeof(question), "remove snapshot %s for good?", target.text);
	result = admin_confirm(admin, question, error);
	if (result == 0)
		result = admin_hold(admin, &target.name, error);
	if (result == 0)
		result = do_long(admin, &target, "remove", snapshot_remove, error);
	return result ? result : admin_done(admin, &target, "removed", error);
}

int admin_snapshot_rollback(struct admin *admin, struct error *error)
{
	char question[IMAGE_TEXT_MAX + 64];
	struct image_name head;
	struct target target;
	int result = admin_open(admin, 0, TARGET_SNAPSHOT, &target, error);

	if (result)
		return result;
	/* a reader's mapping of the head would see its data change under a mounted file system */
	head = target.name;
	head.snapshot = "";
	result = admin_refuse_mapped(admin, &head, error);
	if (result)
		return result;
	(void)snprintf(question, sizeof(question),
		       "make the image what it was at %s, and lose all that is newer?",
		       target.text);
	result = admin_confirm(admin, question, error);
	if (result == 0)
		result = admin_hold(admin, &head, error);
	if (result == 0)
		result = do_long(admin, &target, "roll back to", snapshot_rollback, error);
	return result ? result : admin_done(admin, &target, "the image is what it was then", error);
}
