/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/orphans.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/utf8.h"
#include "base/worker.h"
#include "fs/mountinfo.h"
#include "kernel/krbd.h"
#include "volume/device_name.h"
#include "volume/patience.h"
#include "volume/told.h"

#define BUSY_DEADLINE 3000 /* ms */

/* Without a look into /proc: may it be one? */
static bool may_be_orphan(const struct mapping *mapping, const char *volume,
			  const struct mount_table *table)
{
	char name[KRBD_LABEL_MAX];

	return mapping_is_ours(mapping) && !mount_table_next_of(table, mapping->device, NULL) &&
	       (!volume || str_eq(volume, mapping_volume(mapping, name)));
}

/* 0: removed, or not there any more; 1: somebody holds its lock and brings it to an end;
 * negative: it stays, said. */
static int remove_one(const struct mapping *mapping, struct deadline deadline, struct error *error)
{
	_cleanup_close_ int lock = -1;
	char lock_name[512], where[256];
	struct image_name name;
	struct mapping now;
	int result;

	mapping_name(mapping, &name);
	image_name_lock(&name, lock_name, sizeof(lock_name));
	lock = lock_try(lock_name);
	if (lock == -EBUSY)
		return 1;
	if (lock < 0)
		return error_errno(error, lock, "take the lock of image %s", name.image);
	lock_note(lock, "removing the orphan /dev/rbd%d", mapping->id);
	if (krbd_read(mapping->id, &now) == -ENOENT || !mapping_same(mapping, &now))
		return 0;
	result = mountinfo_anywhere(mapping->device, where, sizeof(where));
	if (result < 0)
		return error_errno(error, result, "see where it is mounted");
	if (result)
		return error_set(error, -EBUSY, "mounted at %s", where);
	(void)device_name_remove(mapping);
	return patience_unmap(mapping, deadline, error);
}

__attribute__((format(printf, 4, 5))) static void tell(struct orphans_done *done,
						       const struct mapping *mapping, bool removed,
						       const char *format, ...)
{
	struct orphan *orphan = done->count < ORPHANS_LISTED ? &done->list[done->count++] : NULL;
	size_t at = strlen(done->text);
	char volume[KRBD_LABEL_MAX];
	char why[256];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(why, sizeof(why), format, arguments);
	va_end(arguments);
	(void)snprintf(done->text + at, sizeof(done->text) - at,
		       "%s/dev/rbd%d (volume %s, image %s/%s: %s)", at ? ", " : "", mapping->id,
		       mapping_volume(mapping, volume), mapping->pool, mapping->image, why);
	if (!orphan)
		return;
	orphan->id = mapping->id;
	orphan->removed = removed;
	if (!removed)
		(void)snprintf(orphan->why, sizeof(orphan->why), "%.*s",
			       (int)utf8_prefix(why, sizeof(orphan->why) - 1), why);
}

struct sweep {
	char volume[KRBD_LABEL_MAX];
	struct deadline deadline;
};

static void sweep_one(const struct mapping *mapping, const struct sweep *sweep,
		      struct orphans_done *done, struct error *error)
{
	/* of all, none is waited for; a volume that was named is worth some patience */
	struct deadline patience = deadline_in(*sweep->volume ? BUSY_DEADLINE : 0);
	int result = deadline_passed(sweep->deadline)
			     ? error_set(error, -ETIMEDOUT, "the time was up")
			     : remove_one(mapping, patience, error);

	told_mapping(mapping);
	if (result > 0) {
		done->held++;
		tell(done, mapping, false, "another call is at work on it");
	} else if (result < 0) {
		done->left++;
		tell(done, mapping, false, "%s", error->text);
	} else {
		done->removed++;
		tell(done, mapping, true, "removed");
		log_say(LOG_LEVEL_WARNING, "removed the orphan /dev/rbd%d of image %s/%s",
			mapping->id, mapping->pool, mapping->image);
	}
}

/* In the worker. */
static int step_sweep(void *state, const void *in, void *out, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	_cleanup_mappings_ struct mappings mappings = {0};
	const struct sweep *sweep = in;
	struct orphans_done *done = out;
	const char *volume = *sweep->volume ? sweep->volume : NULL;
	int result = krbd_list(&mappings, error);

	(void)state;
	if (result == 0)
		result = mountinfo_read(0, &table);
	for (size_t i = 0; result == 0 && i < mappings.count; i++) {
		const struct mapping *mapping = &mappings.list[i];

		if (!may_be_orphan(mapping, volume, &table))
			continue;
		sweep_one(mapping, sweep, done, error);
	}
	return result;
}

static int any_candidate(const char *volume, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	_cleanup_mappings_ struct mappings mappings = {0};
	int result = krbd_list_labels(&mappings, error);

	if (result < 0 || !mappings.count)
		return result;
	result = mountinfo_read(0, &table);
	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	for (size_t i = 0; i < mappings.count; i++) {
		if (may_be_orphan(&mappings.list[i], volume, &table))
			return 1;
	}
	return 0;
}

int orphans_remove(const char *volume, struct deadline deadline, struct orphans_done *ret,
		   struct error *error)
{
	const struct worker_setup setup = {.keep_fd = -1};
	_cleanup_worker_ struct worker *worker = NULL;
	struct sweep sweep = {.deadline = deadline};
	int result = any_candidate(volume, error);

	*ret = (struct orphans_done){0};
	if (result <= 0)
		return result;
	if (volume)
		(void)str_copy(sweep.volume, sizeof(sweep.volume), volume);
	result = worker_start(&setup, &worker, error);
	if (result < 0)
		return result;
	return worker_call(worker, step_sweep, &sweep, sizeof(sweep), ret, sizeof(*ret), deadline,
			   error);
}

/* Somebody may be at work on it: it was mapped just now, and is not mounted yet. */
static bool is_locked(const struct mapping *mapping)
{
	_cleanup_close_ int lock = -1;
	char lock_name[512];
	struct image_name name;

	mapping_name(mapping, &name);
	image_name_lock(&name, lock_name, sizeof(lock_name));
	lock = lock_try(lock_name);
	return lock < 0;
}

size_t orphans_count(const struct mappings *mappings)
{
	size_t count = 0;

	for (size_t i = 0; i < mappings->count; i++) {
		const struct mapping *mapping = &mappings->list[i];
		char where[256];

		count += mapping_is_ours(mapping) && !is_locked(mapping) &&
			 mountinfo_anywhere(mapping->device, where, sizeof(where)) == 0;
	}
	return count;
}
