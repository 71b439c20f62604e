/* SPDX-License-Identifier: Apache-2.0 */
/* The routes that look at images: they leave no watch (ceph/manage_image.h). */
#include <errno.h>
#include <stdlib.h>

#include "ceph/manage_image.h"
#include "rest/cursor.h"
#include "rest/handlers.h"
#include "rest/image_json.h"
#include "rest/with_cluster.h"

/* An image that is gone meanwhile, or half made, has its name only. */
static void add_details(cJSON *json, const struct image_entry *image)
{
	if (!image->known)
		return;
	response_add_u64(json, "size", image->size);
	cJSON_AddItemToObject(json, "features", image_json_features(image->features));
	cJSON_AddNumberToObject(json, "watchers", image->watchers);
}

/* `next` and `after` are the same text. */
static void add_next(cJSON *json, const struct image_page *page)
{
	_cleanup_text_ struct text next = {0};

	if (!page->more || !page->count) {
		cJSON_AddNullToObject(json, "next");
		return;
	}
	cursor_of_name(page->list[page->count - 1].name, &next);
	cJSON_AddStringToObject(json, "next", next.data ? next.data : "");
}

static int read_list(struct cluster *cluster, const struct rest_request *request,
		     struct image_page *ret, struct error *error)
{
	const struct image_name where = image_json_name(request);
	const struct manage_way way = {.deadline = request->deadline};
	char after[MANAGE_NAME_MAX];
	int r = cursor_to_name(request->values[NAME_AFTER], after, sizeof(after));

	if (r < 0)
		return error_errno(error, r, "list the images of pool %s", where.pool);
	r = image_list(cluster, &where, request->values[NAME_PREFIX], after, (size_t)request->limit,
		       ret, error);
	return r >= 0 && request->details ? image_list_details(cluster, &where, ret, &way, error)
					  : r;
}

static int list(struct cluster *cluster, const struct rest_request *request,
		struct response *response, struct error *error)
{
	_cleanup_image_page_ struct image_page page = {0};
	cJSON *json, *images;
	int r = read_list(cluster, request, &page, error);

	if (r < 0)
		return r;
	json = image_json_where(request);
	images = cJSON_AddArrayToObject(json, "images");
	for (size_t i = 0; i < page.count; i++) {
		cJSON *image = cJSON_CreateObject();

		cJSON_AddStringToObject(image, "imageName", page.list[i].name);
		if (request->details)
			add_details(image, &page.list[i]);
		cJSON_AddItemToArray(images, image);
	}
	add_next(json, &page);
	response_json(response, 200, CONTENT_JSON, json);
	return 0;
}

static int info(struct cluster *cluster, const struct rest_request *request,
		struct response *response, struct error *error)
{
	const struct image_name name = image_json_name(request);
	struct image_info *image = calloc(1, sizeof(*image));
	int r = image ? image_info(cluster, &name, image, error)
		      : error_set(error, -ENOMEM, "not enough memory");

	if (r >= 0)
		response_json(response, 200, CONTENT_JSON, image_json_info(request, image));
	free(image);
	return r;
}

static int allocation(struct cluster *cluster, const struct rest_request *request,
		      struct response *response, struct error *error)
{
	const struct image_name name = image_json_name(request);
	const struct image_extents_wish wish = {.whole_objects = !request->exact,
						.way = {.deadline = request->deadline}};
	struct image_extents extents;
	int r = image_extents(cluster, &name, &wish, &extents, error);
	cJSON *json;

	if (r < 0)
		return r;
	json = image_json_where(request);
	response_add_u64(json, "size", extents.size);
	response_add_u64(json, "allocation", extents.bytes);
	if (!extents.exact)
		cJSON_AddFalseToObject(json, "exact");
	response_json(response, 200, CONTENT_JSON, json);
	return 0;
}

void image_list_route(struct service *service, const struct rest_request *request,
		      struct response *response)
{
	with_cluster(service, request, response, list);
}

void image_info_route(struct service *service, const struct rest_request *request,
		      struct response *response)
{
	with_cluster(service, request, response, info);
}

void image_allocation_route(struct service *service, const struct rest_request *request,
			    struct response *response)
{
	with_cluster(service, request, response, allocation);
}
