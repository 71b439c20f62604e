/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's steps that mount, bind and grow. */
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/path.h"
#include "base/phase.h"
#include "base/str.h"
#include "fs/filesystem.h"
#include "fs/mount.h"
#include "fs/mount_options.h"
#include "fs/utab.h"
#include "kernel/kmsg.h"
#include "volume/hands.h"

/* The mount goes by name: what stands at that name now must still be the verified device. */
static int check_node(const struct mapping *mapping, const char *path, struct error *error)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return error_errno(error, -errno, "look at %s", path);
	if (!S_ISBLK(status.st_mode) || status.st_rdev != mapping->device)
		return error_set(error, -EUCLEAN, "%s is no longer the mapped device", path);
	return 0;
}

static int step_mount(void *state, const void *in, void *out, struct error *error)
{
	_cleanup_close_ int kmsg = kmsg_begin();
	struct volume *volume = state;
	bool read_only = volume->options->read_only;
	const struct filesystem *fs = filesystem_find(volume->options->fs_type);
	char source[PATH_MAX], device[32], words[512], options[MOUNT_OPTIONS_MAX];
	struct mount_request request = {
		.source = source,
		.directory = volume->directory,
		.fs_type = volume->options->fs_type,
		.options = options,
		.read_only = read_only,
		.mark = read_only ? NULL : fs->mark,
	};
	int result;

	(void)in;
	(void)out;
	(void)snprintf(device, sizeof(device), "rbd%d", volume->mapping.id);
	(void)path_format(source, "/dev/%s", device);
	result = mount_options_all(volume->options->fs_type, volume->options->mount_options,
				   read_only, options, error);
	if (result == 0)
		result = check_node(&volume->mapping, source, error);
	if (result == 0)
		result = mount_device(&request, worker_caller_lives, error);
	if (result == 0) {
		volume->hung = true;
		return 0;
	}
	kmsg_words(kmsg, device, words, sizeof(words));
	return *words ? error_append(error, " (the kernel said: %s)", words) : result;
}

int hands_mount(struct volume *volume, struct error *error)
{
	int result;

	phase_begin("mount");
	lock_note(volume->lock, "mounting %s at %s", volume->text, volume->directory);
	result = worker_call(volume->worker, step_mount, NULL, 0, NULL, 0,
			     volume_seconds(volume->config->deadlines.map), error);
	volume->hung = result == 0;
	return result;
}

struct bind {
	char from[PATH_MAX];
	bool read_only;
};

static int step_bind(void *state, const void *in, void *out, struct error *error)
{
	struct volume *volume = state;
	const struct bind *bind = in;
	int result;

	(void)out;
	/* nobody would take it away again */
	if (!worker_caller_lives())
		return error_set(error, -ECANCELED, "the caller has gone");
	result = mount_bind(bind->from, volume->directory, bind->read_only, error);
	volume->hung = result == 0;
	return result;
}

int hands_bind(struct volume *volume, const char *from, bool read_only, struct error *error)
{
	struct bind bind = {.read_only = read_only};
	int result = str_copy(bind.from, sizeof(bind.from), from);

	if (result < 0)
		return error_errno(error, result, "bind %s", from);
	phase_begin("bind");
	lock_note(volume->lock, "binding %s at %s", from, volume->directory);
	result = worker_call(volume->worker, step_bind, &bind, sizeof(bind), NULL, 0,
			     volume_seconds(volume->config->deadlines.map), error);
	volume->hung = result == 0;
	return result;
}

struct note {
	char source[32];
};

static int step_note(void *state, const void *in, void *out, struct error *error)
{
	const struct volume *volume = state;
	const struct note *note = in;

	(void)out;
	(void)error;
	utab_add(note->source, volume->directory, volume->options->fs_type);
	return 0;
}

void hands_note(struct volume *volume, const struct mapping *mapping)
{
	struct note note;

	(void)snprintf(note.source, sizeof(note.source), "/dev/rbd%d", mapping->id);
	if (volume->worker && volume->hung)
		worker_last(volume->worker, step_note, &note, sizeof(note));
}

static int step_unhang(void *state, const void *in, void *out, struct error *error)
{
	struct volume *volume = state;
	int result = mount_undo(volume->directory, error);

	(void)in;
	(void)out;
	if (result == 0 || result == -EINVAL)
		volume->hung = false;
	return volume->hung ? result : 0;
}

int hands_unhang(struct volume *volume, struct error *error)
{
	int result = worker_call(volume->worker, step_unhang, NULL, 0, NULL, 0,
				 volume_seconds(volume->config->deadlines.map), error);

	if (result == 0)
		volume->hung = false;
	return result;
}

static int step_alive(void *state, const void *in, void *out, struct error *error)
{
	const struct mapping *mapping = in;
	char path[PATH_MAX];
	int result;

	(void)state;
	(void)out;
	(void)path_format(path, "/dev/rbd%d", mapping->id);
	result = check_node(mapping, path, error);
	return result < 0 ? result : probe_alive(path, error);
}

int hands_alive(struct volume *volume, const struct mapping *mapping, struct error *error)
{
	int result;

	phase_begin("alive");
	result = worker_call(volume->worker, step_alive, mapping, sizeof(*mapping), NULL, 0,
			     volume_seconds(volume->config->deadlines.connect), error);
	if (result == 0)
		return 0;
	error_prefix(error, "image %s (/dev/rbd%d), which is mounted for another pod", volume->text,
		     mapping->id);
	return error_advise(error, "its cluster does not answer, or this node was blocklisted: the "
				   "pods that use it must be stopped before it can be mapped anew");
}

struct grow {
	char directory[PATH_MAX];
	dev_t device;
	uint64_t size;
};

static int step_grow(void *state, const void *in, void *out, struct error *error)
{
	const struct grow *grow = in;

	(void)state;
	(void)out;
	return filesystem_grow(grow->directory, grow->device, grow->size, error);
}

int hands_grow(struct volume *volume, const char *directory, uint64_t size, struct error *error)
{
	struct grow grow = {.device = volume->mapping.device, .size = size};
	int result = str_copy(grow.directory, sizeof(grow.directory), directory);

	if (result < 0)
		return error_errno(error, result, "grow %s", directory);
	phase_begin("grow");
	lock_note(volume->lock, "growing the file system of %s", volume->text);
	return worker_call(volume->worker, step_grow, &grow, sizeof(grow), NULL, 0,
			   volume_seconds(volume->config->deadlines.mkfs), error);
}
