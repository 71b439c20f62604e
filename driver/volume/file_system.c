/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/file_system.h"

#include <errno.h>
#include <stdio.h>

#include "base/log.h"
#include "base/str.h"
#include "fs/filesystem.h"
#include "volume/format_gate.h"
#include "volume/hands.h"
#include "volume/holder.h"

static int refuse_content(const struct volume *volume, const struct look *look, struct error *error)
{
	error_set(error, -EMEDIUMTYPE, "image %s holds %s, not %s", volume->text, look->probe.type,
		  volume->options->fs_type);
	return error_advise(error,
			    "the driver never formats over anything: correct %s, or use "
			    "another image",
			    filesystem_find(look->probe.type) ? "fsType" : "the image's name");
}

static int check_size(const struct volume *volume, const struct look *look, struct error *error)
{
	if (look->super.size <= volume->mapping.size)
		return 0;
	error_set(error, -EFBIG,
		  "the file system of image %s has %llu bytes, but the image only %llu",
		  volume->text, (unsigned long long)look->super.size,
		  (unsigned long long)volume->mapping.size);
	return error_advise(error, "the image was made smaller than its file system: grow it back "
				   "with `rbd resize` before anything is written");
}

/* Who left it so can no longer write; then it is repaired and looked at again. One that was left
 * clean with errors noted was unmounted in good order: nobody is fenced for that. */
static int heal(struct volume *volume, struct look *look, struct error *error)
{
	int result = look->super.clean ? 0 : holder_fence_last(volume, &look->super, error);

	if (result < 0)
		return result;
	result = hands_repair(volume, error);
	if (result < 0)
		return error_prefix(error, "repair the file system of image %s", volume->text);
	log_say(LOG_LEVEL_WARNING, "image %s was not left clean: its file system was checked",
		volume->text);
	return hands_look(volume, look, error);
}

/* The device holds a file system that may be mounted: `look` tells of it. */
static int have_file_system(struct volume *volume, struct look *look, struct error *error)
{
	int result = hands_look(volume, look, error);

	if (result < 0)
		return error_prefix(error, "look at what is on image %s", volume->text);
	if (look->probe.kind == PROBE_NOTHING || look->probe.kind == PROBE_DATA ||
	    format_gate_unfinished(volume, look)) {
		result = format_gate_pass(volume, look, error);
		if (result == 0)
			result = hands_look(volume, look, error);
		if (result < 0)
			return result;
	}
	return look->has_super && str_eq(look->probe.type, volume->options->fs_type)
		       ? check_size(volume, look, error)
		       : refuse_content(volume, look, error);
}

/* One that cannot grow is mounted as it is: that is no reason to keep a database down. */
static void grow(struct volume *volume, const struct look *look)
{
	struct error error;

	if (volume->mapping.size - look->super.size < look->super.block_size ||
	    hands_grow(volume, volume->directory, volume->mapping.size, &error) >= 0)
		return;
	(void)snprintf(volume->remark, sizeof(volume->remark),
		       "mounted, but the file system could not grow to its image: %.1400s",
		       error.text);
	log_say(LOG_LEVEL_WARNING, "image %s: %s", volume->text, volume->remark);
}

int file_system_up(struct volume *volume, struct error *error)
{
	bool read_only = volume->options->read_only;
	struct look look = {0};
	int result = have_file_system(volume, &look, error);

	if (result == 0 && !read_only && (!look.super.clean || look.super.errors))
		result = heal(volume, &look, error);
	if (result == 0 && !read_only)
		result = format_gate_close(volume, look.super.uuid, error);
	if (result == 0 && !read_only)
		result = holder_record(volume, &look.super, error);
	if (result < 0)
		return result;
	result = hands_mount(volume, error);
	/* a worker that was given up or died may still become the holder, or be it */
	if (result < 0 && !read_only && result != -ETIMEDOUT && result != -EPIPE)
		holder_restore(volume);
	if (result < 0)
		return error_prefix(error, "mount image %s (/dev/rbd%d) at %s", volume->text,
				    volume->mapping.id, volume->directory);
	if (!read_only)
		grow(volume, &look);
	return 0;
}
