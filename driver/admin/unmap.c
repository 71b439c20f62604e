/* SPDX-License-Identifier: Apache-2.0 */
/* image unmap. Needs no cluster: the node knows what it has mapped. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "admin/admin.h"
#include "base/lock.h"
#include "base/worker.h"
#include "fs/mount.h"
#include "fs/mountinfo.h"
#include "kernel/krbd.h"
#include "volume/patience.h"
#include "volume/volume.h"

#define BUSY_DEADLINE 3000 /* ms: udev's look at a device, a process that is just ending */

/* "/dev/rbd3", "rbd3": 1; else 0. */
static int parse_device(const char *text, int *ret_id)
{
	const char *name = str_starts(text, "/dev/") ? text + strlen("/dev/") : text;
	uint64_t id;

	if (!str_starts(name, "rbd") || str_to_u64(name + strlen("rbd"), 10, &id) < 0 ||
	    id > INT32_MAX)
		return 0;
	*ret_id = (int)id;
	return 1;
}

static int find_device(int id, struct mapping *ret, struct error *error)
{
	int result = krbd_read(id, ret);

	if (result == -ENOENT)
		return error_set(error, -ENOENT, "unmap: there is no /dev/rbd%d on this node", id);
	return result < 0 ? error_errno(error, result, "look at /dev/rbd%d", id) : 0;
}

static int find_image(const struct target *target, struct mapping *ret, struct error *error)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	int result = krbd_list(&mappings, error);
	size_t found = 0;

	if (result < 0)
		return result;
	for (size_t i = 0; i < mappings.count; i++) {
		struct image_name name;

		mapping_name(&mappings.list[i], &name);
		if (!image_name_same(&name, &target->name))
			continue;
		*ret = mappings.list[i];
		found++;
	}
	if (found == 1)
		return 0;
	if (found)
		error_set(error, -ENOTUNIQ,
			  "unmap: image %s is mapped %zu times on this node; name the device",
			  target->text, found);
	else
		error_set(error, -ENOENT, "unmap: image %s is not mapped on this node",
			  target->text);
	return error_advise(error, "`rbd-flexvolume status` lists what is, and on which device");
}

static int find(const char *text, struct mapping *ret, struct error *error)
{
	struct target target;
	int id;

	if (parse_device(text, &id))
		return find_device(id, ret, error);
	if (target_parse(text, TARGET_EITHER, &target, error) < 0)
		return ADMIN_WRONG_USE;
	return find_image(&target, ret, error);
}

/* Its unmount is its end; a mapping that was left behind goes by gc. */
static int refuse_ours(const struct mapping *mapping, struct error *error)
{
	char volume[KRBD_LABEL_MAX];

	if (!mapping_is_ours(mapping))
		return 0;
	error_set(error, -EPERM, "unmap: /dev/rbd%d was mapped by the driver, for volume %s",
		  mapping->id, mapping_volume(mapping, volume));
	return error_advise(error, "it goes with its pod; what was left behind goes by "
				   "`rbd-flexvolume gc`");
}

/* In the worker: the write may sleep uninterruptibly. */
static int step_unmap(void *state, const void *in, void *out, struct error *error)
{
	const struct mapping *mapping = in;
	char who[512], where[256];
	int result = patience_unmap(mapping, deadline_in(BUSY_DEADLINE), error);

	(void)state;
	(void)out;
	if (result != -EBUSY)
		return result;
	mount_holders(mapping->device, who, sizeof(who));
	if (*who)
		error_append(error, "; it is held by %s", who);
	if (mountinfo_anywhere(mapping->device, where, sizeof(where)) > 0)
		error_append(error, "; it is mounted at %s", where);
	return error_advise(error, "unmount it, end what holds it; an unmap is never forced");
}

static int unmap(const struct admin *admin, const struct mapping *mapping, struct error *error)
{
	_cleanup_close_ int lock = -1;
	_cleanup_worker_ struct worker *worker = NULL;
	struct worker_setup setup = {0};
	struct image_name name;
	char lock_name[512];
	int result;

	mapping_name(mapping, &name);
	image_name_lock(&name, lock_name, sizeof(lock_name));
	lock = lock_take(lock_name, volume_seconds(admin->config->deadlines.call), error);
	if (lock < 0)
		return lock;
	lock_note(lock, "unmapping /dev/rbd%d by hand", mapping->id);
	setup.keep_fd = lock;
	result = worker_start(&setup, &worker, error);
	if (result < 0)
		return result;
	return worker_call(worker, step_unmap, mapping, sizeof(*mapping), NULL, 0,
			   volume_seconds(admin->config->deadlines.map), error);
}

/* The device may have been named: with --json it says which image it was. */
static cJSON *json_of_mapping(const struct mapping *mapping)
{
	struct target target = {0};

	(void)str_copy(target.pool, sizeof(target.pool), mapping->pool);
	(void)str_copy(target.name_space, sizeof(target.name_space), mapping->name_space);
	(void)str_copy(target.image, sizeof(target.image), mapping->image);
	(void)str_copy(target.snapshot, sizeof(target.snapshot), mapping->snapshot);
	return json_of_target(&target);
}

static int print_unmapped(struct admin *admin, const struct mapping *mapping, struct error *error)
{
	char device[32];
	cJSON *json;

	(void)snprintf(device, sizeof(device), "/dev/rbd%d", mapping->id);
	admin_say(admin, "%s: unmapped", device);
	if (!admin->json)
		return 0;
	json = json_of_mapping(mapping);
	cJSON_AddStringToObject(json, "device", device);
	return json_print(admin, json, error);
}

int admin_image_unmap(struct admin *admin, struct error *error)
{
	struct mapping mapping = {0};
	int result = find(admin->arguments.operands[0], &mapping, error);

	if (result == 0)
		result = refuse_ours(&mapping, error);
	if (result == 0)
		result = unmap(admin, &mapping, error);
	return result ? result : print_unmapped(admin, &mapping, error);
}
