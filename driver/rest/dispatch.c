/* SPDX-License-Identifier: Apache-2.0 */
/* The way of a request: who asks → what for → may he → the handler. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "rest/access_log.h"
#include "rest/exchange.h"
#include "rest/handlers.h"
#include "rest/metrics.h"
#include "rest/problem.h"

static const char *header(const struct exchange *exchange, const char *name)
{
	return MHD_lookup_connection_value(exchange->connection, MHD_HEADER_KIND, name);
}

static void answer_problem(struct exchange *exchange, unsigned int status, const char *detail,
			   const char *advice)
{
	struct response response = {0};

	problem(&response, status, exchange->request.route ? &exchange->request : NULL, detail,
		advice);
	if (status == 405)
		(void)str_copy(response.allow, sizeof(response.allow), exchange->allow);
	exchange_answer(exchange, &response);
}

void exchange_begin(struct exchange *exchange, struct MHD_Connection *connection,
		    const char *method)
{
	const char *length;
	uint64_t bytes;

	exchange->begun = true;
	exchange->connection = connection;
	(void)snprintf(exchange->method, sizeof(exchange->method), "%s", method);
	if (exchange->path)
		exchange->route = route_find(method, exchange->path, exchange->allow);
	length = header(exchange, "Content-Length");
	/* what is announced as too large is not read at all */
	if (length && (str_to_u64(length, 10, &bytes) < 0 || bytes > BODY_MAX))
		answer_problem(exchange, 413, "the body is larger than 16 KiB", "");
}

void exchange_take_body(struct exchange *exchange, const char *bytes, size_t length)
{
	if (exchange->body.length + length > BODY_MAX)
		exchange->too_large = true;
	else
		text_add(&exchange->body, bytes, length);
}

static void run_handler(struct exchange *exchange)
{
	struct response response = {0};

	exchange->route->handler(exchange->all->service, &exchange->request, &response);
	exchange_answer(exchange, &response);
}

static void work_run(struct work_item *item)
{
	struct exchange *exchange = (struct exchange *)item;

	/* nobody waits any more: what has not begun does not begin */
	if (!exchange_answered(exchange))
		run_handler(exchange);
	exchange_release(exchange);
}

/* A thread of `work` goes on with it. It is suspended before: the thread may be faster than we. */
static void hand_over(struct exchange *exchange, struct work *work,
		      void (*run)(struct work_item *item))
{
	pthread_mutex_lock(&exchange->all->lock);
	exchange->owners++;
	pthread_mutex_unlock(&exchange->all->lock);
	exchange->item.run = run;
	if (!exchange_suspend(exchange))
		answer_problem(exchange, 503, "the server is ending", "");
	else if (work_submit(work, &exchange->item) == 0)
		return;
	else
		answer_problem(exchange, 503, "too much is asked at once", "ask again later");
	exchange_release(exchange);
}

static int parse(struct exchange *exchange, struct error *error)
{
	const char *query = strchr(exchange->uri, '?');
	const struct sent sent = {.query = query ? query + 1 : NULL,
				  .content_type = exchange->content_type,
				  .body = exchange->body.data,
				  .body_length = exchange->body.length};

	int r;

	if (exchange->body.failed)
		return error_set(error, -ENOMEM, "not enough memory");
	r = rest_request_parse(exchange->route, &sent, &exchange->request, error);
	pthread_mutex_lock(&exchange->all->lock);
	exchange->parsed = true;
	pthread_mutex_unlock(&exchange->all->lock);
	return r;
}

static void refuse_route(struct exchange *exchange)
{
	if (!exchange->path)
		answer_problem(exchange, 400, "the path is not well-formed", "");
	else if (*exchange->allow)
		answer_problem(exchange, 405, "this path has no such method", "");
	else
		answer_problem(exchange, 404, "there is no such path",
			       "GET /v1/openapi.json lists all");
}

/* NULL: he may. */
static const char *refuse_right(const struct exchange *exchange)
{
	if (exchange->route->kind != ROUTE_WRITES)
		return NULL;
	if (exchange->verdict == AUTH_READER)
		return "this user only reads";
	/* a browser says so on whose page the request was made: none is ours */
	if (exchange->from_page)
		return "a web page may not change anything here";
	return NULL;
}

/* Who shares threads with whom: what may hang or take long must not take those of the others. */
static struct work *work_for(const struct exchange *exchange)
{
	const struct exchanges *all = exchange->all;

	if (exchange->route->handler == pool_list_route)
		return all->pools;
	if (exchange->request.details || exchange->route->handler == image_allocation_route)
		return all->walks;
	return all->work;
}

static void go_on(struct exchange *exchange)
{
	const struct route *route = exchange->route;
	struct error error = {0};
	const char *refused;
	int r;

	if (!route) {
		refuse_route(exchange);
		return;
	}
	if (exchange->too_large) {
		answer_problem(exchange, 413, "the body is larger than 16 KiB", "");
		return;
	}
	r = parse(exchange, &error);
	if (r < 0) {
		answer_problem(exchange, problem_status(r), error.text, error.advice);
		return;
	}
	refused = refuse_right(exchange);
	if (refused) {
		answer_problem(exchange, 403, refused, "");
		return;
	}
	pthread_mutex_lock(&exchange->all->lock);
	exchange->deadline = deadline_in((int64_t)route->seconds * 1000);
	pthread_mutex_unlock(&exchange->all->lock);
	exchange->request.deadline = exchange->deadline;
	if (route->quick)
		run_handler(exchange);
	else
		hand_over(exchange, work_for(exchange), work_run);
}

static void judged(struct exchange *exchange)
{
	if (exchange->verdict == AUTH_READER || exchange->verdict == AUTH_WRITER)
		go_on(exchange);
	else
		answer_problem(exchange, 401, "a user's name and password are needed, or are wrong",
			       "");
}

static void verify_run(struct work_item *item)
{
	struct exchange *exchange = (struct exchange *)item;

	if (!exchange_answered(exchange)) {
		struct auth *auth = exchange->all->service->auth;
		/* who waited behind the same pair finds it remembered */
		enum auth_verdict verdict = auth_recall(auth, &exchange->credentials);

		if (verdict == AUTH_UNKNOWN)
			verdict = auth_verify(auth, &exchange->credentials);
		pthread_mutex_lock(&exchange->all->lock);
		exchange->verdict = verdict;
		pthread_mutex_unlock(&exchange->all->lock);
		judged(exchange);
	}
	exchange_release(exchange);
}

void exchange_dispatch(struct exchange *exchange)
{
	struct auth *auth = exchange->all->service->auth;
	const char *content_type = header(exchange, "Content-Type");

	exchange->dispatched = true;
	exchange->content_type = content_type ? strdup(content_type) : NULL;
	exchange->from_page = header(exchange, "Origin");
	if (!auth || (exchange->route && exchange->route->kind == ROUTE_OPEN)) {
		exchange->verdict = AUTH_WRITER;
		go_on(exchange);
		return;
	}
	if (auth_parse_basic(header(exchange, "Authorization"), &exchange->credentials))
		exchange->verdict = auth_recall(auth, &exchange->credentials);
	if (exchange->verdict == AUTH_UNKNOWN)
		hand_over(exchange, exchange->all->hashes, verify_run);
	else
		judged(exchange);
}

/* What came as it came, but nothing that would break the line. */
static void printable(const char *from, char *to, size_t size)
{
	size_t i = 0;

	for (; i + 1 < size && from[i] && from[i] != '?'; i++) {
		to[i] = from[i];
		if (to[i] <= ' ' || to[i] >= 0x7f)
			to[i] = '?';
	}
	to[i] = '\0';
}

void exchange_log(const struct exchange *exchange, int64_t microseconds)
{
	struct exchanges *all = exchange->all;
	char path[200], method[METHOD_SHOWN];
	struct access_line line = {
		.client = exchange->slow ? connection_address(exchange->slow) : "",
		.method = method,
		.path = path,
		.status = exchange->status,
		.bytes = exchange->bytes,
		.microseconds = microseconds,
	};

	printable(exchange->uri, path, sizeof(path));
	printable(exchange->method, method, sizeof(method));
	pthread_mutex_lock(&all->lock);
	if (all->service->auth &&
	    (exchange->verdict == AUTH_READER || exchange->verdict == AUTH_WRITER))
		line.user = exchange->credentials.user;
	if (exchange->parsed) {
		const char *const *values = exchange->request.values;

		line.pool = *values[NAME_NAME] ? values[NAME_NAME] : values[NAME_POOL];
		line.image = values[NAME_IMAGE];
	}
	pthread_mutex_unlock(&all->lock);
	if (access_log(&line) < 0)
		metrics_add(all->service->metrics, METRIC_LOG_LOST, 1);
}
