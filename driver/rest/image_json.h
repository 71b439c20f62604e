/* SPDX-License-Identifier: Apache-2.0 */
/* Images as JSON. */
#pragma once

#include "ceph/manage_image.h"
#include "rest/request.h"
#include "rest/response.h"

/* The image that a request means. */
struct image_name image_json_name(const struct rest_request *request);

/* {"poolName": ..., "namespace" where given, "imageName" where the route has one} */
cJSON *image_json_where(const struct rest_request *request);
cJSON *image_json_features(uint64_t features);
cJSON *image_json_size(const struct rest_request *request, uint64_t size, uint64_t features);
cJSON *image_json_info(const struct rest_request *request, const struct image_info *image);
