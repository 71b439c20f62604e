/* SPDX-License-Identifier: Apache-2.0 */
/* The routes that make, change and remove images. */
#include <errno.h>
#include <inttypes.h>

#include "ceph/features.h"
#include "ceph/manage_change.h"
#include "rest/handlers.h"
#include "rest/image_json.h"
#include "rest/image_turn.h"
#include "rest/problem.h"
#include "rest/with_cluster.h"

static int create(struct cluster *cluster, const struct rest_request *request,
		  struct response *response, struct error *error)
{
	const struct image_name name = image_json_name(request);
	struct image_plan plan = {.size = request->size,
				  .data_pool = "",
				  .parent = {"", "", "", ""},
				  .supported = UINT64_MAX};
	struct image_made made = {0};
	int r = image_features_parse("", &plan.features, error);

	if (r >= 0)
		r = image_make(cluster, &name, &plan, &made, error);
	if (r < 0)
		return r;
	if (r == 0 && made.size != request->size) {
		error_set(error, -EEXIST, "the image is there, with %" PRIu64 " bytes", made.size);
		return error_advise(error, "to change its size use PUT");
	}
	response_json(response, r ? 201 : 200, CONTENT_JSON,
		      image_json_size(request, made.size, made.features));
	return 0;
}

static int resize(struct cluster *cluster, const struct rest_request *request,
		  struct response *response, struct error *error)
{
	const struct image_name name = image_json_name(request);
	const struct manage_way way = {.deadline = request->deadline};
	struct image_info *image;
	int r;

	r = image_resize(cluster, &name, request->size, request->shrink, &way, error);
	if (r == -EFBIG)
		return error_advise(error, "shrink=true makes it smaller; what is behind is lost");
	if (r < 0)
		return r;
	image = calloc(1, sizeof(*image));
	if (!image)
		return error_set(error, -ENOMEM, "not enough memory");
	r = image_info(cluster, &name, image, error);
	if (r >= 0)
		response_json(response, 200, CONTENT_JSON,
			      image_json_size(request, image->size, image->features));
	free(image);
	return r;
}

static int delete (struct cluster *cluster, const struct rest_request *request,
		   struct response *response, struct error *error)
{
	const struct image_name name = image_json_name(request);
	const struct manage_way way = {.deadline = request->deadline};
	int r = image_remove(cluster, &name, &way, error);

	if (r >= 0)
		response_empty(response, 204);
	return r;
}

/* The turn is taken before the connection: to wait for it says nothing of the cluster. */
static void in_turn(struct service *service, const struct rest_request *request,
		    struct response *response, cluster_work work)
{
	_cleanup_image_turn_ struct image_turn turn = {0};
	struct error error = {0};

	if (image_turn_take(request, &turn, &error) < 0)
		problem_of(response, request, &error);
	else
		with_cluster(service, request, response, work);
}

void image_create_route(struct service *service, const struct rest_request *request,
			struct response *response)
{
	in_turn(service, request, response, create);
}

void image_resize_route(struct service *service, const struct rest_request *request,
			struct response *response)
{
	in_turn(service, request, response, resize);
}

void image_delete_route(struct service *service, const struct rest_request *request,
			struct response *response)
{
	in_turn(service, request, response, delete);
}
