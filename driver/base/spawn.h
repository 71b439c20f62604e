/* SPDX-License-Identifier: Apache-2.0 */
/* Programs run as children: by argv, never by a shell, with a deadline and a captured output. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/error.h"

/* Another of ourselves. */
#define SPAWN_SELF "/proc/self/exe"

struct spawn {
	/* argv[0] without a slash is looked for in the bundle (base/bundle.h), then in /usr/sbin,
	 * /usr/bin, /sbin, /bin, never in the caller's PATH. Ends with NULL. */
	const char *const *argv;
	/* descriptors that the child inherits under their own numbers (the verified device, the
	 * lock); all others are closed on exec, 0 is /dev/null, 1 and 2 are captured */
	const int *keep;
	size_t keep_count;
	struct deadline deadline;
	/* true: at the deadline the child goes on alone (fsck is never killed) */
	bool never_kill;
	/* true: what it says first is kept, not what it says last; once there is no more room the
	 * pipe is closed (SIGPIPE ends a tool that would go on at length) */
	bool beginning;
};

struct spawn_result {
	int exit_code;     /* 0..255, or 128 + signal */
	char output[2048]; /* what it said on 1 and 2 (see beginning), one line, no control
			    * characters */
};

/* Is there such a program? */
bool spawn_can(const char *name);

/* 0 once the child has ended (whatever its exit code). -ENOENT: no such program. -ETIMEDOUT: it
 * was killed, or (never_kill) it goes on. Errors are said. */
int spawn_run(const struct spawn *spawn, struct spawn_result *ret, struct error *error);
