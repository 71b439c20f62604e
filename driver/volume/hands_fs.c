/* SPDX-License-Identifier: Apache-2.0 */
/* The worker's steps that look at, make and repair the file system on the verified device. */
#include <errno.h>
#include <linux/fs.h>
#include <sys/ioctl.h>

#include "base/lock.h"
#include "base/phase.h"
#include "base/str.h"
#include "fs/filesystem.h"
#include "volume/hands.h"

static int step_look(void *state, const void *in, void *out, struct error *error)
{
	const struct volume *volume = state;
	struct look *look = out;
	const struct deadline *deadline = in;
	const struct filesystem *fs;
	int result = probe_device(volume->device_fd, volume->mapping.size, &look->probe, error);

	if (result < 0 || look->probe.kind != PROBE_FILE_SYSTEM)
		return result;
	fs = filesystem_find(look->probe.type);
	if (!fs)
		return 0;
	result = fs->read_super(volume->device_fd, &look->super, error);
	look->has_super = result == 0;
	/* who only reads neither repairs nor fences */
	if (result == 0 && !look->super.clean && fs->find_clean && !volume->options->read_only)
		result = fs->find_clean(volume->device_fd, volume->lock, *deadline, &look->super,
					error);
	return result;
}

/* A little longer than the child's own deadline: the worker says what became of it. */
static struct deadline after(struct deadline deadline)
{
	deadline.at += 3000;
	return deadline;
}

int hands_look(struct volume *volume, struct look *ret, struct error *error)
{
	struct deadline deadline = volume_seconds(volume->config->deadlines.map);

	phase_begin("look");
	lock_note(volume->lock, "looking at what is on %s", volume->text);
	return worker_call(volume->worker, step_look, &deadline, sizeof(deadline), ret,
			   sizeof(*ret), after(deadline), error);
}

struct make {
	char uuid[37];
	bool prezeroed;
	bool dry;
	struct deadline deadline;
};

static int step_make(void *state, const void *in, void *out, struct error *error)
{
	const struct volume *volume = state;
	const struct make *make = in;
	const struct filesystem *fs = filesystem_find(volume->options->fs_type);
	const struct filesystem_make wanted = {.device_fd = volume->device_fd,
					       .uuid = make->uuid,
					       .options = volume->options->mkfs_options,
					       .prezeroed = make->prezeroed,
					       .dry = make->dry,
					       .lock_fd = volume->lock,
					       .deadline = make->deadline};

	(void)out;
	return fs->make(&wanted, error);
}

int hands_make(struct volume *volume, const char *uuid, bool prezeroed, bool dry,
	       struct error *error)
{
	struct make make = {.prezeroed = prezeroed,
			    .dry = dry,
			    .deadline = volume_seconds(volume->config->deadlines.mkfs)};

	(void)str_copy(make.uuid, sizeof(make.uuid), uuid);
	phase_begin("format");
	lock_note(volume->lock, "formatting %s", volume->text);
	return worker_call(volume->worker, step_make, &make, sizeof(make), NULL, 0,
			   after(make.deadline), error);
}

static int step_repair(void *state, const void *in, void *out, struct error *error)
{
	const struct deadline *deadline = in;
	struct volume *volume = state;
	const struct filesystem *fs = filesystem_find(volume->options->fs_type);
	int result;

	(void)out;
	/* what was read before the last holder was fenced may be old by now */
	if (ioctl(volume->device_fd, BLKFLSBUF) < 0)
		return error_errno(error, -errno, "forget what was read of the device");
	if (!fs->repair)
		return 0;
	result = fs->repair(volume->device_fd, volume->lock, *deadline, error);
	volume->repair_goes_on = result == -ETIMEDOUT;
	return result;
}

int hands_repair(struct volume *volume, struct error *error)
{
	struct deadline deadline = volume_seconds(volume->config->deadlines.fsck);
	int result;

	phase_begin("repair");
	lock_note(volume->lock, "checking the file system of %s", volume->text);
	result = worker_call(volume->worker, step_repair, &deadline, sizeof(deadline), NULL, 0,
			     after(deadline), error);
	/* e2fsck is never killed: the worker stays with it and undoes the mapping after it */
	if (result == -ETIMEDOUT) {
		worker_leave(volume->worker);
		volume->mapped = false;
	}
	return result;
}
