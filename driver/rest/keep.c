/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/keep.h"

#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "ceph/load.h"
#include "ceph/manage_pool.h"
#include "rest/say.h"

#define LOOK_EVERY   2000  /* ms */
#define PING_TIMEOUT 5000  /* ms */
#define RETRY_MAX    5000  /* ms, between two attempts to connect */
#define ANEW_AFTER   30000 /* ms, that a connection is away or a call of it stuck */

struct keep {
	const struct config *config;
	const struct connect_wish *wish;
	pthread_mutex_t lock;
	pthread_cond_t news;
	/* under the lock */
	struct cluster *cluster; /* NULL: none yet */
	bool ready;
	bool shut_out; /* only a new connection helps */
	bool stale;    /* a call got no answer: the OSDs may have moved */
	bool reported; /* since the thread last looked */
	struct error error;
	uint64_t connects, losses;
	/* the thread's own */
	int64_t bad_since; /* 0: all is well */
};

static void wait_for_news(struct keep *keep, int64_t milliseconds)
{
	struct timespec until;

	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += milliseconds / 1000;
	until.tv_nsec += milliseconds % 1000 * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	pthread_mutex_lock(&keep->lock);
	/* once for each report: `stale` stays for as long as the monitors are away */
	if (!keep->reported)
		(void)pthread_cond_timedwait(&keep->news, &keep->lock, &until);
	keep->reported = false;
	pthread_mutex_unlock(&keep->lock);
}

/* The state as it is from now on; said once where it changes. */
static void set_state(struct keep *keep, bool ready, const struct error *error)
{
	bool changed;

	pthread_mutex_lock(&keep->lock);
	changed = keep->ready != ready;
	keep->ready = ready;
	if (error)
		keep->error = *error;
	if (changed && !ready)
		keep->losses++;
	pthread_mutex_unlock(&keep->lock);
	if (changed && ready)
		say("the cluster is there");
	else if (changed)
		say("the cluster is away: %s", error ? error->text : "");
}

static int connect_now(struct keep *keep, struct error *error)
{
	struct cluster *cluster = NULL, *old;
	int r = connect_as(keep->config, keep->wish, &cluster, error);

	if (r >= 0 && ceph_load_rbd(error) < 0) {
		cluster_close(cluster);
		r = error->code;
	}
	if (r < 0)
		return r;
	pthread_mutex_lock(&keep->lock);
	old = keep->cluster;
	keep->cluster = cluster;
	keep->shut_out = false;
	keep->connects++;
	pthread_mutex_unlock(&keep->lock);
	cluster_close(old);
	keep->bad_since = 0;
	set_state(keep, true, NULL);
	return 0;
}

/* Connects for the first time, or in the place of one that does not come back. */
static void connect_until_there(struct keep *keep)
{
	int64_t pause = 250;
	struct error error;

	while (connect_now(keep, &error) < 0) {
		set_state(keep, false, &error);
		deadline_pause(pause, deadline_in(pause));
		pause = pause * 2 < RETRY_MAX ? pause * 2 : RETRY_MAX;
	}
}

static bool bad_for_long(struct keep *keep, bool bad)
{
	if (!bad)
		keep->bad_since = 0;
	else if (!keep->bad_since)
		keep->bad_since = deadline_now();
	return bad && deadline_now() - keep->bad_since > ANEW_AFTER;
}

/*
 * An OSD that came back has another address. librados asks for the map that says so when an
 * operation is 10 s old (objecter_timeout), but ours are given up before: it would talk to the old
 * address for ever. To list the pools takes the newest map.
 */
static void get_newest_map(struct keep *keep)
{
	_cleanup_free_ struct pool_entry *pools = NULL;
	struct error ignored;
	size_t count;
	bool stale;

	pthread_mutex_lock(&keep->lock);
	stale = keep->stale;
	keep->stale = false;
	pthread_mutex_unlock(&keep->lock);
	if (stale)
		(void)pool_list(keep->cluster, &pools, &count, &ignored);
}

/* What has been there once comes back by itself in most cases: librados looks for monitors and OSDs
 * on its own. */
static void look_after(struct keep *keep)
{
	struct error error;
	bool shut_out;
	int r;

	r = cluster_ping(keep->cluster, deadline_in(PING_TIMEOUT), &error);
	pthread_mutex_lock(&keep->lock);
	keep->stale = keep->stale || (r >= 0 && !keep->ready);
	pthread_mutex_unlock(&keep->lock);
	if (r >= 0)
		get_newest_map(keep);
	set_state(keep, r >= 0, r < 0 ? &error : NULL);
	pthread_mutex_lock(&keep->lock);
	shut_out = keep->shut_out || r == -ESHUTDOWN;
	pthread_mutex_unlock(&keep->lock);
	if (shut_out) {
		say("the cluster has shut this connection out: connecting anew");
		connect_until_there(keep);
	} else if (bad_for_long(keep, r < 0 || cluster_is_stuck(keep->cluster))) {
		keep->bad_since = deadline_now();
		(void)connect_now(keep, &error);
	}
}

static void *keep_thread(void *argument)
{
	struct keep *keep = argument;

	connect_until_there(keep);
	for (;;) {
		wait_for_news(keep, LOOK_EVERY);
		look_after(keep);
	}
	return NULL;
}

int keep_start(const struct config *config, const struct connect_wish *wish, struct keep **ret,
	       struct error *error)
{
	struct keep *keep = calloc(1, sizeof(*keep));
	pthread_condattr_t attributes;
	pthread_t thread;
	int r;

	if (!keep)
		return error_set(error, -ENOMEM, "not enough memory");
	keep->config = config;
	keep->wish = wish;
	(void)error_set(&keep->error, -ENOTCONN, "the first connection is being made");
	pthread_mutex_init(&keep->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&keep->news, &attributes);
	pthread_condattr_destroy(&attributes);
	r = -pthread_create(&thread, NULL, keep_thread, keep);
	if (r < 0) {
		free(keep);
		return error_errno(error, r, "start a thread");
	}
	(void)pthread_detach(thread);
	*ret = keep;
	return 0;
}

struct cluster *keep_get(struct keep *keep, struct error *error)
{
	struct cluster *cluster = NULL;

	pthread_mutex_lock(&keep->lock);
	if (keep->ready)
		cluster = cluster_keep(keep->cluster);
	else
		*error = keep->error;
	pthread_mutex_unlock(&keep->lock);
	if (!cluster) {
		error->code = -ENOTCONN;
		(void)error_prefix(error, "the cluster is away");
	}
	return cluster;
}

void keep_report(struct keep *keep, struct cluster *cluster, int result)
{
	if (result != -ESHUTDOWN && result != -ETIMEDOUT)
		return;
	pthread_mutex_lock(&keep->lock);
	if (keep->cluster == cluster) {
		keep->shut_out = keep->shut_out || result == -ESHUTDOWN;
		keep->stale = true;
		keep->reported = true;
		pthread_cond_signal(&keep->news);
	}
	pthread_mutex_unlock(&keep->lock);
}

void keep_look(struct keep *keep, struct keep_state *ret)
{
	pthread_mutex_lock(&keep->lock);
	*ret = (struct keep_state){
		.ready = keep->ready, .connects = keep->connects, .losses = keep->losses};
	pthread_mutex_unlock(&keep->lock);
}
