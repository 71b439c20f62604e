/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One request and its answer. It belongs to the connection, and to the thread that works on it: at
 * the deadline the connection is answered (504), and the thread, whenever it comes back, finds that
 * nobody waits. Within rest/server.c, exchange.c
 * and dispatch.c only.
 */
#pragma once

#include <microhttpd.h>
#include <pthread.h>

#include "rest/auth.h"
#include "rest/connections.h"
#include "rest/routes.h"
#include "rest/service.h"
#include "rest/work.h"

#define BODY_MAX     16384
#define METHOD_SHOWN 24

/* What all requests share. */
struct exchanges {
	struct service *service;
	struct work *work;   /* calls of the cluster, each with a few operations on one image */
	struct work *walks;  /* those that ask each object, or each image of a pool */
	struct work *pools;  /* the list of pools: no OSD that hangs stops it */
	struct work *hashes; /* passwords: few at a time, so that wrong ones stop nobody else */
	pthread_mutex_t lock;
	pthread_cond_t fewer;
	struct exchange *first; /* those that a thread works on */
	size_t open;            /* not completed */
	bool stopping;
	bool ended; /* no connection is suspended any more: MHD_stop_daemon() would abort */
};

struct exchange {
	struct work_item item; /* first: rest/work.h gives it back */
	struct exchanges *all;
	struct MHD_Connection *connection;
	struct connection *slow; /* rest/connections.h; NULL where memory was short */
	struct exchange *next, *previous;
	struct deadline deadline;
	int64_t start; /* microseconds */
	unsigned int owners;
	bool begun, dispatched;
	bool suspended, answered; /* under the lock */
	bool too_large;
	bool parsed;    /* `request` may be read by others; under the lock */
	bool from_page; /* a browser sent it, from some page */
	char method[METHOD_SHOWN];
	char *uri;  /* as it came, with the query */
	char *path; /* decoded; NULL where it is not well-formed */
	const struct route *route;
	char allow[64];
	char *content_type; /* NULL: none. The connection's own words go with it */
	struct text body;
	struct credentials credentials;
	enum auth_verdict verdict;
	struct rest_request request;
	struct response response;
	unsigned int status; /* of the answer, for the log */
	uint64_t bytes;
};

int exchanges_init(struct exchanges *all, struct service *service);

/* libmicrohttpd has read the first line. NULL: not enough memory. */
struct exchange *exchange_new(struct exchanges *all, const char *uri);

/* The header is there. */
void exchange_begin(struct exchange *exchange, struct MHD_Connection *connection,
		    const char *method);
void exchange_take_body(struct exchange *exchange, const char *bytes, size_t length);

/* All is there: answers at once, or suspends the connection until there is an answer. */
void exchange_dispatch(struct exchange *exchange);

/* Is there an answer (or the connection to be resumed for it)? */
bool exchange_answered(struct exchange *exchange);
void exchange_answer(struct exchange *exchange, struct response *response);

/* The connection waits from now on (or does already); a thread has to answer. False: the server has
 * ended, it must be answered here and now. */
bool exchange_suspend(struct exchange *exchange);
/* One owner less; the last one's frees it. */
void exchange_release(struct exchange *exchange);
void exchange_log(const struct exchange *exchange, int64_t microseconds);

/* Answers those whose deadline has passed; `all_of_them`: whatever their deadline, and none waits
 * from then on. */
void exchanges_expire(struct exchanges *all, bool all_of_them);

/* The answer is out, or the client gone. */
void exchange_completed(struct exchange *exchange);
