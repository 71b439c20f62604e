/* SPDX-License-Identifier: Apache-2.0 */
/* The server on libmicrohttpd: its threads only read and write; what may block runs elsewhere
 * (rest/exchange.h). */
#pragma once

#include "base/deadline.h"
#include "base/error.h"
#include "rest/service.h"
#include "rest/settings.h"

struct server;

struct server_setup {
	struct service *service;
	int socket;                    /* listening; taken over */
	const char *certificate, *key; /* PEM; NULL: plain http */
	bool ipv6;
};

/* A listening socket. `address` is what it listens on then: "*" is IPv4's alone where the kernel
 * has no IPv6. */
int server_listen(struct address *address, const char *text, struct error *error);

int server_start(const struct server_setup *setup, struct server **ret, struct error *error);

/* No new connections; waits for the requests in work, and answers what is left at the deadline. */
void server_stop(struct server *server, struct deadline deadline);
