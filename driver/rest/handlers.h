/* SPDX-License-Identifier: Apache-2.0 */
/* One function for each route. */
#pragma once

#include "rest/routes.h"

#define HANDLER(name)                                                          \
	void name(struct service *service, const struct rest_request *request, \
		  struct response *response)

HANDLER(pool_list_route);
HANDLER(pool_create_route);
HANDLER(pool_delete_route);
HANDLER(image_list_route);
HANDLER(image_create_route);
HANDLER(image_resize_route);
HANDLER(image_delete_route);
HANDLER(image_allocation_route);
HANDLER(image_info_route);
HANDLER(health_process);
HANDLER(health_cluster);
HANDLER(openapi_route);
HANDLER(metrics_route);
