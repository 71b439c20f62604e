/* SPDX-License-Identifier: Apache-2.0 */
/* The life of an exchange; what is done with it is in rest/dispatch.c. */
#include "rest/exchange.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "rest/metrics.h"
#include "rest/problem.h"

#define WORK_THREADS    64
#define WORK_WAITING    1000
#define WALK_THREADS    8
#define POOL_THREADS    16
#define HASH_THREADS    2
#define HASH_WAITING    WORK_WAITING /* as many as there are connections */
#define HEADER_DEADLINE 30000        /* ms, until the route's own is known */

static int64_t now_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int exchanges_init(struct exchanges *all, struct service *service)
{
	pthread_condattr_t attributes;

	*all = (struct exchanges){.service = service,
				  .work = work_new(WORK_THREADS, WORK_WAITING),
				  .walks = work_new(WALK_THREADS, WORK_WAITING),
				  .pools = work_new(POOL_THREADS, WORK_WAITING),
				  .hashes = work_new(HASH_THREADS, HASH_WAITING)};
	pthread_mutex_init(&all->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&all->fewer, &attributes);
	pthread_condattr_destroy(&attributes);
	return all->work && all->walks && all->pools && all->hashes ? 0 : -ENOMEM;
}

/* "/v1/pool" of "/v1/pool?name=a" */
static char *decoded_path(const char *uri)
{
	const size_t length = strcspn(uri, "?");
	char *path = malloc(length + 1);
	struct error ignored;

	if (path && parameters_decode(uri, length, false, path, &ignored) < 0) {
		free(path);
		path = NULL;
	}
	return path;
}

struct exchange *exchange_new(struct exchanges *all, const char *uri)
{
	struct exchange *exchange = calloc(1, sizeof(*exchange));

	if (!exchange)
		return NULL;
	exchange->all = all;
	exchange->owners = 1;
	exchange->start = now_us();
	exchange->deadline = deadline_in(HEADER_DEADLINE);
	exchange->uri = strdup(uri);
	if (!exchange->uri) {
		free(exchange);
		return NULL;
	}
	exchange->path = decoded_path(uri);
	pthread_mutex_lock(&all->lock);
	all->open++;
	pthread_mutex_unlock(&all->lock);
	metrics_add(all->service->metrics, METRIC_REQUESTS_IN_WORK, 1);
	return exchange;
}

static void exchange_free(struct exchange *exchange)
{
	explicit_bzero(&exchange->credentials, sizeof(exchange->credentials));
	rest_request_done(&exchange->request);
	response_done(&exchange->response);
	text_done(&exchange->body);
	free(exchange->content_type);
	free(exchange->path);
	free(exchange->uri);
	free(exchange);
}

/* With the lock held. */
static void unlink_exchange(struct exchange *exchange)
{
	if (exchange->previous)
		exchange->previous->next = exchange->next;
	else if (exchange->all->first == exchange)
		exchange->all->first = exchange->next;
	if (exchange->next)
		exchange->next->previous = exchange->previous;
	exchange->next = exchange->previous = NULL;
}

/* With the lock held. */
static void suspend_locked(struct exchange *exchange)
{
	struct exchanges *all = exchange->all;

	exchange->suspended = true;
	exchange->next = all->first;
	if (all->first)
		all->first->previous = exchange;
	all->first = exchange;
	MHD_suspend_connection(exchange->connection);
}

bool exchange_suspend(struct exchange *exchange)
{
	struct exchanges *all = exchange->all;
	bool may;

	pthread_mutex_lock(&all->lock);
	may = !all->ended;
	if (may && !exchange->suspended)
		suspend_locked(exchange);
	pthread_mutex_unlock(&all->lock);
	return may;
}

/* With the lock held. */
static void answer_locked(struct exchange *exchange, struct response *response)
{
	if (exchange->answered)
		return;
	exchange->answered = true;
	exchange->response = *response;
	*response = (struct response){0};
	if (!exchange->suspended)
		return;
	unlink_exchange(exchange);
	MHD_resume_connection(exchange->connection);
}

void exchange_answer(struct exchange *exchange, struct response *response)
{
	pthread_mutex_lock(&exchange->all->lock);
	answer_locked(exchange, response);
	pthread_mutex_unlock(&exchange->all->lock);
	response_done(response);
}

bool exchange_answered(struct exchange *exchange)
{
	bool answered;

	pthread_mutex_lock(&exchange->all->lock);
	answered = exchange->answered;
	pthread_mutex_unlock(&exchange->all->lock);
	return answered;
}

static void expire(struct exchange *exchange, bool stopping)
{
	/* once it was parsed nobody changes it */
	const struct rest_request *request = exchange->parsed ? &exchange->request : NULL;
	struct response response = {0};

	if (stopping)
		problem(&response, 503, request,
			"the server is ending; what was begun may still be done", "");
	else
		problem(&response, 504, request,
			"the cluster has not answered within the time that this request has; what "
			"was begun may still be done",
			"ask again to see what has become of it");
	answer_locked(exchange, &response);
	metrics_add(exchange->all->service->metrics, METRIC_GIVEN_UP, 1);
}

void exchanges_expire(struct exchanges *all, bool all_of_them)
{
	struct exchange *next;

	pthread_mutex_lock(&all->lock);
	all->ended = all->ended || all_of_them;
	for (struct exchange *exchange = all->first; exchange; exchange = next) {
		next = exchange->next;
		if (all_of_them || deadline_passed(exchange->deadline))
			expire(exchange, all_of_them);
	}
	pthread_mutex_unlock(&all->lock);
}

void exchange_release(struct exchange *exchange)
{
	bool last;

	pthread_mutex_lock(&exchange->all->lock);
	last = --exchange->owners == 0;
	pthread_mutex_unlock(&exchange->all->lock);
	if (last)
		exchange_free(exchange);
}

void exchange_completed(struct exchange *exchange)
{
	struct exchanges *all = exchange->all;

	metrics_answer(all->service->metrics, exchange->route, exchange->status,
		       now_us() - exchange->start);
	metrics_add(all->service->metrics, METRIC_REQUESTS_IN_WORK, -1);
	exchange_log(exchange, now_us() - exchange->start);
	pthread_mutex_lock(&all->lock);
	all->open--;
	pthread_cond_broadcast(&all->fewer);
	pthread_mutex_unlock(&all->lock);
	exchange_release(exchange);
}
