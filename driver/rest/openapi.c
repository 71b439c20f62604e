/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/openapi.h"

#include <ctype.h>
#include <stdio.h>

#include "rest/handlers.h"
#include "rest/names.h"
#include "rest/problem.h"

#define SCHEMAS "#/components/schemas/"

static cJSON *reference(const char *schema)
{
	cJSON *json = cJSON_CreateObject();
	char text[64];

	(void)snprintf(text, sizeof(text), SCHEMAS "%s", schema);
	cJSON_AddStringToObject(json, "$ref", text);
	return json;
}

static void add_content(cJSON *answer, const char *type, cJSON *schema)
{
	cJSON *content = cJSON_AddObjectToObject(answer, "content");
	cJSON *media = cJSON_AddObjectToObject(content, type);

	cJSON_AddItemToObject(media, "schema", schema);
}

static cJSON *parameter(unsigned int name, bool required)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "name", names[name].name);
	cJSON_AddStringToObject(json, "in", "query");
	cJSON_AddBoolToObject(json, "required", required);
	cJSON_AddStringToObject(json, "description", names[name].description);
	cJSON_AddItemToObject(json, "schema", cJSON_Parse(names[name].schema));
	return json;
}

/* The same parameters may come in the body: then those of the query may be missing. */
static cJSON *body_schema(const struct route *route)
{
	cJSON *json = cJSON_CreateObject(), *properties;

	cJSON_AddStringToObject(json, "type", "object");
	cJSON_AddFalseToObject(json, "additionalProperties");
	properties = cJSON_AddObjectToObject(json, "properties");
	for (unsigned int i = 0; i < NAMES; i++)
		if ((route->required | route->optional) & 1U << i)
			cJSON_AddItemToObject(properties, names[i].name,
					      cJSON_Parse(names[i].schema));
	return json;
}

/* A body has no meaning for GET and DELETE in HTTP; it is taken, but not recommended. */
static bool has_body(const struct route *route)
{
	return (route->required | route->optional) && route->kind == ROUTE_WRITES &&
	       route->method[0] == 'P';
}

/* "poolName, imageName": what has to be there, in one place or the other. */
static void describe_body(cJSON *body, const struct route *route)
{
	_cleanup_text_ struct text words = {0};

	text_printf(&words, "The parameters may stand here instead of in the query; each once.");
	for (unsigned int i = 0, count = 0; i < NAMES; i++)
		if (route->required & 1U << i)
			text_printf(&words, "%s%s", count++ ? ", " : " Needed: ", names[i].name);
	cJSON_AddStringToObject(body, "description", words.data ? words.data : "");
}

static void add_body(cJSON *operation, const struct route *route)
{
	cJSON *body = cJSON_AddObjectToObject(operation, "requestBody");

	describe_body(body, route);
	cJSON_AddFalseToObject(body, "required");
	add_content(body, "application/x-www-form-urlencoded", body_schema(route));
	cJSON_AddItemToObject(
		cJSON_AddObjectToObject(cJSON_GetObjectItem(body, "content"), CONTENT_JSON),
		"schema", body_schema(route));
}

static void add_parameters(cJSON *operation, const struct route *route)
{
	const bool body = has_body(route);
	cJSON *list;

	if (!(route->required | route->optional))
		return;
	list = cJSON_AddArrayToObject(operation, "parameters");
	for (unsigned int i = 0; i < NAMES; i++)
		if ((route->required | route->optional) & 1U << i)
			cJSON_AddItemToArray(list,
					     parameter(i, !body && route->required & 1U << i));
	if (body)
		add_body(operation, route);
}

static void add_header(cJSON *answer, const char *name, const char *type)
{
	cJSON *headers = cJSON_AddObjectToObject(answer, "headers");
	cJSON *header = cJSON_AddObjectToObject(headers, name);

	cJSON_AddStringToObject(cJSON_AddObjectToObject(header, "schema"), "type", type);
}

static void add_success(cJSON *answer, const struct route *route)
{
	cJSON *schema;

	if (!route->content_type)
		return;
	if (route->schema) {
		schema = reference(route->schema);
	} else {
		schema = cJSON_CreateObject();
		cJSON_AddStringToObject(schema, "type",
					str_eq(route->content_type, CONTENT_JSON) ? "object"
										  : "string");
	}
	add_content(answer, route->content_type, schema);
}

static void add_answers(cJSON *operation, const struct route *route)
{
	cJSON *answers = cJSON_AddObjectToObject(operation, "responses"), *answer;
	char key[8];

	for (size_t i = 0; i < ROUTE_STATUSES && route->statuses[i]; i++) {
		const unsigned int status = route->statuses[i];

		(void)snprintf(key, sizeof(key), "%u", status);
		answer = cJSON_AddObjectToObject(answers, key);
		cJSON_AddStringToObject(answer, "description", problem_title(status));
		if (status == 401)
			add_header(answer, "WWW-Authenticate", "string");
		if (status == 503)
			add_header(answer, "Retry-After", "integer");
		if (status < 300)
			add_success(answer, route);
		else
			add_content(answer, CONTENT_PROBLEM, reference("Problem"));
	}
	answer = cJSON_AddObjectToObject(answers, "default");
	cJSON_AddStringToObject(answer, "description", "What the cluster said and nobody expected");
	add_content(answer, CONTENT_PROBLEM, reference("Problem"));
}

static void add_operation(cJSON *paths, const struct route *route)
{
	cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, route->path), *operation;
	char method[16];

	if (!path)
		path = cJSON_AddObjectToObject(paths, route->path);
	(void)snprintf(method, sizeof(method), "%s", route->method);
	for (char *c = method; *c; c++)
		*c = (char)tolower((unsigned char)*c);
	operation = cJSON_AddObjectToObject(path, method);
	cJSON_AddStringToObject(operation, "operationId", route->operation);
	cJSON_AddStringToObject(operation, "summary", route->summary);
	if (route->kind == ROUTE_OPEN)
		cJSON_AddArrayToObject(operation, "security");
	add_parameters(operation, route);
	add_answers(operation, route);
}

static void add_frame(cJSON *json)
{
	cJSON *part;

	cJSON_AddStringToObject(json, "openapi", "3.1.0");
	part = cJSON_AddObjectToObject(json, "info");
	cJSON_AddStringToObject(part, "title", "rbd-rest");
	cJSON_AddStringToObject(part, "summary", "Pools and images of a Ceph cluster");
	cJSON_AddStringToObject(part, "version", RBD_FLEXVOLUME_VERSION);
	part = cJSON_AddObjectToObject(json, "components");
	cJSON_AddItemToObject(part, "schemas", cJSON_Parse(openapi_schemas));
	part = cJSON_AddObjectToObject(cJSON_AddObjectToObject(part, "securitySchemes"), "basic");
	cJSON_AddStringToObject(part, "type", "http");
	cJSON_AddStringToObject(part, "scheme", "basic");
	part = cJSON_CreateObject();
	cJSON_AddArrayToObject(part, "basic");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(json, "security"), part);
}

cJSON *openapi_make(void)
{
	cJSON *json = cJSON_CreateObject(), *paths;

	add_frame(json);
	paths = cJSON_AddObjectToObject(json, "paths");
	for (size_t i = 0; i < route_count; i++)
		add_operation(paths, &routes[i]);
	return json;
}

void openapi_route(struct service *service, const struct rest_request *request,
		   struct response *response)
{
	response_json(response, 200, CONTENT_JSON, openapi_make());
}
