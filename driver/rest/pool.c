/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of pools. */
#include <stdlib.h>

#include "ceph/manage_pool.h"
#include "rest/handlers.h"
#include "rest/problem.h"
#include "rest/service.h"
#include "rest/with_cluster.h"

static cJSON *applications(const char *list)
{
	cJSON *json = cJSON_CreateArray();

	while (*list) {
		size_t length = strcspn(list, ",");
		char *name = strndup(list, length);

		cJSON_AddItemToArray(json, cJSON_CreateString(name ? name : ""));
		free(name);
		list += length + (list[length] == ',');
	}
	return json;
}

static cJSON *describe(const struct pool_entry *pool)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "name", pool->name);
	response_add_u64(json, "id", (uint64_t)pool->id);
	cJSON_AddItemToObject(json, "applications", applications(pool->applications));
	return json;
}

static int list(struct cluster *cluster, const struct rest_request *request,
		struct response *response, struct error *error)
{
	_cleanup_free_ struct pool_entry *pools = NULL;
	cJSON *json, *array;
	size_t count = 0;

	if (pool_list(cluster, &pools, &count, error) < 0)
		return error->code;
	json = cJSON_CreateObject();
	array = cJSON_AddArrayToObject(json, "pools");
	for (size_t i = 0; i < count; i++)
		cJSON_AddItemToArray(array, describe(&pools[i]));
	response_json(response, 200, CONTENT_JSON, json);
	return 0;
}

static int create(struct cluster *cluster, const struct rest_request *request,
		  struct response *response, struct error *error)
{
	struct pool_entry pool;
	int made = pool_create(cluster, request->values[NAME_NAME], &pool, error);

	if (made >= 0)
		response_json(response, made ? 201 : 200, CONTENT_JSON, describe(&pool));
	return made;
}

static int delete (struct cluster *cluster, const struct rest_request *request,
		   struct response *response, struct error *error)
{
	int r = pool_remove(cluster, request->values[NAME_NAME], NULL, error);

	if (r >= 0)
		response_empty(response, 204);
	return r;
}

void pool_list_route(struct service *service, const struct rest_request *request,
		     struct response *response)
{
	with_cluster(service, request, response, list);
}

void pool_create_route(struct service *service, const struct rest_request *request,
		       struct response *response)
{
	with_cluster(service, request, response, create);
}

void pool_delete_route(struct service *service, const struct rest_request *request,
		       struct response *response)
{
	if (service->allow_pool_delete)
		with_cluster(service, request, response, delete);
	else
		problem(response, 403, request, "this server deletes no pools",
			"set \"rest\": {\"allowPoolDelete\": true} in its configuration");
}
