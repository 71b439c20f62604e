/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/hands.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/path.h"
#include "base/phase.h"
#include "base/str.h"
#include "kernel/kmsg.h"
#include "volume/device_name.h"
#include "volume/patience.h"
#include "volume/told.h"

#define REPAIR_DEADLINE 86400000 /* ms for an e2fsck that outlived its own */
#define UNMAP_DEADLINE  5000     /* ms while somebody, udev say, has the device open for a moment */

/* In the worker, when its caller has gone: a mapping of ours that no mount needs is undone. What
 * hangs at its directory stays, since the kubelet takes a mount point for Success without a
 * call. The kernel's EBUSY protects what is mounted after all. */
static void abandoned(void *state)
{
	struct volume *volume = state;
	struct error ignored;

	if (!volume->mapped || volume->hung)
		return;
	if (volume->device_fd >= 0)
		close(TAKE_FD(volume->device_fd));
	/* as long as e2fsck goes on it has the device open, and the lock */
	(void)patience_unmap(&volume->mapping,
			     deadline_in(volume->repair_goes_on ? REPAIR_DEADLINE : UNMAP_DEADLINE),
			     &ignored);
}

int hands_start(struct volume *volume, struct error *error)
{
	const struct worker_setup setup = {
		.state = volume, .keep_fd = volume->lock, .abandoned = abandoned};

	struct error ignored;

	if (volume->worker)
		return 0;
	/* the worker maps with its own copy of the key; where it cannot be had, volume_connect()
	 * says so, and what needs no key works */
	if (!*volume->key)
		(void)volume_read_key(volume, &ignored);
	return worker_start(&setup, &volume->worker, error);
}

static void say_kernel_words(int kmsg, const char *device, struct error *error)
{
	char words[512];

	kmsg_words(kmsg, device, words, sizeof(words));
	if (*words)
		(void)error_append(error, " (the kernel said: %s)", words);
}

/* The node is opened once, compared with what sysfs says, and only this descriptor is used to
 * look at the content (krbd-and-peers.md P1: a missing or foreign node cost somebody's data). */
static int open_device(struct volume *volume, struct error *error)
{
	const struct mapping *mapping = &volume->mapping;
	struct stat status;

	volume->device_fd = path_open(O_RDONLY, "/dev/rbd%d", mapping->id);
	if (volume->device_fd < 0) {
		error_errno(error, volume->device_fd, "open /dev/rbd%d", mapping->id);
		return error_advise(error, "is /dev the host's devtmpfs here?");
	}
	if (fstat(volume->device_fd, &status) < 0)
		return error_errno(error, -errno, "look at /dev/rbd%d", mapping->id);
	if (!S_ISBLK(status.st_mode) || status.st_rdev != mapping->device) {
		error_set(error, -EUCLEAN,
			  "/dev/rbd%d is not the block device that the kernel made", mapping->id);
		return error_advise(error, "is /dev the host's devtmpfs here?");
	}
	return 0;
}

static int map_with_key(struct volume *volume, const struct krbd_map *map, struct error *error)
{
	int serial = key_add(volume->label, volume->key, error);
	int result;

	if (serial < 0)
		return serial;
	result = krbd_map(map, error);
	key_forget(serial);
	return result;
}

static bool was_there(const struct mappings *before, const struct mapping *mapping)
{
	for (size_t i = 0; i < before->count; i++) {
		if (before->list[i].id == mapping->id)
			return true;
	}
	return false;
}

/* The kernel took the command, but what came of it does not look as it should (no label can be
 * read): what is new of this image is nobody else's, the image's lock is held. */
static void undo_unknown(const struct krbd_map *map, const struct mappings *before)
{
	_cleanup_mappings_ struct mappings now = {0};
	struct image_name name;
	struct error ignored;

	if (krbd_list(&now, &ignored) < 0)
		return;
	for (size_t i = 0; i < now.count; i++) {
		const struct mapping *mapping = &now.list[i];

		mapping_name(mapping, &name);
		if (image_name_same(&name, &map->image) && !was_there(before, mapping) &&
		    (!*mapping->label || str_eq(mapping->label, map->label)))
			(void)patience_unmap(mapping, deadline_in(UNMAP_DEADLINE), &ignored);
	}
}

/* Udev may look at a new device just now. */
static void undo_map(struct volume *volume, struct error *error)
{
	struct error why;

	if (volume->device_fd >= 0)
		close(TAKE_FD(volume->device_fd));
	if (patience_unmap(&volume->mapping, deadline_in(UNMAP_DEADLINE), &why) == 0)
		volume->mapped = false;
	else
		error_append(error, "; /dev/rbd%d stays mapped, the next call unmaps it: %s",
			     volume->mapping.id, why.text);
}

static int find_and_open(struct volume *volume, const struct krbd_map *map,
			 const struct mappings *before, struct error *error)
{
	int result = krbd_find_new(map, before, &volume->mapping, error);

	if (result < 0) {
		undo_unknown(map, before);
		return result;
	}
	volume->mapped = true;
	result = open_device(volume, error);
	if (result < 0)
		undo_map(volume, error);
	return result;
}

static int step_map(void *state, const void *in, void *out, struct error *error)
{
	_cleanup_mappings_ struct mappings before = {0};
	_cleanup_close_ int kmsg = kmsg_begin();
	const struct krbd_map *map = in;
	struct volume *volume = state;
	int result = krbd_list(&before, error);

	if (result < 0)
		return result;
	result = map_with_key(volume, map, error);
	if (result == 0)
		result = find_and_open(volume, map, &before, error);
	if (result < 0)
		say_kernel_words(kmsg, NULL, error);
	memcpy(out, &volume->mapping, sizeof(volume->mapping));
	return result;
}

int hands_map(struct volume *volume, const struct krbd_map *map, struct error *error)
{
	struct krbd_map again = *map;
	int result;

	phase_begin("map");
	lock_note(volume->lock, "mapping %s", volume->text);
	result = worker_call(volume->worker, step_map, map, sizeof(*map), &volume->mapping,
			     sizeof(volume->mapping), volume_seconds(volume->config->deadlines.map),
			     error);
	/* this node's shared client was blocklisted: a client of its own gets in */
	if (result == -ESHUTDOWN) {
		again.no_share = true;
		result = worker_call(volume->worker, step_map, &again, sizeof(again),
				     &volume->mapping, sizeof(volume->mapping),
				     volume_seconds(volume->config->deadlines.map), error);
	}
	volume->mapped = result == 0;
	if (volume->mapped)
		told_mapped(volume);
	return result;
}

static int step_unmap(void *state, const void *in, void *out, struct error *error)
{
	struct volume *volume = state;
	const struct mapping *mapping = in;
	int result;

	(void)out;
	if (volume->device_fd >= 0)
		close(TAKE_FD(volume->device_fd));
	(void)device_name_remove(mapping);
	result = patience_unmap(mapping, deadline_in(UNMAP_DEADLINE), error);
	if (result == 0 && volume->mapped && volume->mapping.id == mapping->id)
		volume->mapped = false;
	return result;
}

int hands_unmap(struct volume *volume, const struct mapping *mapping, struct error *error)
{
	int result;

	phase_begin("unmap");
	lock_note(volume->lock, "unmapping /dev/rbd%d of %s", mapping->id, volume->text);
	result = worker_call(volume->worker, step_unmap, mapping, sizeof(*mapping), NULL, 0,
			     volume_seconds(volume->config->deadlines.map), error);
	if (result == 0 && volume->mapped && volume->mapping.id == mapping->id)
		volume->mapped = false;
	return result;
}
