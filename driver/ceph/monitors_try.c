/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which monitors answer. Both protocols let the accepting side speak first: "ceph v027" (v1,
 * src/include/msgr.h CEPH_BANNER) or "ceph v2\n" (v2). A bare connect would also be taken by the
 * listen queue of a daemon that hangs, and by any other program at that port.
 */
#include <errno.h>
#include <netdb.h>
#include <poll.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/str.h"
#include "ceph/monitors.h"

#define GRACE  50 /* milliseconds for the others, once one has answered */
#define BANNER "ceph v"

static void close_all(struct pollfd *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i].fd >= 0)
			close(fds[i].fd);
}

/* "10.0.0.1:6789" or "[fd00::1]:6789" */
static int open_socket(const char *text)
{
	struct addrinfo hints = {.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV,
				 .ai_socktype = SOCK_STREAM};
	struct addrinfo *info;
	char host[64];
	char *port;
	int fd;

	if (str_copy(host, sizeof(host), text) < 0 || !(port = strrchr(host, ':')))
		return -EINVAL;
	*port++ = '\0';
	if (*host == '[')
		host[strlen(host) - 1] = '\0';
	if (getaddrinfo(*host == '[' ? host + 1 : host, port, &hints, &info))
		return -EINVAL;
	fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd >= 0 && connect(fd, info->ai_addr, info->ai_addrlen) < 0 && errno != EINPROGRESS) {
		close(fd);
		fd = -1;
	}
	freeaddrinfo(info);
	return fd;
}

/* Takes the socket out of the poll set, with what it has said. */
static void hear(struct monitor *monitor, struct pollfd *fd)
{
	char banner[sizeof(BANNER) - 1];
	ssize_t n = recv(fd->fd, banner, sizeof(banner), 0);

	if (n < 0 && errno == EAGAIN)
		return;
	monitor->answered = n == sizeof(banner) && memcmp(banner, BANNER, sizeof(banner)) == 0;
	close(fd->fd);
	fd->fd = -1;
}

/* One of those that the kernel would rather have: v1, unless only v2 are listed. */
static bool good_enough(const struct monitors *monitors)
{
	bool only_v2 = true, v1 = false, any = false;

	for (size_t i = 0; i < monitors->count; i++) {
		const struct monitor *monitor = &monitors->list[i];

		only_v2 = only_v2 && monitor->messenger_v2;
		v1 = v1 || (monitor->answered && !monitor->messenger_v2);
		any = any || monitor->answered;
	}
	return v1 || (only_v2 && any);
}

static bool all_spoken(const struct pollfd *fds, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (fds[i].fd >= 0)
			return false;
	return true;
}

static bool anybody(const struct monitors *monitors)
{
	for (size_t i = 0; i < monitors->count; i++)
		if (monitors->list[i].answered)
			return true;
	return false;
}

static void listen_to(struct monitors *monitors, struct pollfd *fds, struct deadline patience,
		      struct deadline deadline)
{
	bool hurried = false;

	while (!all_spoken(fds, monitors->count) && !deadline_passed(deadline)) {
		if (anybody(monitors))
			deadline = deadline_sooner(deadline, patience);
		if (!hurried && good_enough(monitors)) {
			deadline = deadline_sooner(deadline, deadline_in(GRACE));
			hurried = true;
		}
		if (poll(fds, monitors->count, deadline_left(deadline)) <= 0)
			continue;
		for (size_t i = 0; i < monitors->count; i++)
			if (fds[i].fd >= 0 && fds[i].revents)
				hear(&monitors->list[i], &fds[i]);
	}
}

static int nobody(const struct monitors *monitors, struct error *error)
{
	_cleanup_text_ struct text names = {0};

	for (size_t i = 0; i < monitors->count; i++)
		text_printf(&names, "%s%s", i ? ", " : "", monitors->list[i].text);
	error_set(error, -ETIMEDOUT, "no monitor of the Ceph cluster answers (tried %s)",
		  names.data ? names.data : "none");
	return error_advise(error, "check the addresses, the network and firewalls between this "
				   "node and them, and that ceph-mon runs there");
}

int monitors_try(struct monitors *monitors, struct deadline patience, struct deadline deadline,
		 struct error *error)
{
	struct pollfd fds[MONITORS_MAX];
	int answered = 0;

	for (size_t i = 0; i < monitors->count; i++) {
		monitors->list[i].answered = false;
		fds[i] = (struct pollfd){.fd = open_socket(monitors->list[i].text),
					 .events = POLLIN};
	}
	listen_to(monitors, fds, patience, deadline);
	close_all(fds, monitors->count);
	for (size_t i = 0; i < monitors->count; i++)
		answered += monitors->list[i].answered;
	return answered ? answered : nobody(monitors, error);
}

int monitors_try_mode(struct monitors *monitors, const char *mode, struct deadline patience,
		      struct deadline deadline, struct error *error)
{
	struct monitors second = *monitors;
	struct error ignored;
	int answered = monitors_for_mode(monitors, mode, error);

	if (answered == 0)
		answered = monitors_try(monitors, patience, deadline, error);
	if (answered >= 0 || !str_eq(mode, "auto") ||
	    monitors_for_mode(&second, "prefer-crc", &ignored) < 0)
		return answered;
	/* what was said stays, if nobody is there either */
	if (monitors_try(&second, patience, deadline, &ignored) < 0)
		return answered;
	*monitors = second;
	return 0;
}
