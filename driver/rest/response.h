/* SPDX-License-Identifier: Apache-2.0 */
/* What a request is answered with: filled by a handler, written once by the server. */
#pragma once

#include <cjson/cJSON.h>

#include "base/error.h"
#include "base/str.h"

#define CONTENT_JSON    "application/json"
#define CONTENT_PROBLEM "application/problem+json"
#define CONTENT_METRICS "text/plain; version=0.0.4; charset=utf-8"

struct response {
	unsigned int status;
	const char *content_type; /* NULL: no body */
	struct text body;
	char allow[64];           /* of 405; "" */
	unsigned int retry_after; /* seconds; 0: not said */
	bool challenge;           /* of 401: WWW-Authenticate */
};

void response_done(struct response *response);
#define _cleanup_response_ __attribute__((cleanup(response_done)))

/* Takes the object over, also where it is NULL (not enough memory: 503). */
void response_json(struct response *response, unsigned int status, const char *content_type,
		   cJSON *json);
void response_empty(struct response *response, unsigned int status);

/* Integers that JSON has to say exactly; a double ends at 2^53. */
cJSON *response_add_u64(cJSON *object, const char *name, uint64_t value);
