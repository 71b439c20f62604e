/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <pthread.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/thread.h"
#include "ceph/room.h"

struct job {
	pthread_mutex_t lock;
	pthread_cond_t done_cond;
	bool done;
	bool left;     /* the caller has gone: the thread frees the job */
	int64_t heard; /* when there was a sign of progress (deadline_now()) */
	struct cluster *cluster;
	bounded_work work;
	void (*drop)(void *data);
	int result;
	struct error error;
	char data[] __attribute__((aligned(16)));
};

static struct cluster *connection_of(struct cluster *cluster)
{
	return cluster->base ? cluster->base : cluster;
}

static void job_free(struct job *job)
{
	cluster_close(job->cluster);
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
	if (!left)
		return NULL;
	if (job->drop)
		job->drop(job->data);
	connection_of(job->cluster)->lost--;
	job_free(job);
	return NULL;
}

static struct job *job_new(struct cluster *cluster, const struct bounded_way *way,
			   bounded_work work, const void *data, size_t size)
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
	job->cluster = cluster_keep(cluster);
	job->heard = deadline_now();
	job->drop = way->drop;
	job->work = work;
	memcpy(job->data, data, size);
	return job;
}

/* When it is given up unless something is heard until then; the job is locked. */
static struct deadline job_until(const struct job *job, const struct bounded_way *way)
{
	const struct deadline silent = {job->heard + way->silence};

	if (!way->silence)
		return way->deadline;
	return way->deadline.at ? deadline_sooner(way->deadline, silent) : silent;
}

/* Condition variables know CLOCK_MONOTONIC, deadlines CLOCK_BOOTTIME: after a suspend the wait is
 * taken up again until the deadline has really passed. */
static bool job_wait(struct job *job, const struct bounded_way *way)
{
	bool done;

	pthread_mutex_lock(&job->lock);
	while (!job->done && !deadline_passed(job_until(job, way))) {
		struct timespec until;
		int64_t left = deadline_left(job_until(job, way));

		clock_gettime(CLOCK_MONOTONIC, &until);
		until.tv_sec += left / 1000;
		until.tv_nsec += left % 1000 * 1000000 + 1000000;
		until.tv_sec += until.tv_nsec / 1000000000;
		until.tv_nsec %= 1000000000;
		pthread_cond_timedwait(&job->done_cond, &job->lock, &until);
	}
	done = job->done;
	job->left = !done;
	if (!done)
		connection_of(job->cluster)->lost++;
	/* from here on a job that was left is its thread's, which may have freed it */
	pthread_mutex_unlock(&job->lock);
	return done;
}

int bounded_tell(void *data, bounded_heard heard, void *context, const void *what)
{
	struct job *job = (struct job *)((char *)data - offsetof(struct job, data));
	int r = -ECANCELED;

	pthread_mutex_lock(&job->lock);
	job->heard = deadline_now();
	if (!job->left)
		r = heard ? heard(context, what) : 0;
	pthread_mutex_unlock(&job->lock);
	return r;
}

static int give_up(struct cluster *cluster, int64_t start, struct error *error)
{
	cluster->stuck = true;
	error_set(error, -ETIMEDOUT, "the cluster gave no answer within %.1f s",
		  (double)(deadline_now() - start) / 1000);
	return error_advise(error, "see `ceph -s`: are monitors and OSDs up, are placement "
				   "groups active?");
}

int bounded_run_way(struct cluster *cluster, const struct bounded_way *way, bounded_work work,
		    void *data, size_t size, struct error *error)
{
	int64_t start = deadline_now();
	struct job *job = job_new(cluster, way, work, data, size);
	int r = job ? thread_start(job_run, job) : -ENOMEM;

	if (r < 0) {
		if (job)
			job_free(job);
		return error_errno(error, r, "start a thread for a call of the Ceph library");
	}
	if (!job_wait(job, way)) {
		if (way->drop)
			memset(data, 0, size);
		return give_up(cluster, start, error);
	}
	r = job->result;
	memcpy(data, job->data, size);
	if (r < 0)
		*error = job->error;
	job_free(job);
	return r;
}

int bounded_run(struct cluster *cluster, struct deadline deadline, bounded_work work, void *data,
		size_t size, struct error *error)
{
	const struct bounded_way way = {.deadline = deadline};

	return bounded_run_way(cluster, &way, work, data, size, error);
}

struct deadline bounded_deadline(const struct cluster *cluster, int64_t more)
{
	return deadline_in(cluster->timeout + more);
}
