/* SPDX-License-Identifier: Apache-2.0 */
#include "base/deadline.h"

#include <errno.h>
#include <limits.h>
#include <time.h>

int64_t deadline_now(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_BOOTTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct deadline deadline_in(int64_t milliseconds)
{
	return (struct deadline){.at = deadline_now() + milliseconds};
}

int deadline_left(struct deadline deadline)
{
	int64_t left = deadline.at - deadline_now();

	if (left < 0)
		return 0;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool deadline_passed(struct deadline deadline)
{
	return deadline_left(deadline) == 0;
}

struct deadline deadline_sooner(struct deadline a, struct deadline b)
{
	return a.at < b.at ? a : b;
}

void deadline_pause(int64_t milliseconds, struct deadline deadline)
{
	int64_t left = deadline_left(deadline);
	int64_t pause = milliseconds < left ? milliseconds : left;
	struct timespec time = {.tv_sec = pause / 1000, .tv_nsec = pause % 1000 * 1000000};

	(void)clock_nanosleep(CLOCK_MONOTONIC, 0, &time, NULL);
}

int deadline_retry_busy(int (*attempt)(const void *what, void *context), const void *what,
			void *context, struct deadline deadline)
{
	int64_t pause = 10;
	int result;

	while ((result = attempt(what, context)) == -EBUSY && !deadline_passed(deadline)) {
		deadline_pause(pause, deadline);
		pause = pause < 400 ? pause * 2 : 400;
	}
	return result;
}
