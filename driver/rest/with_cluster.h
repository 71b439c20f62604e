/* SPDX-License-Identifier: Apache-2.0 */
/* What all handlers that ask the cluster have in common. */
#pragma once

#include "ceph/cluster.h"
#include "rest/routes.h"

/* Fills in the answer; or a negative errno with the error said, which becomes the problem. */
typedef int (*cluster_work)(struct cluster *cluster, const struct rest_request *request,
			    struct response *response, struct error *error);

void with_cluster(struct service *service, const struct rest_request *request,
		  struct response *response, cluster_work work);
