/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/rescue.h"

#include <unistd.h>

#include "base/lock.h"
#include "base/spawn.h"
#include "base/str.h"
#include "volume/image_step.h"
#include "volume/verify.h"

/* This process has threads by now and must not fork a worker: a new one of ours does what may
 * hang, and is not waited for longer than this. */
#define RESCUE_DEADLINE 8000

static bool left_behind(const struct volume *volume)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	struct error ignored;

	if (krbd_list(&mappings, &ignored) < 0)
		return true;
	for (size_t i = 0; i < mappings.count; i++) {
		if (str_eq(mappings.list[i].label, volume->label) &&
		    str_eq(mappings.list[i].image, volume->image.image))
			return true;
	}
	return false;
}

/* Under its lock again: where another call has it by now, the image is that one's. */
static int take_back_image(struct volume *volume, struct error *error)
{
	char name[512];

	image_name_lock(&volume->image, name, sizeof(name));
	if (volume->lock < 0)
		volume->lock = lock_try(name);
	if (volume->lock >= 0)
		image_step_undo(volume, error);
	return error->code;
}

int rescue(struct volume *volume, struct error *error)
{
	static const char *const argv[] = {SPAWN_SELF, "gc", NULL};
	const struct spawn spawn = {.argv = argv, .deadline = deadline_in(RESCUE_DEADLINE)};
	struct spawn_result result;
	struct error ignored;

	if (volume->mapped &&
	    verify_mount(volume->directory, volume->mapping.device, &ignored) == 0)
		return 0;
	if (!left_behind(volume))
		return take_back_image(volume, error);
	/* gc takes the image's lock itself */
	if (volume->lock >= 0)
		close(TAKE_FD(volume->lock));
	(void)spawn_run(&spawn, &result, &ignored);
	if (left_behind(volume))
		error_append(error, "; its mapping stays, and the next call undoes it");
	return take_back_image(volume, error);
}
