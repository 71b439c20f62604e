/* SPDX-License-Identifier: Apache-2.0 */
/* One line of JSON on stdout for each request; no credentials, and of the parameters only which
 * pool and image. */
#pragma once

#include <stdint.h>

struct access_line {
	const char *client; /* address */
	const char *user;   /* "": none, or not known to be one */
	const char *method;
	const char *path;
	const char *pool, *image; /* "" where not given; the beginning is logged */
	unsigned int status;      /* 0: the client has gone before an answer */
	uint64_t bytes;
	int64_t microseconds;
};

/* 0, or -EAGAIN where nobody took it. */
int access_log(const struct access_line *line);
