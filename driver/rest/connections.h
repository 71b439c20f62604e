/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Connections that take too long. libmicrohttpd closes those on which nothing happens; a client
 * that sends a byte now and then is closed here: a request has to have come, and an answer to have
 * been taken, within a fixed time.
 */
#pragma once

#include <stddef.h>
#include <sys/socket.h>

#define CONNECTION_READ_SECONDS  10
#define CONNECTION_WRITE_SECONDS 60
#define CONNECTION_IDLE_SECONDS  10 /* libmicrohttpd's own */

enum connection_phase { CONNECTION_READS, CONNECTION_WAITS, CONNECTION_WRITES };

struct connection;

/* NULL: not enough memory. */
struct connection *connection_opened(int socket, const struct sockaddr *address);
void connection_phase(struct connection *connection, enum connection_phase phase);
/* Before its socket is closed. */
void connection_closed(struct connection *connection);
const char *connection_address(const struct connection *connection);

/* Shuts those that took too long; how many. */
size_t connections_shut_slow(void);
