/* SPDX-License-Identifier: Apache-2.0 */
/* The routes of probes. */
#include "rest/handlers.h"
#include "rest/keep.h"
#include "rest/problem.h"
#include "rest/service.h"

static void well(struct response *response, const char *words)
{
	cJSON *json = cJSON_CreateObject();

	cJSON_AddStringToObject(json, "status", words);
	response_json(response, 200, CONTENT_JSON, json);
}

void health_process(struct service *service, const struct rest_request *request,
		    struct response *response)
{
	well(response, "ok");
}

void health_cluster(struct service *service, const struct rest_request *request,
		    struct response *response)
{
	struct error error;
	struct cluster *cluster = keep_get(service->keep, &error);

	/* who asks is not known: what the cluster said is in the server's own words on stderr */
	if (!cluster)
		problem(response, 503, request, "the cluster is away", "");
	else
		well(response, "ready");
	if (cluster)
		cluster_close(cluster);
}
