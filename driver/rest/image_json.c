/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/image_json.h"

#include <stdlib.h>

#include "base/str.h"
#include "ceph/features.h"
#include "rest/names.h"

struct image_name image_json_name(const struct rest_request *request)
{
	return (struct image_name){.pool = request->values[NAME_POOL],
				   .name_space = request->values[NAME_NAMESPACE],
				   .image = request->values[NAME_IMAGE],
				   .snapshot = ""};
}

cJSON *image_json_where(const struct rest_request *request)
{
	static const enum name WHERE[] = {NAME_POOL, NAME_NAMESPACE, NAME_IMAGE};
	cJSON *json = cJSON_CreateObject();

	for (size_t i = 0; i < ARRAY_SIZE(WHERE); i++)
		if (*request->values[WHERE[i]])
			cJSON_AddStringToObject(json, names[WHERE[i]].name,
						request->values[WHERE[i]]);
	return json;
}

cJSON *image_json_features(uint64_t features)
{
	cJSON *json = cJSON_CreateArray();
	char text[256], *rest = text, *name;

	image_features_text(features, text, sizeof(text));
	while ((name = strsep(&rest, ",")))
		if (*name)
			cJSON_AddItemToArray(json, cJSON_CreateString(name));
	return json;
}

cJSON *image_json_size(const struct rest_request *request, uint64_t size, uint64_t features)
{
	cJSON *json = image_json_where(request);

	response_add_u64(json, "size", size);
	cJSON_AddItemToObject(json, "features", image_json_features(features));
	return json;
}

static cJSON *watchers(const struct watchers *list)
{
	cJSON *json = cJSON_CreateArray();

	for (size_t i = 0; i < list->count; i++) {
		cJSON *watcher = cJSON_CreateObject();

		cJSON_AddStringToObject(watcher, "address", list->list[i].address);
		cJSON_AddItemToArray(json, watcher);
	}
	return json;
}

static void add_parent(cJSON *json, const struct image_info *image)
{
	cJSON *parent;

	if (!*image->parent_image) {
		cJSON_AddNullToObject(json, "parent");
		return;
	}
	parent = cJSON_AddObjectToObject(json, "parent");
	cJSON_AddStringToObject(parent, "poolName", image->parent_pool);
	if (*image->parent_namespace)
		cJSON_AddStringToObject(parent, "namespace", image->parent_namespace);
	cJSON_AddStringToObject(parent, "imageName", image->parent_image);
	cJSON_AddStringToObject(parent, "snapshot", image->parent_snapshot);
	response_add_u64(parent, "overlap", image->overlap);
}

cJSON *image_json_info(const struct rest_request *request, const struct image_info *image)
{
	cJSON *json = image_json_size(request, image->size, image->features);

	cJSON_AddStringToObject(json, "id", image->id);
	cJSON_AddNumberToObject(json, "format", image->format);
	response_add_u64(json, "objectSize", image->object_size);
	response_add_u64(json, "objects", image->objects);
	if (*image->data_pool)
		cJSON_AddStringToObject(json, "dataPool", image->data_pool);
	cJSON_AddNumberToObject(json, "created", (double)image->created);
	cJSON_AddNumberToObject(json, "snapshots", image->snapshots);
	add_parent(json, image);
	cJSON_AddBoolToObject(json, "locked", image->locked);
	cJSON_AddItemToObject(json, "watchers", watchers(&image->watchers));
	return json;
}
