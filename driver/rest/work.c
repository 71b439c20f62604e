/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/work.h"

#include <errno.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdlib.h>
#include <time.h>

#include "base/thread.h"
#include "rest/memory.h"

#define IDLE_SECONDS 10

struct work {
	pthread_mutex_t lock;
	pthread_cond_t more;
	struct work_item *first, *last;
	size_t waiting, idle, threads;
	size_t waiting_max, threads_max;
};

struct work *work_new(size_t threads_max, size_t waiting_max)
{
	struct work *work = calloc(1, sizeof(*work));
	pthread_condattr_t attributes;

	if (!work)
		return NULL;
	work->threads_max = threads_max;
	work->waiting_max = waiting_max;
	pthread_mutex_init(&work->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&work->more, &attributes);
	pthread_condattr_destroy(&attributes);
	return work;
}

/* With the lock held. NULL: nothing came for a while, the thread may go. */
static struct work_item *take(struct work *work)
{
	struct work_item *item;
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += IDLE_SECONDS;
	while (!work->first) {
		int r;

		work->idle++;
		r = pthread_cond_timedwait(&work->more, &work->lock, &until);
		work->idle--;
		if (r == ETIMEDOUT && !work->first)
			return NULL;
	}
	item = work->first;
	work->first = item->next;
	if (!work->first)
		work->last = NULL;
	work->waiting--;
	return item;
}

static void *work_thread(void *argument)
{
	struct work *work = argument;
	bool last;

	pthread_mutex_lock(&work->lock);
	for (struct work_item *item; (item = take(work));) {
		pthread_mutex_unlock(&work->lock);
		item->run(item);
		pthread_mutex_lock(&work->lock);
	}
	last = --work->threads == 0;
	pthread_mutex_unlock(&work->lock);
	if (last)
		memory_give_back();
	return NULL;
}

/* With the lock held. */
static bool start_thread(struct work *work)
{
	const int r = thread_start(work_thread, work);

	if (r == 0)
		work->threads++;
	return r == 0;
}

int work_submit(struct work *work, struct work_item *item)
{
	int r = 0;

	pthread_mutex_lock(&work->lock);
	/* those that were woken but did not run yet are still counted as idle */
	if (work->idle <= work->waiting && work->threads < work->threads_max)
		(void)start_thread(work);
	if (!work->threads || work->waiting >= work->waiting_max) {
		r = -EAGAIN;
	} else {
		item->next = NULL;
		if (work->last)
			work->last->next = item;
		else
			work->first = item;
		work->last = item;
		work->waiting++;
		pthread_cond_signal(&work->more);
	}
	pthread_mutex_unlock(&work->lock);
	return r;
}

size_t work_threads(struct work *work)
{
	size_t threads;

	pthread_mutex_lock(&work->lock);
	threads = work->threads;
	pthread_mutex_unlock(&work->lock);
	return threads;
}
