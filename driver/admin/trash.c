/* SPDX-License-Identifier: Apache-2.0 */
/* trash ls, restore, rm. */
#include <errno.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/manage_trash.h"
#include "kubelet/grammar.h"

static int list_json(struct admin *admin, const struct target *target,
		     const struct trash_entry *entries, size_t count, struct error *error)
{
	cJSON *json = json_of_target(target), *list = cJSON_AddArrayToObject(json, "trash");

	for (size_t i = 0; i < count; i++) {
		cJSON *one = cJSON_CreateObject();

		cJSON_AddStringToObject(one, "id", entries[i].id);
		cJSON_AddStringToObject(one, "imageName", entries[i].name);
		cJSON_AddStringToObject(one, "source", entries[i].source);
		json_add_number(one, "deleted", (uint64_t)entries[i].deleted);
		json_add_number(one, "deferredUntil", (uint64_t)entries[i].deferred_until);
		cJSON_AddItemToArray(list, one);
	}
	return json_print(admin, json, error);
}

static void list_table(struct admin *admin, const struct trash_entry *entries, size_t count)
{
	static const char *const HEADS[] = {"ID", "IMAGE", "DELETED", "SOURCE", NULL};
	char deleted[TIME_TEXT_MAX];
	struct table table;

	table_begin(&table, HEADS);
	for (size_t i = 0; i < count; i++) {
		table_cell(&table, "%s", entries[i].id);
		table_cell(&table, "%s", entries[i].name);
		table_cell(&table, "%s", admin_time(entries[i].deleted, deleted));
		table_cell(&table, "%s", entries[i].source);
	}
	table_end(&table, admin->output);
}

int admin_trash_list(struct admin *admin, struct error *error)
{
	_cleanup_free_ struct trash_entry *entries = NULL;
	struct target target;
	size_t count = 0;
	int result = admin_open(admin, 0, TARGET_POOL, &target, error);

	if (result == 0)
		result = trash_list(admin->cluster, &target.name, &entries, &count, error);
	if (result)
		return result;
	if (admin->json)
		return list_json(admin, &target, entries, count, error);
	list_table(admin, entries, count);
	return 0;
}

/* The operand is an id, or the name that the image had, where only one in the trash had it. */
static int find(struct admin *admin, struct target *target, struct trash_entry *ret,
		struct error *error)
{
	_cleanup_free_ struct trash_entry *entries = NULL;
	size_t count = 0, found = 0;
	int result = admin_open(admin, 0, TARGET_IMAGE, target, error);

	if (result == 0)
		result = trash_list(admin->cluster, &target->name, &entries, &count, error);
	if (result)
		return result;
	for (size_t i = 0; i < count; i++)
		if (str_eq(entries[i].id, target->image)) {
			*ret = entries[i];
			return 0;
		}
	for (size_t i = 0; i < count; i++)
		if (str_eq(entries[i].name, target->image)) {
			*ret = entries[i];
			found++;
		}
	if (found == 1)
		return 0;
	if (found)
		error_set(error, -ENOTUNIQ,
			  "%zu images in the trash of pool %s had the name %s: name it by its id",
			  found, target->pool, target->image);
	else
		error_set(error, -ENOENT,
			  "no image in the trash of pool %s has the id or had the name %s",
			  target->pool, target->image);
	return error_advise(error, "`trash ls %s` lists them", target->pool);
}

/* The operand may be the id: the object names the image. */
static int print_entry(struct admin *admin, const struct target *target, const char *name,
		       const char *id, struct error *error)
{
	cJSON *json = json_of_target(target);

	cJSON_ReplaceItemInObjectCaseSensitive(json, "imageName", cJSON_CreateString(name));
	cJSON_AddStringToObject(json, "id", id);
	return json_print(admin, json, error);
}

int admin_trash_restore(struct admin *admin, struct error *error)
{
	const char *name = arguments_value(&admin->arguments, FLAG_IMAGE);
	struct trash_entry entry;
	struct target target;
	int result;

	if (*name && grammar_check(grammar_image, "--image", name, error) < 0)
		return ADMIN_WRONG_USE;
	result = find(admin, &target, &entry, error);
	if (result == 0)
		result = trash_restore(admin->cluster, &target.name, entry.id, name, error);
	if (result)
		return result;
	if (!*name)
		name = entry.name;
	admin_say(admin, "%s%s%s/%s: restored", target.pool, *target.name_space ? "/" : "",
		  target.name_space, name);
	return admin->json ? print_entry(admin, &target, name, entry.id, error) : 0;
}

static int remove_entry(struct admin *admin, const struct target *target, const char *id,
			struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};

	admin_way_begin(&way, admin, "remove", target);
	return trash_remove(admin->cluster, &target->name, id, false, &way.way, error);
}

int admin_trash_remove(struct admin *admin, struct error *error)
{
	char question[2 * IMAGE_TEXT_MAX];
	struct image_name name;
	struct trash_entry entry;
	struct target target;
	int result = find(admin, &target, &entry, error);

	if (result)
		return result;
	name = target.name; /* whose operand may be the id */
	name.image = entry.name;
	result = admin_refuse_mapped_id(admin, &name, entry.id, error);
	if (result)
		return result;
	(void)snprintf(question, sizeof(question),
		       "remove image %s (id %s) from the trash of pool %s for good?", entry.name,
		       entry.id, target.pool);
	result = admin_confirm(admin, question, error);
	if (result == 0)
		result = admin_hold_id(admin, &name, entry.id, error);
	if (result == 0)
		result = remove_entry(admin, &target, entry.id, error);
	if (result)
		return result;
	admin_say(admin, "%s (id %s): removed", entry.name, entry.id);
	return admin->json ? print_entry(admin, &target, entry.name, entry.id, error) : 0;
}
