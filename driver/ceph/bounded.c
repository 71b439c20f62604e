// SPDX-License-Identifier: Apache-2.0
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "ceph/room.h"

struct job {
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done;
	bool left; /* the caller has gone: the thread frees the job */
	struct cluster *cluster;
	bounded_work work;
	int result;
	struct error error;
	char data[] __attribute__((aligned(16)));
};

static void job_free(struct job *job)
{
	pthread_cond_destroy(&job->done_cond);
	pthread_mutex_destroy(&job->lock);
	free(job);
}

static void *job_run(void *argument)
{
	struct job *job = argument;
	bool left;

	job->result = job->work(job->cluster, job->data, &job->error);
	pthread_mutex_lock(&job->lock);
	job->done = true;
	left = job->left;
	pthread_cond_signal(&job->done_cond);
	pthread_mutex_unlock(&job->lock);
	if (left)
		job_free(job);
	return NULL;
}

static struct job *job_new(struct cluster *cluster, bounded_work work, const void *data,
			   size_t size)
{
	struct job *job = calloc(1, sizeof(*job) + size);
	pthread_condattr_t attributes;

	if (!job)
		return NULL;
	pthread_mutex_init(&job->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&job->done_cond, &attributes);
	pthread_condattr_destroy(&attributes);
	job->cluster = cluster;
	job->work = work;
	memcpy(job->data, data, size);
	return job;
}

static int job_start(struct job *job)
{
	pthread_attr_t attributes;
	pthread_t thread;
	int r;

	pthread_attr_init(&attributes);
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	r = pthread_create(&thread, &attributes, job_run, job);
	pthread_attr_destroy(&attributes);
	return -r;
}

/* Condition variables know CLOCK_MONOTONIC, deadlines CLOCK_BOOTTIME: after a suspend the wait is
 * taken up again until the deadline has really passed. */
static bool job_wait(struct job *job, struct deadline deadline)
{
	pthread_mutex_lock(&job->lock);
	while (!job->done && !deadline_passed(deadline)) {
		struct timespec until;
		int64_t left = deadline_left(deadline);

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += left / 1000;
		until.tv_nsec += left % 1000 * 1000000 + 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&job->done_cond, &job->lock, &until);
	}
	job->left = !job->done;
	pthread_mutex_unlock(&job->lock);
	return !job->left;
}

int bounded_run(struct cluster *cluster, struct deadline deadline, bounded_work work, void *data,
		size_t size, struct error *error)
{
	int64_t start = deadline_now();
	struct job *job = job_new(cluster, work, data, size);
	int r = job ? job_start(job) : -ENOMEM;

	if (r < 0) {
		if (job)
			job_free(job);
		return error_errno(error, r, "start a thread for a call of the Ceph library");
	}
	if (!job_wait(job, deadline)) {
		cluster->stuck = true;
		error_set(error, -ETIMEDOUT, "the cluster gave no answer within %.1f s",
			  (double)(deadline_now() - start) / 1000);
		return error_advise(error, "see `ceph -s`: are monitors and OSDs up, are placement "
					   "groups active?");
	}
	r = job->result;
	memcpy(data, job->data, size);
	if (r < 0)
		*error = job->error;
	job_free(job);
	return r;
}

struct deadline bounded_deadline(const struct cluster *cluster, int64_t more)
{
	return deadline_in(cluster->timeout + more);
}
