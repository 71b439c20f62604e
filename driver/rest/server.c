/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/server.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <time.h>

#include "rest/exchange.h"
#include "rest/metrics.h"
#include "rest/say.h"

#define THREADS         2 /* they only read and write */
#define CONNECTIONS_MAX 1000
#define OF_ONE_ADDRESS  2           /* one client may have one half: nobody shuts all others out */
#define FILES_OF_OURS   200         /* descriptors that are no connection */
#define MEMORY_MAX      (32 * 1024) /* of a connection: the header has to fit */
#define TICK_MS         200

struct server {
	struct exchanges exchanges;
	struct MHD_Daemon *daemon;
	int socket;
};

static void *on_uri(void *context, const char *uri, struct MHD_Connection *connection)
{
	struct server *server = context;

	return exchange_new(&server->exchanges, uri);
}

static void on_connection(void *context, struct MHD_Connection *connection, void **socket_context,
			  enum MHD_ConnectionNotificationCode what)
{
	struct server *server = context;
	struct metrics *metrics = server->exchanges.service->metrics;
	const union MHD_ConnectionInfo *fd, *address;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		if (*socket_context)
			connection_closed(*socket_context);
		*socket_context = NULL;
		metrics_add(metrics, METRIC_CONNECTIONS, -1);
		return;
	}
	fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	address = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	*socket_context =
		fd ? connection_opened(fd->connect_fd, address ? address->client_addr : NULL)
		   : NULL;
	metrics_add(metrics, METRIC_CONNECTIONS, 1);
}

static void phase(const struct exchange *exchange, enum connection_phase next)
{
	if (exchange->slow)
		connection_phase(exchange->slow, next);
}

static void add_headers(struct MHD_Response *made, const struct exchange *exchange)
{
	const struct response *response = &exchange->response;
	char seconds[16];

	if (response->content_type)
		MHD_add_response_header(made, "Content-Type", response->content_type);
	MHD_add_response_header(made, "Cache-Control", "no-store");
	MHD_add_response_header(made, "X-Content-Type-Options", "nosniff");
	if (*response->allow)
		MHD_add_response_header(made, "Allow", response->allow);
	if (response->challenge)
		MHD_add_response_header(made, "WWW-Authenticate",
					"Basic realm=\"rbd-rest\", charset=\"UTF-8\"");
	if (response->retry_after) {
		(void)snprintf(seconds, sizeof(seconds), "%u", response->retry_after);
		MHD_add_response_header(made, "Retry-After", seconds);
	}
	if (exchange->all->stopping)
		MHD_add_response_header(made, "Connection", "close");
}

/* The one write. */
static enum MHD_Result write_answer(struct exchange *exchange)
{
	struct response *response = &exchange->response;
	struct MHD_Response *made;
	enum MHD_Result result;

	phase(exchange, CONNECTION_WRITES);
	exchange->status = response->status;
	exchange->bytes = response->body.length;
	made = response->body.length
		       ? MHD_create_response_from_buffer(response->body.length,
							 TAKE_PTR(response->body.data),
							 MHD_RESPMEM_MUST_FREE)
		       : MHD_create_response_from_buffer(0, NULL, MHD_RESPMEM_PERSISTENT);
	if (!made)
		return MHD_NO;
	add_headers(made, exchange);
	result = MHD_queue_response(exchange->connection, response->status, made);
	MHD_destroy_response(made);
	return result;
}

static enum MHD_Result on_request(void *context, struct MHD_Connection *connection, const char *url,
				  const char *method, const char *version, const char *upload,
				  size_t *upload_size, void **request_context)
{
	struct exchange *exchange = *request_context;
	const union MHD_ConnectionInfo *info;

	if (!exchange)
		return MHD_NO;
	if (!exchange->begun) {
		info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
		exchange->slow = info ? info->socket_context : NULL;
		exchange_begin(exchange, connection, method);
		return exchange_answered(exchange) ? write_answer(exchange) : MHD_YES;
	}
	if (*upload_size) {
		exchange_take_body(exchange, upload, *upload_size);
		*upload_size = 0;
		return MHD_YES;
	}
	if (!exchange->dispatched) {
		phase(exchange, CONNECTION_WAITS);
		exchange_dispatch(exchange);
	}
	/* suspended: we are called again with the answer */
	return exchange_answered(exchange) && exchange->connection ? write_answer(exchange)
								   : MHD_YES;
}

static void on_completed(void *context, struct MHD_Connection *connection, void **request_context,
			 enum MHD_RequestTerminationCode how)
{
	struct exchange *exchange = *request_context;

	if (!exchange)
		return;
	phase(exchange, CONNECTION_READS);
	exchange_completed(exchange);
	*request_context = NULL;
}

/* What has to be looked at now and then: deadlines, slow clients, the file of users. */
static void *clock_thread(void *argument)
{
	struct server *server = argument;
	struct service *service = server->exchanges.service;
	bool told = false;

	for (unsigned int i = 0;; i++) {
		struct error error;
		int r = 0;

		deadline_pause(TICK_MS, deadline_in(TICK_MS));
		exchanges_expire(&server->exchanges, false);
		metrics_add(service->metrics, METRIC_SLOW_CLOSED, (int64_t)connections_shut_slow());
		if (service->auth && i % (1000 / TICK_MS) == 0)
			r = auth_refresh(service->auth, &error);
		if (r > 0)
			say("the file of users was read anew");
		else if (r < 0 && !told)
			say_error(&error);
		told = r < 0 || (told && i % (1000 / TICK_MS) != 0);
	}
	return NULL;
}

static unsigned int connections_max(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return FILES_OF_OURS;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	/* it may have been refused (a seccomp filter): what counts is what is in force */
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return FILES_OF_OURS;
	if (limit.rlim_cur >= CONNECTIONS_MAX + FILES_OF_OURS)
		return CONNECTIONS_MAX;
	return limit.rlim_cur > 2 * FILES_OF_OURS ? (unsigned int)limit.rlim_cur - FILES_OF_OURS
						  : FILES_OF_OURS;
}

__attribute__((format(printf, 2, 0))) static void on_log(void *context, const char *format,
							 va_list arguments)
{
	/* broken requests and clients that have gone: nobody's news, and they could fill a disk */
}

static struct MHD_Daemon *start_daemon(const struct server_setup *setup, struct server *server)
{
	const unsigned int limit = connections_max();
	struct MHD_OptionItem tls[] = {
		{MHD_OPTION_HTTPS_MEM_CERT, 0, (void *)setup->certificate},
		{MHD_OPTION_HTTPS_MEM_KEY, 0, (void *)setup->key},
		{MHD_OPTION_HTTPS_PRIORITIES, 0,
		 (void *)"NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"},
		{MHD_OPTION_END, 0, NULL},
	};
	const struct MHD_OptionItem none[] = {{MHD_OPTION_END, 0, NULL}};
	const unsigned int flags = MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME |
				   MHD_USE_ERROR_LOG | (setup->ipv6 ? MHD_USE_IPv6 : 0U) |
				   (setup->certificate ? MHD_USE_TLS : 0U);

	return MHD_start_daemon(
		flags, 0, NULL, NULL, on_request, server, MHD_OPTION_EXTERNAL_LOGGER, on_log, NULL,
		MHD_OPTION_LISTEN_SOCKET, setup->socket, MHD_OPTION_THREAD_POOL_SIZE,
		(unsigned int)THREADS, MHD_OPTION_CONNECTION_LIMIT, limit,
		MHD_OPTION_PER_IP_CONNECTION_LIMIT, limit / OF_ONE_ADDRESS,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)MEMORY_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, (unsigned int)CONNECTION_IDLE_SECONDS,
		MHD_OPTION_URI_LOG_CALLBACK, on_uri, server, MHD_OPTION_NOTIFY_CONNECTION,
		on_connection, server, MHD_OPTION_NOTIFY_COMPLETED, on_completed, server,
		MHD_OPTION_ARRAY, setup->certificate ? tls : none, MHD_OPTION_END);
}

int server_start(const struct server_setup *setup, struct server **ret, struct error *error)
{
	struct server *server = calloc(1, sizeof(*server));
	pthread_t thread;

	if (!server || exchanges_init(&server->exchanges, setup->service) < 0)
		return error_set(error, -ENOMEM, "start the server: not enough memory");
	server->socket = setup->socket;
	server->daemon = start_daemon(setup, server);
	if (!server->daemon) {
		error_set(error, -EIO, "start the server: libmicrohttpd refuses");
		return setup->certificate
			       ? error_advise(error, "is the key the certificate's, are both PEM?")
			       : -EIO;
	}
	if (pthread_create(&thread, NULL, clock_thread, server) != 0)
		return error_set(error, -EAGAIN, "start the server: no thread can be had");
	(void)pthread_detach(thread);
	*ret = server;
	return 0;
}

/* Until all are answered, or the deadline. */
static void wait_for_requests(struct exchanges *all, struct deadline deadline)
{
	pthread_mutex_lock(&all->lock);
	while (all->open && !deadline_passed(deadline)) {
		struct timespec until;

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += 1;
		(void)pthread_cond_timedwait(&all->fewer, &all->lock, &until);
	}
	pthread_mutex_unlock(&all->lock);
}

void server_stop(struct server *server, struct deadline deadline)
{
	struct exchanges *all = &server->exchanges;
	MHD_socket socket;

	pthread_mutex_lock(&all->lock);
	all->stopping = true;
	pthread_mutex_unlock(&all->lock);
	socket = MHD_quiesce_daemon(server->daemon);
	if (socket != MHD_INVALID_SOCKET)
		close(socket);
	wait_for_requests(all, deadline);
	/* connections that are kept alive may still ask: from here on they are answered at once */
	exchanges_expire(all, true);
	wait_for_requests(all, deadline_in(2000));
	MHD_stop_daemon(server->daemon);
}
