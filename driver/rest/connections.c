/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/connections.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/deadline.h"

struct connection {
	struct connection *next, *previous;
	int socket;
	struct deadline until;
	bool limited;
	bool shut;
	char address[INET6_ADDRSTRLEN];
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct connection *first;

static void format_address(const struct sockaddr *address, char ret[INET6_ADDRSTRLEN])
{
	const void *bytes = NULL;

	if (address && address->sa_family == AF_INET)
		bytes = &((const struct sockaddr_in *)address)->sin_addr;
	else if (address && address->sa_family == AF_INET6)
		bytes = &((const struct sockaddr_in6 *)address)->sin6_addr;
	if (!bytes || !inet_ntop(address->sa_family, bytes, ret, INET6_ADDRSTRLEN))
		ret[0] = '\0';
}

struct connection *connection_opened(int socket, const struct sockaddr *address)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (!connection)
		return NULL;
	connection->socket = socket;
	format_address(address, connection->address);
	connection_phase(connection, CONNECTION_READS);
	pthread_mutex_lock(&lock);
	connection->next = first;
	if (first)
		first->previous = connection;
	first = connection;
	pthread_mutex_unlock(&lock);
	return connection;
}

void connection_phase(struct connection *connection, enum connection_phase phase)
{
	pthread_mutex_lock(&lock);
	connection->limited = phase != CONNECTION_WAITS;
	connection->until =
		deadline_in(phase == CONNECTION_READS ? CONNECTION_READ_SECONDS * 1000
						      : CONNECTION_WRITE_SECONDS * 1000);
	pthread_mutex_unlock(&lock);
}

void connection_closed(struct connection *connection)
{
	pthread_mutex_lock(&lock);
	if (connection->previous)
		connection->previous->next = connection->next;
	else
		first = connection->next;
	if (connection->next)
		connection->next->previous = connection->previous;
	pthread_mutex_unlock(&lock);
	free(connection);
}

const char *connection_address(const struct connection *connection)
{
	return connection->address;
}

size_t connections_shut_slow(void)
{
	size_t count = 0;

	pthread_mutex_lock(&lock);
	for (struct connection *connection = first; connection; connection = connection->next) {
		if (!connection->limited || connection->shut || !deadline_passed(connection->until))
			continue;
		/* under the lock: the number cannot be another socket's by now */
		(void)shutdown(connection->socket, SHUT_RDWR);
		connection->shut = true;
		count++;
	}
	pthread_mutex_unlock(&lock);
	return count;
}
