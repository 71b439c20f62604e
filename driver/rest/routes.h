/* SPDX-License-Identifier: Apache-2.0 */
/* The table of routes: what is served, and what OpenAPI says of it. */
#pragma once

#include <stdbool.h>

#include "rest/request.h"
#include "rest/response.h"

#define ROUTE_STATUSES 16

struct service; /* rest/service.h: what handlers stand on */

typedef void (*route_handler)(struct service *service, const struct rest_request *request,
			      struct response *response);

enum route_kind {
	ROUTE_OPEN, /* without credentials: probes */
	ROUTE_READS,
	ROUTE_WRITES, /* not for a user that only reads */
};

struct route {
	const char *method;
	const char *path;
	const char *operation; /* OpenAPI's operationId, and `route` in metrics and log */
	const char *summary;
	enum route_kind kind;
	bool quick;           /* no cluster is asked: answered where the request is read */
	unsigned int seconds; /* until 504 */
	unsigned int required, optional; /* bits of enum name */
	route_handler handler;
	const char *schema; /* of a success; NULL: no body */
	const char *content_type;
	unsigned short statuses[ROUTE_STATUSES]; /* all that it may answer, ended by 0 */
};

extern const struct route routes[];
extern const size_t route_count;

/* The route; or NULL, with the methods that the path has ("" : there is no such path). */
const struct route *route_find(const char *method, const char *path, char allow[64]);
