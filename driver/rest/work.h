/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Threads that do what may block. A new one is started when there is work and none is free, up to a
 * limit, and goes when it was idle for a while: so a call that never comes back costs a thread, and
 * holds up nobody.
 */
#pragma once

#include <stddef.h>

struct work_item {
	struct work_item *next;
	void (*run)(struct work_item *item);
};

struct work;

struct work *work_new(size_t threads_max, size_t waiting_max);
/* -EAGAIN: too much waits already, or no thread can be had. */
int work_submit(struct work *work, struct work_item *item);
size_t work_threads(struct work *work);
