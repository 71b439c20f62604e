/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/image_turn.h"

#include <errno.h>
#include <stdatomic.h>
#include <time.h>

#define TURNS       64
#define WAITING_MAX 48 /* of the 64 threads that call the cluster */

/* Images share a lock by their hash: two that do only wait for each other. */
static pthread_mutex_t locks[TURNS];
static atomic_int waiting;

static void init_locks(void)
{
	for (size_t i = 0; i < TURNS; i++)
		pthread_mutex_init(&locks[i], NULL);
}

/* FNV-1a; with the byte behind each name, so that "ab", "c" is not "a", "bc". */
static size_t hash(const struct rest_request *request)
{
	static const enum name PARTS[] = {NAME_POOL, NAME_NAMESPACE, NAME_IMAGE};
	uint32_t hash = UINT32_C(2166136261);

	for (size_t i = 0; i < sizeof(PARTS) / sizeof(PARTS[0]); i++) {
		const char *text = request->values[PARTS[i]];

		do
			hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
		while (*text++);
	}
	return (hash ^ hash >> 16) % TURNS;
}

static int wait_for(pthread_mutex_t *lock, struct deadline deadline)
{
	const int left = deadline_left(deadline);
	struct timespec until;
	int r;

	if (waiting++ >= WAITING_MAX) {
		waiting--;
		return EAGAIN;
	}
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += left / 1000;
	until.tv_nsec += left % 1000 * 1000000L;
	until.tv_sec += until.tv_nsec / 1000000000L;
	until.tv_nsec %= 1000000000L;
	r = pthread_mutex_clocklock(lock, CLOCK_MONOTONIC, &until);
	waiting--;
	return r;
}

int image_turn_take(const struct rest_request *request, struct image_turn *ret, struct error *error)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_mutex_t *lock = &locks[hash(request)];
	int r;

	*ret = (struct image_turn){.lock = NULL};
	(void)pthread_once(&once, init_locks);
	r = pthread_mutex_trylock(lock);
	if (r != 0)
		r = wait_for(lock, request->deadline);
	if (r == 0) {
		ret->lock = lock;
		return 0;
	}
	if (r != ETIMEDOUT) {
		error_set(error, -EAGAIN, "too many requests wait to change this image");
		return error_advise(error, "ask again later");
	}
	error_set(error, -ETIMEDOUT, "another request that changes this image has not ended");
	return error_advise(error, "nothing was done: ask again later");
}

void image_turn_done(struct image_turn *turn)
{
	if (turn->lock)
		pthread_mutex_unlock(turn->lock);
	turn->lock = NULL;
}
