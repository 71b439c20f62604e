/* SPDX-License-Identifier: Apache-2.0 */
/* A call that was given up is freed by whoever is last. What this shows, AddressSanitizer sees. */
#include "unit.h"

#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <time.h>

#include "ceph/room.h"

static pthread_t waiting;
static atomic_bool watched, caller_left, dropped;

static void pause_ms(long ms)
{
	const struct timespec time = {.tv_sec = ms / 1000, .tv_nsec = ms % 1000 * 1000000};

	(void)nanosleep(&time, NULL);
}

/* The one that waits is held up directly behind its unlock, until the thread is at its end. */
int pthread_mutex_unlock(pthread_mutex_t *mutex)
{
	int (*unlock)(pthread_mutex_t *) =
		(int (*)(pthread_mutex_t *))dlsym(RTLD_NEXT, "pthread_mutex_unlock");
	int result = unlock(mutex);

	if (!watched || !pthread_equal(pthread_self(), waiting))
		return result;
	watched = false;
	caller_left = true;
	for (int i = 0; i < 5000 && !dropped; i++)
		pause_ms(1);
	pause_ms(100); /* drop() is the last but one of what it does */
	return result;
}

static int work_until_left(struct cluster *cluster, void *data, struct error *error)
{
	(void)cluster;
	(void)data;
	for (int i = 0; i < 5000 && !caller_left; i++)
		pause_ms(1);
	return error_set(error, -EIO, "nobody hears this");
}

static void drop(void *data)
{
	(void)data;
	dropped = true;
}

static void a_call_that_comes_back_late_frees_nothing_that_is_still_read(void **state)
{
	const struct bounded_way way = {.deadline = deadline_in(20), .drop = drop};
	struct cluster *cluster = calloc(1, sizeof(*cluster));
	struct error error = {0};
	int number = 42;

	(void)state;
	assert_non_null(cluster);
	cluster->owners = 1;
	waiting = pthread_self();
	watched = true;
	assert_int_equal(
		bounded_run_way(cluster, &way, work_until_left, &number, sizeof(number), &error),
		-ETIMEDOUT);
	assert_true(dropped);
	assert_int_equal(number, 0);
	assert_contains(error.text, "gave no answer");
	assert_eventually(cluster->lost == 0);
	assert_eventually(cluster->owners == 1);
	cluster_close(cluster);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("a call that comes back late frees nothing that is still read",
		     a_call_that_comes_back_late_frees_nothing_that_is_still_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
