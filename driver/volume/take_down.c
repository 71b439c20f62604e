/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/take_down.h"

#include <errno.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/phase.h"
#include "base/str.h"
#include "fs/mount_options.h"
#include "fs/mountinfo.h"
#include "kernel/krbd.h"
#include "volume/lower.h"
#include "volume/orphans.h"
#include "volume/told.h"
#include "volume/volume.h"

#define ORPHANS_DEADLINE 2000
#define DETACH_DEADLINE  20000

struct take {
	const struct config *config;
	const char *directory;
	enum take_down_kind kind;
	int lock;
	char lock_name[512]; /* of the image that `lock` is held for */
	struct lower lower;
};

static void take_done(struct take *take)
{
	if (take->lock >= 0)
		close(TAKE_FD(take->lock));
}

/* 1: the lock was taken now, so what was seen before is old; 0: it is held already. */
static int lock_image(struct take *take, const struct mapping *mapping, struct error *error)
{
	struct image_name name;
	char lock_name[512];

	mapping_name(mapping, &name);
	image_name_lock(&name, lock_name, sizeof(lock_name));
	if (take->lock >= 0 && str_eq(take->lock_name, lock_name))
		return 0;
	take_done(take);
	(void)str_copy(take->lock_name, sizeof(take->lock_name), lock_name);
	phase_begin("lock");
	take->lock = lock_take(lock_name, volume_seconds(take->config->deadlines.call), error);
	if (take->lock < 0)
		return error_prefix(error, "unmount %s", take->directory);
	phase_begin("survey");
	lock_note(take->lock, "unmounting %s", take->directory);
	return 1;
}

static bool mounted_elsewhere(const struct mount_table *table, const struct mount_entry *here,
			      const struct mount_entry **ret)
{
	const struct mount_entry *entry = NULL;

	while ((entry = mount_table_next_of(table, here->device, entry))) {
		if (!str_eq(entry->directory, here->directory)) {
			*ret = entry;
			return true;
		}
	}
	return false;
}

/* The label tells in which mode the volume came up, whatever the mode is now. */
static bool last_unmaps(const struct take *take, const struct mapping *mapping)
{
	return take->kind == TAKE_DOWN_DEVICE || strchr(mapping->label, '#') != NULL;
}

static int plan(struct take *take, const struct mount_table *table, const struct mount_entry *here,
		const struct mapping *mapping, struct error *error)
{
	const struct mount_entry *other;
	struct error ignored;
	bool shared = mounted_elsewhere(table, here, &other);

	take->lower = (struct lower){.device = here->device,
				     .read_only = here->super_read_only,
				     .mount_read_only = here->read_only};
	(void)str_copy(take->lower.directory, sizeof(take->lower.directory), take->directory);
	(void)str_copy(take->lower.fs_type, sizeof(take->lower.fs_type), here->fs_type);
	(void)mount_options_again(here->fs_type, here->options, here->super_options,
				  here->super_read_only, take->lower.options, &ignored);
	if (!mapping || !mapping_is_ours(mapping))
		return 0;
	if (shared && take->kind == TAKE_DOWN_DEVICE) {
		error_set(error, -EBUSY, "unmount %s: /dev/rbd%d is still mounted at %s",
			  take->directory, mapping->id, other->directory);
		return error_advise(error, "the pods' directories are unmounted first");
	}
	if (!shared && last_unmaps(take, mapping)) {
		take->lower.unmap = true;
		take->lower.mapping = *mapping;
	}
	return 0;
}

/* Before the lock is held its names do: all is read again under it. */
static int find_mapping(const struct take *take, dev_t device, struct mapping *ret,
			struct error *error)
{
	int result =
		take->lock < 0 ? krbd_names_by_device(device, ret) : krbd_by_device(device, ret);

	if (result == -ENOENT || result == -ENODEV)
		return 0;
	/* "cannot be read" must not become "is not mapped" */
	return result < 0 ? error_errno(error, result, "read what is mapped as device %u:%u",
					major(device), minor(device))
			  : 1;
}

/* 1: it is unmounted and done; 0: there is no mount (any more). */
static int take_mount(struct take *take, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	const struct mount_entry *here;
	struct mapping mapping;
	int mapped;
	int result = mountinfo_read(0, &table);

	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	here = mount_table_at(&table, take->directory);
	if (!here)
		return 0;
	mapped = find_mapping(take, here->device, &mapping, error);
	if (mapped < 0)
		return mapped;
	if (mapped)
		told_mapping(&mapping);
	result = mapped ? lock_image(take, &mapping, error) : 0;
	if (result != 0)
		return result < 0 ? result : take_mount(take, error);
	result = plan(take, &table, here, mapped ? &mapping : NULL, error);
	if (result < 0)
		return result;
	result = lower_down(&take->lower, take->lock, volume_seconds(take->config->deadlines.map),
			    error);
	return result < 0 ? result : 1;
}

static const char *last_component(const char *directory)
{
	const char *slash = strrchr(directory, '/');

	return slash ? slash + 1 : directory;
}

/* What a volume has left behind is unmapped; what has to stay is a Failure. */
static int remove_left(const char *volume, struct deadline deadline, struct error *error)
{
	struct orphans_done orphans;
	int result = orphans_remove(volume, deadline, &orphans, error);

	if (result < 0)
		return error_prefix(error, "unmap what volume %s has left", volume);
	if (!orphans.left)
		return 0;
	error_set(error, -EBUSY, "volume %s is still mapped: %s", volume, orphans.text);
	return error_advise(error, "end what holds it, or unmount it there; the kubelet asks "
				   "again");
}

int take_down(const struct config *config, const char *directory, enum take_down_kind kind,
	      struct error *error)
{
	__attribute__((cleanup(take_done))) struct take take = {
		.config = config, .directory = directory, .kind = kind, .lock = -1};
	struct orphans_done orphans;
	struct error ignored;
	int result = take_mount(&take, error);

	take_done(&take);
	phase_begin("orphans");
	/* after the own work, and without a say in the answer: but what this directory has left
	 * behind is this call's own work */
	if (result > 0) {
		(void)orphans_remove(NULL, deadline_in(ORPHANS_DEADLINE), &orphans, &ignored);
		return 0;
	}
	if (result == 0)
		log_about(LOG_VOLUME, "%s", last_component(directory));
	if (result == 0)
		result = remove_left(last_component(directory),
				     volume_seconds(config->deadlines.map), error);
	/* where nothing that failed had a better one */
	if (result < 0)
		error_advise(error, "the kubelet asks again by itself; if this stays, see the "
				    "kernel's log (dmesg) and the cluster's health (ceph -s)");
	return result;
}

int take_down_detached(const char *volume, struct error *error)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	_cleanup_mappings_ struct mappings mappings = {0};
	char name[KRBD_LABEL_MAX];
	int result;

	phase_begin("survey");
	result = krbd_list(&mappings, error);
	if (result < 0)
		return result;
	result = mountinfo_read(0, &table);
	if (result < 0)
		return error_errno(error, result, "read /proc/self/mountinfo");
	for (size_t i = 0; i < mappings.count; i++) {
		const struct mapping *mapping = &mappings.list[i];
		const struct mount_entry *entry =
			mount_table_next_of(&table, mapping->device, NULL);

		if (!entry || !str_eq(mapping_volume(mapping, name), volume))
			continue;
		error_set(error, -EBUSY, "volume %s (/dev/rbd%d) is still mounted at %s", volume,
			  mapping->id, entry->directory);
		return error_advise(error, "the kubelet unmounts first; if the pod is gone for "
					   "good, unmount it by hand");
	}
	phase_begin("orphans");
	return remove_left(volume, deadline_in(DETACH_DEADLINE), error);
}
