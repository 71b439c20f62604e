/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/fast_lane.h"

#include <errno.h>

#include "base/log.h"
#include "base/str.h"
#include "volume/hands.h"
#include "volume/map_step.h"

/* Only where the administrator says that all users of the pool agree: the map takes the lock from
 * whoever has it without `exclusive`, and a living one's next write would fail. A volume that says
 * guard=exclusive by itself looks at the watchers first. Without a known fsid nothing tells whether
 * a mapping is of the right cluster; what else is missing is said by the whole way. */
static bool is_open_to(const struct volume *volume)
{
	return volume->access.exclusive_pool && !volume->options->read_only && *volume->fsid &&
	       *volume->monitors && str_eq(volume->options->fs_type, "ext4");
}

/* NULL: it may be mounted as it is. Else what keeps it from that, for the log. */
static const char *why_not(const struct volume *volume, const struct look *look)
{
	const struct mapping *mapping = &volume->mapping;

	if (!str_eq(mapping->fsid, volume->fsid))
		return "it is of another cluster";
	if (look->probe.kind != PROBE_FILE_SYSTEM || !look->has_super ||
	    !str_eq(look->probe.type, "ext4"))
		return "it holds no ext4";
	/* not clean: somebody may have it mounted, and who that was is in the image's record */
	if (!look->super.clean || look->super.errors)
		return "its file system is not clean";
	if (look->super.never_mounted)
		return "its file system was never mounted";
	/* whole sectors only, as the block device has them */
	if (mapping->size < (volume->options->size & ~UINT64_C(511)))
		return "it is too small";
	/* too large is an image that was made smaller; smaller by a block or more has to grow */
	if (look->super.size > mapping->size ||
	    mapping->size - look->super.size >= look->super.block_size)
		return "its file system has another size than the image";
	return NULL;
}

/* The worker is gone: nothing more can be asked of it, and it sees to what it has mapped. */
static bool is_lost(int result)
{
	return result == -EPIPE || result == -ETIMEDOUT;
}

static int leave(struct volume *volume, const char *why, struct error *error)
{
	log_say(LOG_LEVEL_DEBUG, "image %s goes the whole way: %s", volume->text, why);
	return hands_unmap(volume, &volume->mapping, error);
}

int fast_lane_try(struct volume *volume, struct error *error)
{
	struct look look = {0};
	struct krbd_map map;
	const char *why;
	int result;

	if (!is_open_to(volume))
		return 0;
	result = map_step_fill(volume, &map, error);
	if (result < 0)
		return result;
	result = hands_map(volume, &map, error);
	if (result < 0) {
		log_say(LOG_LEVEL_DEBUG, "image %s goes the whole way: %s", volume->text,
			error->text);
		return is_lost(result) ? error_prefix(error, "map image %s", volume->text) : 0;
	}
	result = hands_look(volume, &look, error);
	if (is_lost(result))
		return error_prefix(error, "look at what is on image %s", volume->text);
	why = result < 0 ? error->text : why_not(volume, &look);
	if (why)
		return leave(volume, why, error);
	result = hands_mount(volume, error);
	if (result < 0)
		return error_prefix(error, "mount image %s (/dev/rbd%d) at %s", volume->text,
				    volume->mapping.id, volume->directory);
	return 1;
}
