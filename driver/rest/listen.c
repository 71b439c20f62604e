/* SPDX-License-Identifier: Apache-2.0 */
/* The socket that is listened on. */
#include <errno.h>
#include <netinet/in.h>

#include "base/cleanup.h"
#include "rest/server.h"

#define BACKLOG 1024

/* A kernel that was started with ipv6.disable=1 has no such sockets at all. */
static void without_ipv6(struct address *address)
{
	const in_port_t port = ((const struct sockaddr_in6 *)&address->address)->sin6_port;

	address->address = (struct sockaddr_storage){0};
	*(struct sockaddr_in *)&address->address =
		(struct sockaddr_in){.sin_family = AF_INET, .sin_port = port};
	address->length = sizeof(struct sockaddr_in);
}

static int make_socket(const struct address *address)
{
	const int fd =
		socket(address->address.ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	return fd < 0 ? -errno : fd;
}

static int failed(struct error *error, int code, const char *text)
{
	error_errno(error, code, "listen on %s", text);
	switch (code) {
	case -EADDRINUSE:
		return error_advise(error, "another program listens there (`ss -ltnp` tells "
					   "which): end it, or give another --listen");
	case -EADDRNOTAVAIL:
		return error_advise(error, "this machine has no such address (`ip address` lists "
					   "what it has); *:PORT is all of them");
	case -EACCES:
		return error_advise(error, "a port below 1024 takes root or CAP_NET_BIND_SERVICE: "
					   "give another --listen");
	case -EAFNOSUPPORT:
		return error_advise(error, "this kernel has no IPv6: write 0.0.0.0:PORT, or *:PORT "
					   "for whatever it has");
	default:
		return code;
	}
}

int server_listen(struct address *address, const char *text, struct error *error)
{
	_cleanup_close_ int fd = make_socket(address);
	const int on = 1, off = 0;

	if (fd == -EAFNOSUPPORT && address->any) {
		without_ipv6(address);
		fd = make_socket(address);
	}
	if (fd < 0)
		return failed(error, fd, text);
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (address->address.ss_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &off, sizeof(off));
	if (bind(fd, (const struct sockaddr *)&address->address, address->length) < 0 ||
	    listen(fd, BACKLOG) < 0)
		return failed(error, -errno, text);
	return TAKE_FD(fd);
}
