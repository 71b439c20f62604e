/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/guard.h"

#include <errno.h>
#include <stdio.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/str.h"
#include "ceph/watchers.h"

#define NOTIFY_TIMEOUT 2000 /* a living watcher acknowledges in milliseconds */
#define LIBRBD_GRACE   5000 /* somebody's rbd command */
#define FENCE_SECONDS  86400

struct count {
	size_t kernels;  /* living krbd mappings */
	size_t programs; /* living librbd openers */
	size_t dead;
};

static struct count count_watchers(const struct watchers *watchers)
{
	struct count count = {0};

	for (size_t i = 0; i < watchers->count; i++) {
		if (!watchers->list[i].alive)
			count.dead++;
		else if (watchers->list[i].kernel)
			count.kernels++;
		else
			count.programs++;
	}
	return count;
}

/* "client 4123 at 10.77.0.12:0/99 (a kernel, alive)" of each, for the message. */
static void describe(const struct watchers *watchers, char *ret, size_t size)
{
	size_t at = 0;

	ret[0] = '\0';
	for (size_t i = 0; i < watchers->count && at < size; i++) {
		const struct watcher *watcher = &watchers->list[i];
		int length = snprintf(ret + at, size - at, "%sclient %llu at %s (%s, %s)",
				      i ? ", " : "", (unsigned long long)watcher->client,
				      *watcher->address ? watcher->address : "unknown address",
				      watcher->kernel ? "a kernel mapping" : "a librbd program",
				      watcher->alive ? "alive" : "not answering");

		at += length > 0 ? (size_t)length : size;
	}
}

static int refuse(struct volume *volume, struct watchers *watchers, struct error *error)
{
	struct error ignored;
	char who[512];

	(void)watchers_name(volume->cluster, volume->image.image, watchers, &ignored);
	describe(watchers, who, sizeof(who));
	error_set(error, -EBUSY, "image %s is in use by %s", volume->text, who);
	return error_advise(error, "one writer at a time: stop the pod that uses it there, or take "
				   "that node away; the kubelet asks again by itself");
}

/* The dead are fenced by address once they are gone, and only while they are listed can their
 * addresses be learnt. */
static int remember_dead(struct volume *volume, struct watchers *watchers, struct error *error)
{
	int result = watchers_name(volume->cluster, volume->image.image, watchers, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < watchers->count; i++) {
		const struct watcher *watcher = &watchers->list[i];
		bool known = watcher->alive || !*watcher->address;

		for (size_t j = 0; j < volume->fence_count && !known; j++)
			known = str_eq(volume->fences[j], watcher->address);
		if (known)
			continue;
		if (volume->fence_count == VOLUME_FENCES_MAX)
			return error_set(error, -EOVERFLOW, "image %s has too many dead watchers",
					 volume->text);
		(void)str_copy(volume->fences[volume->fence_count++], sizeof(volume->fences[0]),
			       watcher->address);
	}
	return 0;
}

/* Who answers again after having been counted among the dead is not to be fenced. */
static void forget_living(struct volume *volume, const struct watchers *watchers)
{
	for (size_t i = 0; i < watchers->count; i++) {
		for (size_t j = 0; j < volume->fence_count && j < VOLUME_FENCES_MAX; j++) {
			if (watchers->list[i].alive &&
			    str_eq(volume->fences[j], watchers->list[i].address))
				volume->fences[j][0] = '\0';
		}
	}
}

static int fence_dead(struct volume *volume, struct error *error)
{
	for (size_t i = 0; i < volume->fence_count; i++) {
		int result;

		if (!*volume->fences[i])
			continue;
		lock_note(volume->lock, "fencing %s for %s", volume->fences[i], volume->text);
		result = cluster_fence(volume->cluster, volume->fences[i], FENCE_SECONDS,
				       volume->header.id, error);
		if (result < 0)
			return error_prefix(error, "fence the lost holder %s of image %s",
					    volume->fences[i], volume->text);
		log_say(LOG_LEVEL_WARNING, "fenced %s, a lost holder of image %s",
			volume->fences[i], volume->text);
	}
	return 0;
}

struct patience {
	struct deadline all, kernels, programs;
};

/* 1: nobody is there; 0: look again; negative: refused. */
static int look_once(struct volume *volume, const struct patience *patience, struct error *error)
{
	struct watchers watchers;
	struct count count;
	int result =
		watchers_ask(volume->cluster, volume->header.id, NOTIFY_TIMEOUT, &watchers, error);

	if (result < 0)
		return error_prefix(error, "ask who has image %s open", volume->text);
	count = count_watchers(&watchers);
	if (watchers.count == 0)
		return 1;
	if (deadline_passed(patience->all) ||
	    (count.kernels && deadline_passed(patience->kernels)) ||
	    (count.programs && deadline_passed(patience->programs)))
		return refuse(volume, &watchers, error);
	if (count.dead) {
		result = remember_dead(volume, &watchers, error);
		if (result < 0)
			return result;
	}
	forget_living(volume, &watchers);
	lock_note(volume->lock, "waiting for another holder of %s to go", volume->text);
	/* nothing tells when a watch ends; with a dead one the notify itself has taken its time */
	if (!count.dead)
		deadline_pause(100, patience->all);
	return 0;
}

int guard_before(struct volume *volume, int64_t grace, struct error *error)
{
	struct patience patience = {.all = volume_seconds(volume->config->deadlines.watchers),
				    .kernels = deadline_in(grace),
				    .programs = deadline_in(LIBRBD_GRACE)};
	bool waited = false;
	int result;

	if (volume->options->guard == GUARD_NONE)
		return 0;
	while ((result = look_once(volume, &patience, error)) == 0)
		waited = true;
	if (result > 0)
		result = fence_dead(volume, error);
	return result < 0 ? result : waited;
}

/* This node's writable mappings of the image share one client, and each has a watch. */
static size_t own_watches(const struct volume *volume)
{
	return volume->mapping.read_only ? 0 : 1;
}

int guard_after(struct volume *volume, struct error *error)
{
	struct watchers watchers, foreign = {.count = 0};
	size_t own = 0;
	int result;

	if (volume->options->guard == GUARD_NONE)
		return 0;
	result = watchers_ask(volume->cluster, volume->header.id, NOTIFY_TIMEOUT, &watchers, error);
	if (result < 0)
		return error_prefix(error, "ask again who has image %s open", volume->text);
	for (size_t i = 0; i < watchers.count; i++) {
		const struct watcher *watcher = &watchers.list[i];

		if (watcher->client == volume->mapping.client && watcher->kernel &&
		    own < own_watches(volume))
			own++;
		else
			foreign.list[foreign.count++] = *watcher;
	}
	if (foreign.count) {
		(void)refuse(volume, &foreign, error);
		return error->code = -EAGAIN;
	}
	/* without its own watch this node would be invisible to the next one */
	if (own != own_watches(volume))
		return error_set(error, -EIO,
				 "image %s was mapped, but its watch is not seen in the cluster",
				 volume->text);
	return 0;
}
