/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/lower.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/path.h"
#include "base/phase.h"
#include "base/str.h"
#include "base/worker.h"
#include "fs/filesystem.h"
#include "fs/mount.h"
#include "fs/mountinfo.h"
#include "fs/utab.h"
#include "volume/device_name.h"
#include "volume/patience.h"
#include "volume/volume.h"

#define BUSY_DEADLINE 3000 /* ms: a process that is just ending, udev's look at a device */

static int say_busy(const struct lower *lower, const char *what, struct error *error)
{
	char who[512], where[256];

	mount_holders(lower->device, who, sizeof(who));
	if (*who)
		error_append(error, "; it is held by %s", who);
	if (mountinfo_anywhere(lower->device, where, sizeof(where)) > 0)
		error_append(error, "; it is mounted at %s", where);
	return error_advise(error, "%s is never forced: end what holds it; the kubelet asks again",
			    what);
}

/* It was unmounted, but somebody has the device open (another mount namespace has a copy of the
 * mount, krbd-and-peers.md P14): put it back, or the kubelet would never ask again. */
static void put_back(const struct lower *lower, struct error *error)
{
	const struct filesystem *fs = filesystem_find(lower->fs_type);
	char source[PATH_MAX];
	const bool read_only = lower->read_only || lower->mount_read_only;
	const struct mount_request request = {.source = source,
					      .directory = lower->directory,
					      .fs_type = lower->fs_type,
					      .options = lower->options,
					      .read_only = lower->read_only,
					      .mount_read_only = lower->mount_read_only,
					      .mark = !fs || read_only ? NULL : fs->mark};
	struct mapping now;
	struct error why;
	int result;

	(void)path_format(source, "/dev/rbd%d", lower->mapping.id);
	result = krbd_read(lower->mapping.id, &now);
	if (result < 0)
		error_append(error, "; and what %s is by now cannot be told: %s", source,
			     strerror(-result));
	else if (!mapping_same(&lower->mapping, &now))
		error_append(error, "; and %s is another image by now", source);
	else if (mount_device(&request, worker_always_wanted, &why) < 0)
		error_append(error, "; and it could not be mounted again: %s", why.text);
}

/* The device's name goes before the device, and comes back with it. */
static int unmap(const struct lower *lower, struct error *error)
{
	bool named = device_name_remove(&lower->mapping);
	int result = patience_unmap(&lower->mapping, deadline_in(BUSY_DEADLINE), error);
	char volume[KRBD_LABEL_MAX];
	struct error ignored;

	if (result < 0 && named && *mapping_volume(&lower->mapping, volume))
		(void)device_name_make(volume, lower->mapping.id, &ignored);
	return result < 0 ? error_prefix(error, "unmap /dev/rbd%d", lower->mapping.id) : 0;
}

static int step_lower(void *state, const void *in, void *out, struct error *error)
{
	const struct lower *lower = in;
	int result = patience_umount(lower->directory, deadline_in(BUSY_DEADLINE), error);

	(void)state;
	(void)out;
	if (result == -EBUSY)
		return say_busy(lower, "a mount", error);
	if (result < 0 && result != -EINVAL)
		return result;
	if (!lower->unmap)
		return 0;
	phase_begin("unmap");
	result = unmap(lower, error);
	if (result == -EBUSY) {
		(void)say_busy(lower, "an unmap", error);
		put_back(lower, error);
	}
	return result;
}

static int step_forget(void *state, const void *in, void *out, struct error *error)
{
	const struct lower *lower = in;

	(void)state;
	(void)out;
	(void)error;
	utab_remove(lower->directory);
	return 0;
}

int lower_down(const struct lower *lower, int lock, struct deadline deadline, struct error *error)
{
	const struct worker_setup setup = {.keep_fd = lock};
	_cleanup_worker_ struct worker *worker = NULL;
	int result;

	phase_begin("unmount");
	result = worker_start(&setup, &worker, error);
	if (result < 0)
		return result;
	result = worker_call(worker, step_lower, lower, sizeof(*lower), NULL, 0, deadline, error);
	if (result >= 0)
		worker_last(worker, step_forget, lower, sizeof(*lower));
	/* what the step says names the directory already */
	return result == -ETIMEDOUT || result == -EPIPE
		       ? error_prefix(error, "unmount %s", lower->directory)
		       : result;
}
