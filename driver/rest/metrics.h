/* SPDX-License-Identifier: Apache-2.0 */
/* Counters of the server, and their text for Prometheus. */
#pragma once

#include <stdint.h>

#include "rest/routes.h"

enum metric {
	METRIC_CONNECTIONS,      /* open now */
	METRIC_REQUESTS_IN_WORK, /* now */
	METRIC_GIVEN_UP,         /* requests whose deadline passed while they were in work */
	METRIC_SLOW_CLOSED,      /* connections that were closed since they took too long */
	METRIC_LOG_LOST,         /* lines of the access log that nobody took */
	METRICS,
};

struct metrics;

struct metrics *metrics_new(void);
void metrics_add(struct metrics *metrics, enum metric which, int64_t value);
int64_t metrics_get(struct metrics *metrics, enum metric which);

/* One answer; `route` NULL: none of ours. */
void metrics_answer(struct metrics *metrics, const struct route *route, unsigned int status,
		    int64_t microseconds);
