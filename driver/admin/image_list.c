/* SPDX-License-Identifier: Apache-2.0 */
/* image ls. */
#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/features.h"
#include "ceph/manage_image.h"

static cJSON *entry_json(const struct image_entry *entry, bool details)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "imageName", entry->name);
	if (details && entry->known) {
		json_add_number(object, "size", entry->size);
		json_add_features(object, entry->features);
		json_add_number(object, "watchers", entry->watchers);
	}
	return object;
}

static int print_json(struct admin *admin, const struct target *target,
		      const struct image_page *page, bool details, struct error *error)
{
	cJSON *json = json_of_target(target);
	cJSON *list = cJSON_AddArrayToObject(json, "images");

	for (size_t i = 0; i < page->count; i++)
		cJSON_AddItemToArray(list, entry_json(&page->list[i], details));
	cJSON_AddNullToObject(json, "next"); /* it is one page */
	return json_print(admin, json, error);
}

static void print_names(struct admin *admin, const struct image_page *page)
{
	for (size_t i = 0; i < page->count; i++)
		line_print(admin->output, "%s", page->list[i].name);
}

static void print_table(struct admin *admin, const struct image_page *page)
{
	static const char *const HEADS[] = {"IMAGE", ">SIZE", ">WATCHERS", "FEATURES", NULL};
	char size[SIZE_TEXT_MAX], features[512];
	struct table table;

	table_begin(&table, HEADS);
	for (size_t i = 0; i < page->count; i++) {
		const struct image_entry *entry = &page->list[i];

		table_cell(&table, "%s", entry->name);
		table_cell(&table, "%s",
			   entry->known ? size_text(admin->person, entry->size, size) : "-");
		if (entry->known)
			table_cell(&table, "%u", entry->watchers);
		else
			table_cell(&table, "-");
		table_cell(&table, "%s",
			   entry->known    ? image_features_text(entry->features, features,
								 sizeof(features))
			   : entry->failed ? strerror(-entry->failed)
					   : "gone meanwhile");
	}
	table_end(&table, admin->output);
}

int admin_image_list(struct admin *admin, struct error *error)
{
	const bool details = arguments_have(&admin->arguments, FLAG_LONG);
	_cleanup_image_page_ struct image_page page = {0};
	_cleanup_way_ struct admin_way way = {0};
	struct target target;
	int result = admin_open(admin, 0, TARGET_POOL, &target, error);

	if (result)
		return result;
	admin_way_begin(&way, admin, "look at the images of", &target);
	result = image_list(admin->cluster, &target.name,
			    arguments_value(&admin->arguments, FLAG_PREFIX), "", 0, &page, error);
	if (result == 0 && details)
		result = image_list_details(admin->cluster, &target.name, &page, &way.way, error);
	if (result < 0)
		return result;
	if (admin->json)
		return print_json(admin, &target, &page, details, error);
	if (details)
		print_table(admin, &page);
	else
		print_names(admin, &page);
	return 0;
}
