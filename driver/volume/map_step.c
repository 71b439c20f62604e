/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/map_step.h"

#include <errno.h>
#include <sys/random.h>

#include "base/str.h"
#include "ceph/monitors.h"
#include "volume/guard.h"
#include "volume/hands.h"
#include "volume/image_step.h"

#define RACE_TRIES             4
#define RACE_GRACE             3000 /* ms that a living holder is given to undo, after a race */
#define MONITOR_PATIENCE       1000 /* ms with those that have not answered, once one has */

#define FEATURE_EXCLUSIVE_LOCK (UINT64_C(1) << 2) /* src/include/rbd/features.h */

/* `exclusive` is for writers only: who reads has no lock in the kernel. */
static bool wants_exclusive(const struct volume *volume)
{
	return volume->guard == GUARD_EXCLUSIVE && !volume->options->read_only;
}

int map_step_fill(const struct volume *volume, struct krbd_map *map, struct error *error)
{
	const char *mode = str_empty(volume->access.ms_mode) ? "auto" : volume->access.ms_mode;
	bool only_v2 = false;
	struct monitors monitors;
	int result = monitors_parse(volume->monitors, &monitors, error);

	*map = (struct krbd_map){.image = volume->image,
				 .user = volume->access.user,
				 .label = volume->label,
				 .read_only = volume->options->read_only,
				 .exclusive = wants_exclusive(volume),
				 .mount_timeout = volume->config->deadlines.connect,
				 .options = volume->map_options};
	if (result == 0)
		result =
			monitors_try_mode(&monitors, mode, deadline_in(MONITOR_PATIENCE),
					  volume_seconds(volume->config->deadlines.connect), error);
	if (result < 0)
		return result;
	result = monitors_for_kernel(&monitors, map->monitors, sizeof(map->monitors), &only_v2,
				     error);
	/* the first protocol is the kernel's own choice, and kernels before 5.11 know no other */
	if (str_eq(mode, "auto"))
		map->ms_mode = only_v2 ? "prefer-crc" : "";
	else
		map->ms_mode = str_eq(mode, "legacy") ? "" : mode;
	return result;
}

/* Design §5 rule 4: never by name alone. */
static int check_mapping(const struct volume *volume, struct error *error)
{
	const struct mapping *mapping = &volume->mapping;

	if (!str_eq(mapping->fsid, volume->fsid) || !str_eq(mapping->image_id, volume->header.id)) {
		error_set(error, -EUCLEAN,
			  "/dev/rbd%d is image id %s of cluster %s, but image %s is id %s of "
			  "cluster %s",
			  mapping->id, mapping->image_id, mapping->fsid, volume->text,
			  volume->header.id, volume->fsid);
		return error_advise(error, "was the image removed and made again at this moment? "
					   "The next call looks anew");
	}
	return 0;
}

static int explain_map(struct volume *volume, int code, struct error *error)
{
	error_prefix(error, "map image %s", volume->text);
	if (code == -ENOENT && *volume->image.snapshot)
		error_append(error, "; the image itself is there: it has no snapshot %s",
			     volume->image.snapshot);
	return code == -EROFS ? guard_name(volume, error) : code;
}

static int map_once(struct volume *volume, struct error *error)
{
	struct krbd_map map;
	int result = map_step_fill(volume, &map, error);

	if (result < 0)
		return result;
	result = hands_map(volume, &map, error);
	return result < 0 ? explain_map(volume, result, error) : check_mapping(volume, error);
}

/* Never silently by another guard. */
static int check_lockable(const struct volume *volume, struct error *error)
{
	if (!wants_exclusive(volume) || volume->header.features & FEATURE_EXCLUSIVE_LOCK)
		return 0;
	error_set(error, -EINVAL,
		  "image %s lacks the feature exclusive-lock, which guard=exclusive needs",
		  volume->text);
	return error_advise(error, "while nobody uses it: rbd feature enable %s exclusive-lock",
			    volume->text);
}

static int64_t random_pause(void)
{
	uint32_t random = 0;

	(void)!getrandom(&random, sizeof(random), 0);
	return 50 + random % 1451;
}

/* -EAGAIN: a race. */
static int map_guarded(struct volume *volume, int64_t grace, struct error *error)
{
	struct error undo;
	int result = guard_before(volume, grace, error);

	/* what was read before the wait for others may have changed meanwhile */
	if (result > 0)
		result = image_read_header(volume->cluster, volume->image.image, &volume->header,
					   error);
	if (result == 0)
		result = check_lockable(volume, error);
	if (result == 0)
		result = image_step_fit(volume, error);
	if (result == 0)
		result = map_once(volume, error);
	if (result < 0)
		return result == -EAGAIN ? -EIO : result;
	result = guard_after(volume, error);
	if (result == -EAGAIN && hands_unmap(volume, &volume->mapping, &undo) < 0) {
		error_append(error, "; %s", undo.text);
		return error->code = -EBUSY;
	}
	return result;
}

int map_step(struct volume *volume, struct error *error)
{
	int result = map_guarded(volume, 0, error);

	for (int i = 0; result == -EAGAIN && i < RACE_TRIES; i++) {
		deadline_pause(random_pause(), deadline_in(2000));
		result = map_guarded(volume, RACE_GRACE, error);
	}
	return result;
}
