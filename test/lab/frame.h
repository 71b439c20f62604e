/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the lab's client (on the host) and agent (in the node) say to each
 * other: frames of one type byte, a 32-bit big-endian length and that many
 * bytes. One TCP connection carries one command.
 */
#ifndef LAB_FRAME_H
#define LAB_FRAME_H

#include <arpa/inet.h>
#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

enum {
	/* client to agent */
	FRAME_ARG = 'A',   /* one argument, in order */
	FRAME_FLAGS = 'F', /* one byte of FLAG_* */
	FRAME_GO = 'G',    /* all said: start */
	FRAME_STDIN = 'I', /* bytes; none: end of file */
	/* agent to client */
	FRAME_HELLO = 'H', /* sent on connect: the agent is there */
	FRAME_STDOUT = 'O',
	FRAME_STDERR = 'E',
	FRAME_EXIT = 'X', /* one byte: exit status as a shell sees it */
};

enum {
	FLAG_NO_STDIN = 1, /* /dev/null instead of a pipe */
	FLAG_WAIT_EOF = 2, /* wait until nobody holds stdout and stderr */
};

enum {
	FRAME_HEAD = 5,
	FRAME_MAX = 1 << 20, /* a limit that no execve argument reaches */
	CHUNK = 65536,
	AGENT_PORT = 7700,
};

static inline void frame_head(unsigned char head[FRAME_HEAD], int type, uint32_t len)
{
	uint32_t net_len = htonl(len);

	head[0] = (unsigned char)type;
	memcpy(head + 1, &net_len, sizeof(net_len));
}

static inline uint32_t frame_len(const unsigned char head[FRAME_HEAD])
{
	uint32_t net_len;

	memcpy(&net_len, head + 1, sizeof(net_len));
	return ntohl(net_len);
}

static inline int write_all(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len > 0) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* Returns 0, or -1 at an error or an end of file. */
static inline int read_all(int fd, void *data, size_t len)
{
	char *p = data;

	while (len > 0) {
		ssize_t n = read(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return -1;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

static inline int send_frame(int fd, int type, const void *data, size_t len)
{
	unsigned char head[FRAME_HEAD];

	frame_head(head, type, (uint32_t)len);
	if (write_all(fd, head, sizeof(head)) < 0)
		return -1;
	return write_all(fd, data, len);
}

#endif
