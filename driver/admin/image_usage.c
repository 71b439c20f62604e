/* SPDX-License-Identifier: Apache-2.0 */
/* image diff: the extents that exist; image du: their sum. Of a clone, what it has itself. */
#include <errno.h>
#include <inttypes.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/manage_image.h"

static struct image_extents_wish wish_of(const struct admin *admin, const struct admin_way *way)
{
	return (struct image_extents_wish){
		.whole_objects = arguments_have(&admin->arguments, FLAG_FAST), .way = way->way};
}

struct extents {
	bool json;
	struct table table;
	cJSON *list;
};

static int take(void *context, uint64_t offset, uint64_t length)
{
	struct extents *extents = context;
	cJSON *one;

	if (!extents->json) {
		table_cell(&extents->table, "%" PRIu64, offset);
		table_cell(&extents->table, "%" PRIu64, length);
		return 0;
	}
	one = cJSON_CreateObject();
	json_add_number(one, "offset", offset);
	json_add_number(one, "length", length);
	return cJSON_AddItemToArray(extents->list, one) ? 0 : -ENOMEM;
}

static int diff(struct admin *admin, const struct target *target, struct extents *extents,
		struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};
	struct image_extents_wish wish;
	struct image_extents sum;

	admin_way_begin(&way, admin, "look at", target);
	wish = wish_of(admin, &way);
	wish.extent = take;
	wish.context = extents;
	return image_extents(admin->cluster, &target->name, &wish, &sum, error);
}

int admin_image_diff(struct admin *admin, struct error *error)
{
	static const char *const HEADS[] = {">OFFSET", ">LENGTH", NULL};
	struct extents extents = {.json = admin->json};
	struct target target;
	cJSON *json = NULL;
	int result = admin_open(admin, 0, TARGET_EITHER, &target, error);

	if (result)
		return result;
	table_begin(&extents.table, HEADS);
	if (admin->json) {
		json = json_of_target(&target);
		extents.list = cJSON_AddArrayToObject(json, "extents");
	}
	result = diff(admin, &target, &extents, error);
	if (result < 0 || admin->json)
		text_done(&extents.table.cells);
	else
		table_end(&extents.table, admin->output);
	if (result < 0)
		cJSON_Delete(json);
	return result < 0 || !admin->json ? result : json_print(admin, json, error);
}

static int print_usage(struct admin *admin, const struct target *target,
		       const struct image_extents *sum, struct error *error)
{
	static const char *const HEADS[] = {"IMAGE", ">SIZE", ">ALLOCATION", NULL};
	char size[SIZE_TEXT_MAX], allocation[SIZE_TEXT_MAX];
	struct table table;
	cJSON *json;

	if (admin->json) {
		json = json_of_target(target);
		json_add_number(json, "size", sum->size);
		json_add_number(json, "allocation", sum->bytes);
		if (!sum->exact)
			cJSON_AddFalseToObject(json, "exact");
		return json_print(admin, json, error);
	}
	table_begin(&table, HEADS);
	table_cell(&table, "%s", target->text);
	table_cell(&table, "%s", size_text(admin->person, sum->size, size));
	table_cell(&table, "%s", size_text(admin->person, sum->bytes, allocation));
	table_end(&table, admin->output);
	return 0;
}

int admin_image_usage(struct admin *admin, struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};
	struct image_extents_wish wish;
	struct image_extents sum;
	struct target target;
	int result = admin_open(admin, 0, TARGET_EITHER, &target, error);

	if (result)
		return result;
	admin_way_begin(&way, admin, "look at", &target);
	wish = wish_of(admin, &way);
	result = image_extents(admin->cluster, &target.name, &wish, &sum, error);
	return result < 0 ? result : print_usage(admin, &target, &sum, error);
}
