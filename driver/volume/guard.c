/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/guard.h"

#include <errno.h>
#include <stdio.h>

#include "base/lock.h"
#include "base/phase.h"
#include "base/str.h"
#include "ceph/watchers.h"
#include "volume/fence.h"

#define NOTIFY_TIMEOUT 2000 /* a living watcher acknowledges in milliseconds */
#define LIBRBD_GRACE   5000 /* somebody's rbd command */

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

static struct silent *silent_of(struct volume *volume, const struct watcher *watcher)
{
	for (size_t i = 0; i < volume->silent_count; i++) {
		if (volume->silent[i].client == watcher->client &&
		    volume->silent[i].cookie == watcher->cookie)
			return &volume->silent[i];
	}
	return NULL;
}

/* Who answers again was only slow. */
static void forget(struct volume *volume, struct silent *silent)
{
	if (silent)
		*silent = volume->silent[--volume->silent_count];
}

static int remember(struct volume *volume, const struct watcher *watcher, struct error *error)
{
	struct silent *silent = silent_of(volume, watcher);

	if (!silent && volume->silent_count == VOLUME_FENCES_MAX)
		return error_set(error, -EOVERFLOW, "image %s has too many dead watchers",
				 volume->text);
	if (!silent) {
		silent = &volume->silent[volume->silent_count++];
		*silent = (struct silent){.client = watcher->client, .cookie = watcher->cookie};
	}
	silent->looks++;
	if (*watcher->address)
		(void)str_copy(silent->address, sizeof(silent->address), watcher->address);
	return 0;
}

static bool need_names(struct volume *volume, const struct watchers *watchers)
{
	for (size_t i = 0; i < watchers->count; i++) {
		const struct silent *silent = silent_of(volume, &watchers->list[i]);

		if (!watchers->list[i].alive && (!silent || !*silent->address))
			return true;
	}
	return false;
}

/* The dead are fenced by address once they are gone, and only while they are listed can their
 * addresses be learnt. */
static int note_watchers(struct volume *volume, struct watchers *watchers, struct error *error)
{
	int result = 0;

	if (need_names(volume, watchers))
		result = watchers_name(volume->cluster, volume->image.image, watchers, error);
	for (size_t i = 0; result == 0 && i < watchers->count; i++) {
		if (watchers->list[i].alive)
			forget(volume, silent_of(volume, &watchers->list[i]));
		else
			result = remember(volume, &watchers->list[i], error);
	}
	return result;
}

/* Silent once and then gone may have been a slow one that closed in good order; what a dead one
 * could still write is then the record's to fence (volume/holder). */
static int fence_silent(struct volume *volume, struct error *error)
{
	for (; volume->silent_count; volume->silent_count--) {
		const struct silent *silent = &volume->silent[volume->silent_count - 1];
		int result;

		if (silent->looks < 2 || !*silent->address)
			continue;
		result = fence_client(volume, silent->address, "a lost holder", error);
		if (result < 0)
			return result;
		volume->fenced++;
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
	result = note_watchers(volume, &watchers, error);
	if (result < 0)
		return result;
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

	if (volume->guard == GUARD_NONE || *volume->image.snapshot)
		return 0;
	phase_begin("guard");
	while ((result = look_once(volume, &patience, error)) == 0)
		waited = true;
	/* who only reads shuts nobody out */
	if (result > 0)
		result = volume->options->read_only ? 0 : fence_silent(volume, error);
	return result < 0 ? result : waited;
}

/* All but the own mapping's. Kernels before 5.5 watch for a read-only mapping too. */
static size_t foreign_watchers(const struct volume *volume, const struct watchers *watchers,
			       struct watchers *ret)
{
	size_t own = 0;

	ret->count = 0;
	for (size_t i = 0; i < watchers->count; i++) {
		const struct watcher *watcher = &watchers->list[i];

		if (watcher->client == volume->mapping.client && watcher->kernel && own == 0)
			own++;
		else
			ret->list[ret->count++] = *watcher;
	}
	return own;
}

int guard_alone(struct volume *volume, struct error *error)
{
	struct watchers watchers, foreign;
	int result;

	phase_begin("guard");
	result = watchers_ask(volume->cluster, volume->header.id, NOTIFY_TIMEOUT, &watchers, error);
	if (result < 0)
		return error_prefix(error, "ask again who has image %s open", volume->text);
	/* without its own watch this node would be invisible to the next one */
	if (!foreign_watchers(volume, &watchers, &foreign) && !volume->mapping.read_only)
		return error_set(error, -EIO,
				 "image %s was mapped, but its watch is not seen in the cluster",
				 volume->text);
	return foreign.count ? refuse(volume, &foreign, error) : 0;
}

int guard_after(struct volume *volume, struct error *error)
{
	int result;

	if (volume->guard == GUARD_NONE || *volume->image.snapshot)
		return 0;
	/* the kernel has the image for itself; who is seen now is only about to be refused */
	if (volume->guard == GUARD_EXCLUSIVE && !volume->mapping.read_only)
		return 0;
	result = guard_alone(volume, error);
	return result == -EBUSY ? error->code = -EAGAIN : result;
}

int guard_name(struct volume *volume, struct error *error)
{
	struct watchers watchers;
	struct error ignored;
	char who[512];

	if (watchers_ask(volume->cluster, volume->header.id, NOTIFY_TIMEOUT, &watchers, &ignored) <
		    0 ||
	    watchers.count == 0)
		return error->code;
	(void)watchers_name(volume->cluster, volume->image.image, &watchers, &ignored);
	describe(&watchers, who, sizeof(who));
	return error_append(error, "; it is open by %s", who);
}
