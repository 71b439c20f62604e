/* SPDX-License-Identifier: Apache-2.0 */
/* One request, parsed and checked once; const for the handlers. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "rest/parameters.h"

/* Each name that a parameter can have: a row of rest/names.c. */
enum name {
	NAME_NAME,
	NAME_POOL,
	NAME_IMAGE,
	NAME_NAMESPACE,
	NAME_SIZE,
	NAME_EXACT,
	NAME_DETAILS,
	NAME_SHRINK,
	NAME_PREFIX,
	NAME_LIMIT,
	NAME_AFTER,
	NAMES,
};

/* What came over the wire. */
struct sent {
	const char *query; /* undecoded, NULL: none */
	const char *content_type;
	const char *body;
	size_t body_length;
};

struct route;

struct rest_request {
	const struct route *route;
	const char *values[NAMES]; /* "" where not given */
	uint64_t size;             /* bytes; 0: not given */
	uint64_t limit;            /* at least 1 */
	bool exact, details, shrink;
	struct deadline deadline;
	struct parameters memory;
};

/* How a failure becomes a status: -EINVAL 400, -EDOM 422, -EPROTONOSUPPORT 415. `ret` must be given
 * to rest_request_done() in any case; pool and image are there as soon as they are known, for the
 * problem that is told. */
int rest_request_parse(const struct route *route, const struct sent *sent, struct rest_request *ret,
		       struct error *error);
void rest_request_done(struct rest_request *request);
#define _cleanup_rest_request_ __attribute__((cleanup(rest_request_done)))
