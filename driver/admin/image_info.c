/* SPDX-License-Identifier: Apache-2.0 */
/* image info. */
#include <inttypes.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/features.h"
#include "ceph/manage_image.h"

static struct image_name parent_of(const struct image_info *info)
{
	return (struct image_name){.pool = info->parent_pool,
				   .name_space = info->parent_namespace,
				   .image = info->parent_image,
				   .snapshot = info->parent_snapshot};
}

static cJSON *parent_json(const struct image_info *info)
{
	cJSON *parent;

	if (!*info->parent_image)
		return cJSON_CreateNull();
	parent = cJSON_CreateObject();
	cJSON_AddStringToObject(parent, "poolName", info->parent_pool);
	if (*info->parent_namespace)
		cJSON_AddStringToObject(parent, "namespace", info->parent_namespace);
	cJSON_AddStringToObject(parent, "imageName", info->parent_image);
	cJSON_AddStringToObject(parent, "snapshot", info->parent_snapshot);
	cJSON_AddBoolToObject(parent, "inTrash", info->parent_in_trash);
	json_add_number(parent, "overlap", info->overlap);
	return parent;
}

static cJSON *watchers_json(const struct watchers *watchers)
{
	cJSON *list = cJSON_CreateArray();

	for (size_t i = 0; i < watchers->count; i++) {
		cJSON *one = cJSON_CreateObject();

		json_add_number(one, "client", watchers->list[i].client);
		cJSON_AddStringToObject(one, "address", watchers->list[i].address);
		cJSON_AddBoolToObject(one, "kernel", watchers->list[i].kernel);
		cJSON_AddItemToArray(list, one);
	}
	return list;
}

static int print_json(struct admin *admin, const struct target *target,
		      const struct image_info *info, struct error *error)
{
	cJSON *json = json_of_target(target), *records;

	cJSON_AddStringToObject(json, "id", info->id);
	json_add_number(json, "format", info->format);
	json_add_number(json, "size", info->size);
	json_add_features(json, info->features);
	json_add_number(json, "objectSize", info->object_size);
	json_add_number(json, "objects", info->objects);
	if (*info->data_pool)
		cJSON_AddStringToObject(json, "dataPool", info->data_pool);
	json_add_number(json, "created", (uint64_t)info->created);
	cJSON_AddItemToObject(json, "parent", parent_json(info));
	json_add_number(json, "snapshots", info->snapshots);
	cJSON_AddItemToObject(json, "watchers", watchers_json(&info->watchers));
	cJSON_AddBoolToObject(json, "locked", info->locked);
	records = cJSON_AddObjectToObject(json, "records");
	cJSON_AddStringToObject(records, "format", info->record_format);
	cJSON_AddStringToObject(records, "holder", info->record_holder);
	return json_print(admin, json, error);
}

static void print_parent(struct text *output, const struct image_info *info, bool person)
{
	const struct image_name parent = parent_of(info);
	char text[IMAGE_TEXT_MAX], overlap[SIZE_TEXT_MAX];

	if (*info->parent_image)
		line_print(output, "parent     %s%s, up to %s", image_name_text(&parent, text),
			   info->parent_in_trash ? " (in the trash)" : "",
			   size_text(person, info->overlap, overlap));
}

static void print_watchers(struct text *output, const struct watchers *watchers)
{
	if (!watchers->count)
		line_print(output, "watchers   none");
	for (size_t i = 0; i < watchers->count; i++)
		line_print(output, "watchers   %s, %s",
			   *watchers->list[i].address ? watchers->list[i].address : "unknown",
			   watchers->list[i].kernel ? "a kernel mapping" : "a librbd program");
}

static void print_text(struct admin *admin, const struct target *target,
		       const struct image_info *info)
{
	struct text *output = admin->output;
	char size[SIZE_TEXT_MAX], object[SIZE_TEXT_MAX], features[512], created[TIME_TEXT_MAX];

	line_print(output, "image      %s", target->text);
	line_print(output, "id         %s", *info->id ? info->id : "- (format 1)");
	line_print(output, "size       %s", size_text(admin->person, info->size, size));
	line_print(output, "objects    %" PRIu64 " of %s", info->objects,
		   size_text(admin->person, info->object_size, object));
	line_print(output, "features   %s%s%s",
		   info->features ? image_features_text(info->features, features, sizeof(features))
				  : "none",
		   info->object_map_invalid ? "; the object map is invalid" : "",
		   info->fast_diff_invalid ? "; fast-diff is invalid" : "");
	if (*info->data_pool)
		line_print(output, "data pool  %s", info->data_pool);
	line_print(output, "created    %s", admin_time(info->created, created));
	print_parent(output, info, admin->person);
	line_print(output, "snapshots  %u", info->snapshots);
	print_watchers(output, &info->watchers);
	line_print(output, "lock       %s", info->locked ? "held" : "free");
	if (*info->record_format)
		line_print(output, "format     %s", info->record_format);
	if (*info->record_holder)
		line_print(output, "holder     %s", info->record_holder);
}

int admin_image_info(struct admin *admin, struct error *error)
{
	struct image_info info;
	struct target target;
	int result = admin_open(admin, 0, TARGET_EITHER, &target, error);

	if (result == 0)
		result = image_info(admin->cluster, &target.name, &info, error);
	if (result)
		return result;
	if (admin->json)
		return print_json(admin, &target, &info, error);
	print_text(admin, &target, &info);
	return 0;
}
