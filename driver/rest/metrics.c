/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/metrics.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>

#include "rest/handlers.h"
#include "rest/keep.h"
#include "rest/service.h"

#define STATUS_FIRST 200
#define STATUS_LAST  599
#define ROUTES_MAX   32 /* the last one stands for what is no route */
#define NO_ROUTE     (ROUTES_MAX - 1)

/* Upper bounds in microseconds, and as they are written; the last bucket is all. */
static const struct {
	int64_t microseconds;
	const char *seconds;
} BUCKETS[] = {
	{1000, "0.001"},  {2500, "0.0025"},   {5000, "0.005"},     {10000, "0.01"},
	{25000, "0.025"}, {50000, "0.05"},    {100000, "0.1"},     {250000, "0.25"},
	{500000, "0.5"},  {1000000, "1"},     {2500000, "2.5"},    {10000000, "10"},
	{30000000, "30"}, {120000000, "120"}, {INT64_MAX, "+Inf"},
};

static const struct {
	const char *name, *type, *help;
} PLAIN[METRICS] = {
	[METRIC_CONNECTIONS] = {"rbd_rest_connections", "gauge", "Connections that are open"},
	[METRIC_REQUESTS_IN_WORK] = {"rbd_rest_requests_in_work", "gauge",
				     "Requests that are not answered yet"},
	[METRIC_GIVEN_UP] = {"rbd_rest_requests_given_up_total", "counter",
			     "Requests whose deadline passed"},
	[METRIC_SLOW_CLOSED] = {"rbd_rest_slow_connections_closed_total", "counter",
				"Connections closed since a request or an answer took too long"},
	[METRIC_LOG_LOST] = {"rbd_rest_log_lines_lost_total", "counter",
			     "Lines of the access log that nobody took"},
};

struct of_route {
	uint64_t statuses[STATUS_LAST - STATUS_FIRST + 1];
	uint64_t buckets[ARRAY_SIZE(BUCKETS)];
	uint64_t count, microseconds;
};

struct metrics {
	pthread_mutex_t lock;
	int64_t plain[METRICS];
	struct of_route routes[ROUTES_MAX];
};

struct metrics *metrics_new(void)
{
	struct metrics *metrics = calloc(1, sizeof(*metrics));

	if (metrics)
		pthread_mutex_init(&metrics->lock, NULL);
	return metrics;
}

void metrics_add(struct metrics *metrics, enum metric which, int64_t value)
{
	pthread_mutex_lock(&metrics->lock);
	metrics->plain[which] += value;
	pthread_mutex_unlock(&metrics->lock);
}

int64_t metrics_get(struct metrics *metrics, enum metric which)
{
	int64_t value;

	pthread_mutex_lock(&metrics->lock);
	value = metrics->plain[which];
	pthread_mutex_unlock(&metrics->lock);
	return value;
}

void metrics_answer(struct metrics *metrics, const struct route *route, unsigned int status,
		    int64_t microseconds)
{
	struct of_route *of = &metrics->routes[route ? route - routes : NO_ROUTE];
	size_t bucket = 0;

	while (microseconds > BUCKETS[bucket].microseconds)
		bucket++;
	pthread_mutex_lock(&metrics->lock);
	of->count++;
	of->microseconds += (uint64_t)microseconds;
	of->buckets[bucket]++;
	if (status >= STATUS_FIRST && status <= STATUS_LAST)
		of->statuses[status - STATUS_FIRST]++;
	pthread_mutex_unlock(&metrics->lock);
}

static const char *path_of(size_t route)
{
	return route < route_count ? routes[route].path : "none";
}

static const char *method_of(size_t route)
{
	return route < route_count ? routes[route].method : "any";
}

static void add_requests(const struct metrics *metrics, struct text *text)
{
	text_printf(text, "# HELP rbd_rest_requests_total Answers, by route and status\n"
			  "# TYPE rbd_rest_requests_total counter\n");
	for (size_t i = 0; i < ROUTES_MAX; i++)
		for (unsigned int s = 0; s <= STATUS_LAST - STATUS_FIRST; s++)
			if (metrics->routes[i].statuses[s])
				text_printf(text,
					    "rbd_rest_requests_total{route=\"%s\",method=\"%s\","
					    "status=\"%u\"} %" PRIu64 "\n",
					    path_of(i), method_of(i), s + STATUS_FIRST,
					    metrics->routes[i].statuses[s]);
}

static void add_durations(const struct metrics *metrics, struct text *text)
{
	static const char NAME[] = "rbd_rest_request_duration_seconds";

	text_printf(text,
		    "# HELP %s From the request's first line to the end of the answer\n"
		    "# TYPE %s histogram\n",
		    NAME, NAME);
	for (size_t i = 0; i < ROUTES_MAX; i++) {
		const struct of_route *of = &metrics->routes[i];
		uint64_t sum = 0;

		for (size_t b = 0; of->count && b < ARRAY_SIZE(BUCKETS); b++) {
			sum += of->buckets[b];
			text_printf(text,
				    "%s_bucket{route=\"%s\",method=\"%s\",le=\"%s\"} %" PRIu64 "\n",
				    NAME, path_of(i), method_of(i), BUCKETS[b].seconds, sum);
		}
		if (of->count)
			text_printf(text,
				    "%s_sum{route=\"%s\",method=\"%s\"} %.6f\n"
				    "%s_count{route=\"%s\",method=\"%s\"} %" PRIu64 "\n",
				    NAME, path_of(i), method_of(i), (double)of->microseconds / 1e6,
				    NAME, path_of(i), method_of(i), of->count);
	}
}

static void add_one(struct text *text, const char *name, const char *type, const char *help,
		    int64_t value)
{
	text_printf(text, "# HELP %s %s\n# TYPE %s %s\n%s %" PRId64 "\n", name, help, name, type,
		    name, value);
}

static void add_cluster(const struct keep_state *state, struct text *text)
{
	add_one(text, "rbd_rest_cluster_up", "gauge", "1: the cluster answers", state->ready);
	add_one(text, "rbd_rest_cluster_connects_total", "counter",
		"Connections that were made to the cluster", (int64_t)state->connects);
	add_one(text, "rbd_rest_cluster_losses_total", "counter", "How often it went away",
		(int64_t)state->losses);
}

void metrics_route(struct service *service, const struct rest_request *request,
		   struct response *response)
{
	struct metrics *metrics = service->metrics;
	struct text *text = &response->body;
	struct keep_state state;

	keep_look(service->keep, &state);
	pthread_mutex_lock(&metrics->lock);
	add_requests(metrics, text);
	add_durations(metrics, text);
	for (size_t i = 0; i < METRICS; i++)
		add_one(text, PLAIN[i].name, PLAIN[i].type, PLAIN[i].help, metrics->plain[i]);
	pthread_mutex_unlock(&metrics->lock);
	add_cluster(&state, text);
	response->status = 200;
	response->content_type = CONTENT_METRICS;
}
