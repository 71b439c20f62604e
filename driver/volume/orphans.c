/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/orphans.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/str.h"
#include "base/worker.h"
#include "fs/mountinfo.h"
#include "kernel/krbd.h"
#include "volume/device_name.h"

/* Without a look into /proc: may it be one? */
static bool may_be_orphan(const struct mapping *mapping, const char *volume,
			  const struct mount_table *table)
{
	char name[KRBD_LABEL_MAX];

	return mapping_is_ours(mapping) && !mount_table_next_of(table, mapping->device, NULL) &&
	       (!volume || str_eq(volume, mapping_volume(mapping, name)));
}

/* Under its lock: still the same mapping, and mounted nowhere. */
static bool is_orphan(const struct mapping *mapping)
{
	struct mapping now;
	char where[256];

	return krbd_read(mapping->id, &now) == 0 && str_eq(now.label, mapping->label) &&
	       now.device == mapping->device &&
	       mountinfo_anywhere(mapping->device, where, sizeof(where)) == 0;
}

static int remove_one(const struct mapping *mapping, struct error *error)
{
	_cleanup_close_ int lock = -1;
	struct image_name name;
	char lock_name[512];

	mapping_name(mapping, &name);
	image_name_lock(&name, lock_name, sizeof(lock_name));
	lock = lock_try(lock_name);
	if (lock < 0)
		return lock;
	lock_note(lock, "removing the orphan /dev/rbd%d", mapping->id);
	if (!is_orphan(mapping))
		return -EBUSY;
	(void)device_name_remove(mapping->id);
	return krbd_unmap(mapping->id, error);
}

static void tell(struct orphans_done *done, const struct mapping *mapping)
{
	size_t at = strlen(done->text);
	char volume[KRBD_LABEL_MAX];

	(void)snprintf(done->text + at, sizeof(done->text) - at,
		       "%s/dev/rbd%d (volume %s, image %s/%s)", at ? ", " : "", mapping->id,
		       mapping_volume(mapping, volume), mapping->pool, mapping->image);
}

struct sweep {
	char volume[KRBD_LABEL_MAX];
	struct deadline deadline;
};

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
		if (!deadline_passed(sweep->deadline) && remove_one(mapping, error) == 0) {
			done->removed++;
			log_say(LOG_LEVEL_WARNING, "removed the orphan /dev/rbd%d of image %s/%s",
				mapping->id, mapping->pool, mapping->image);
		} else {
			done->left++;
		}
		tell(done, mapping);
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
