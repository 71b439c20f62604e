/* SPDX-License-Identifier: Apache-2.0 */
/* Moments on CLOCK_BOOTTIME until which something may take; milliseconds throughout. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct deadline {
	int64_t at; /* milliseconds since boot */
};

int64_t deadline_now(void);
struct deadline deadline_in(int64_t milliseconds);
/* Never negative; fits the timeout of poll(2). */
int deadline_left(struct deadline deadline);
bool deadline_passed(struct deadline deadline);
struct deadline deadline_sooner(struct deadline a, struct deadline b);

/* Waits, but not past the deadline. Only where nothing tells of the event that is waited for
 * (a watch that expires in the cluster, a kernel's EBUSY). */
void deadline_pause(int64_t milliseconds, struct deadline deadline);

/* Calls `attempt` until it returns something else than -EBUSY or the deadline has passed, with
 * growing pauses; nothing tells when a device or a mount is no longer busy. */
int deadline_retry_busy(int (*attempt)(const void *what, void *context), const void *what,
			void *context, struct deadline deadline);
