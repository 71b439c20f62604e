/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/with_cluster.h"

#include "rest/keep.h"
#include "rest/problem.h"
#include "rest/service.h"

void with_cluster(struct service *service, const struct rest_request *request,
		  struct response *response, cluster_work work)
{
	struct error error = {0};
	struct cluster *cluster = keep_get(service->keep, &error);
	int r = cluster ? work(cluster, request, response, &error) : error.code;

	if (r < 0)
		problem_of(response, request, &error);
	if (!cluster)
		return;
	keep_report(service->keep, cluster, r);
	cluster_close(cluster);
}
