/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a command in a lab node through its agent; the host's half of
 * `lab run`.
 *
 *	client [-n] [-e] [-t SECONDS] NETNS ADDRESS PID COMMAND [ARGUMENT...]
 *	client -w [-t SECONDS] NETNS ADDRESS PID
 *
 *	-n	the command's stdin is /dev/null
 *	-e	wait until nobody holds the command's stdout and stderr
 *	-t	give up after that many seconds (the command is killed): exit 124
 *	-w	only wait until the agent answers
 *
 * PID is the node's process on the host: a node that loses its power sends no
 * FIN, so its death is seen by a pidfd. Then the exit status is 255.
 */
#define _GNU_SOURCE
#include "frame.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>

enum { EXIT_TIMEOUT = 124, EXIT_NODE_DEAD = 255, TRY_MS = 50 };

struct out_buffer { /* what the socket did not take yet */
	char data[FRAME_HEAD + CHUNK];
	size_t at, len;
};

static int node_pidfd;
static long long deadline_ms; /* 0: none */

static void fail(int status, const char *what)
{
	fprintf(stderr, "lab: %s\n", what);
	exit(status);
}

static long long now_ms(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000LL + ts.tv_nsec / 1000000;
}

static int remaining_ms(void)
{
	long long left;

	if (deadline_ms == 0)
		return -1;
	left = deadline_ms - now_ms();
	return left > 0 ? (int)left : 0;
}

static void check_alive(void)
{
	struct pollfd dead = {.fd = node_pidfd, .events = POLLIN};

	if (poll(&dead, 1, 0) != 0)
		fail(EXIT_NODE_DEAD, "the node is dead");
	if (remaining_ms() == 0)
		fail(EXIT_TIMEOUT, "no answer within the timeout");
}

/* One try of a connection up to the agent's hello; -1: not yet. */
static int try_connect(const struct sockaddr_in *to)
{
	unsigned char hello[FRAME_HEAD];
	int sock = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	struct pollfd ready = {.fd = sock, .events = POLLIN};
	int one = 1;

	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if ((connect(sock, (const void *)to, sizeof(*to)) < 0 && errno != EINPROGRESS))
		goto not_yet;
	for (int tries = 0; poll(&ready, 1, TRY_MS) == 0; tries++) {
		struct sockaddr_in peer;
		socklen_t peer_len = sizeof(peer);

		check_alive();
		/* Connected but slow is worth waiting for, silence is not. */
		if (getpeername(sock, (void *)&peer, &peer_len) < 0 && tries >= 1)
			goto not_yet;
	}
	fcntl(sock, F_SETFL, 0);
	if (read_all(sock, hello, sizeof(hello)) < 0 || hello[0] != FRAME_HELLO)
		goto not_yet;
	return sock;
not_yet:
	close(sock);
	return -1;
}

static int connect_agent(const char *netns, const char *address)
{
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(AGENT_PORT)};
	const struct timespec pause = {.tv_nsec = 10 * 1000 * 1000};
	int ns = open(netns, O_RDONLY | O_CLOEXEC);
	int sock;

	if (ns < 0 || setns(ns, CLONE_NEWNET) < 0)
		fail(EXIT_NODE_DEAD, "cannot enter the lab's network namespace");
	close(ns);
	inet_pton(AF_INET, address, &to.sin_addr);
	while ((sock = try_connect(&to)) < 0) {
		check_alive();
		nanosleep(&pause, NULL);
	}
	return sock;
}

static void send_request(int sock, unsigned char flags, char **argv)
{
	int bad = send_frame(sock, FRAME_FLAGS, &flags, 1);

	for (; *argv; argv++)
		bad |= send_frame(sock, FRAME_ARG, *argv, strlen(*argv));
	bad |= send_frame(sock, FRAME_GO, "", 0);
	if (bad)
		fail(EXIT_NODE_DEAD, "the agent does not take the command");
}

/* Like read_all(), but the node may die in the middle. */
static int receive(int sock, void *data, size_t len)
{
	char *p = data;

	while (len > 0) {
		struct pollfd fds[] = {
			{.fd = sock, .events = POLLIN},
			{.fd = node_pidfd, .events = POLLIN},
		};
		ssize_t n;

		poll(fds, 2, -1);
		if (!fds[0].revents)
			fail(EXIT_NODE_DEAD, "the node died");
		n = read(sock, p, len);
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Handles one frame; exits at the command's end. */
static void take_frame(int sock)
{
	static char buf[CHUNK];
	unsigned char head[FRAME_HEAD];
	uint32_t len;

	if (receive(sock, head, sizeof(head)) < 0)
		fail(EXIT_NODE_DEAD, "the agent closed the connection");
	len = frame_len(head);
	if (len > sizeof(buf) || receive(sock, buf, len) < 0)
		fail(EXIT_NODE_DEAD, "the agent broke off");
	if (head[0] == FRAME_EXIT)
		exit((unsigned char)buf[0]);
	/* A closed stdout ends us (SIGPIPE) and with us the command. */
	(void)!write_all(head[0] == FRAME_STDOUT ? 1 : 2, buf, len);
}

/* Returns 0 when there will be no more stdin. */
static int fill(struct out_buffer *out)
{
	ssize_t n = read(0, out->data + FRAME_HEAD, CHUNK);

	if (n < 0)
		n = 0;
	frame_head((unsigned char *)out->data, FRAME_STDIN, (uint32_t)n);
	out->at = 0;
	out->len = FRAME_HEAD + (size_t)n;
	return n > 0;
}

static void drain(int sock, struct out_buffer *out)
{
	ssize_t n = send(sock, out->data + out->at, out->len, MSG_DONTWAIT | MSG_NOSIGNAL);

	if (n > 0) {
		out->at += (size_t)n;
		out->len -= (size_t)n;
	} else if (n < 0 && errno != EAGAIN && errno != EINTR) {
		out->len = 0; /* its end will be read in a moment */
	}
}

static void converse(int sock, int have_stdin)
{
	static struct out_buffer out;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = sock, .events = POLLIN},
			{.fd = -1, .events = POLLIN},
			{.fd = node_pidfd, .events = POLLIN},
		};

		if (out.len > 0)
			fds[0].events |= POLLOUT;
		else if (have_stdin)
			fds[1].fd = 0;
		if (poll(fds, 3, remaining_ms()) == 0)
			fail(EXIT_TIMEOUT, "timeout, the command is killed");
		if (fds[0].revents & (POLLIN | POLLHUP | POLLERR))
			take_frame(sock);
		else if (fds[2].revents)
			fail(EXIT_NODE_DEAD, "the node died");
		if (fds[1].revents)
			have_stdin = fill(&out);
		if (out.len > 0)
			drain(sock, &out);
	}
}

static unsigned char stdin_flag(void)
{
	struct stat st;

	/* A terminal would stop us in the background; of no use without a pty. */
	return isatty(0) || fstat(0, &st) < 0 ? FLAG_NO_STDIN : 0;
}

int main(int argc, char **argv)
{
	unsigned char flags = stdin_flag();
	int opt, wait_only = 0, sock;

	while ((opt = getopt(argc, argv, "+newt:")) != -1) {
		switch (opt) {
		case 'n':
			flags |= FLAG_NO_STDIN;
			break;
		case 'e':
			flags |= FLAG_WAIT_EOF;
			break;
		case 'w':
			wait_only = 1;
			break;
		case 't':
			deadline_ms = now_ms() + (long long)(atof(optarg) * 1000);
			break;
		default:
			return 2;
		}
	}
	if (argc - optind < (wait_only ? 3 : 4))
		fail(2, "usage: client [-n] [-e] [-w] [-t S] NETNS ADDRESS PID COMMAND...");
	argv += optind;
	node_pidfd = (int)syscall(SYS_pidfd_open, atoi(argv[2]), 0);
	if (node_pidfd < 0)
		fail(EXIT_NODE_DEAD, "the node is dead");
	sock = connect_agent(argv[0], argv[1]);
	if (wait_only)
		return 0;
	send_request(sock, flags, argv + 3);
	converse(sock, !(flags & FLAG_NO_STDIN));
}
