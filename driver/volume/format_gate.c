/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/format_gate.h"

#include <errno.h>
#include <stdio.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/phase.h"
#include "base/str.h"
#include "fs/filesystem.h"
#include "volume/guard.h"

#define RECORD_FORMATTING "formatting "
#define RECORD_FORMATTED  "formatted "

bool format_gate_unfinished(const struct volume *volume, const struct look *look)
{
	const char *record = volume->header.format;

	/* a holder was recorded: it was mounted for writing since, by whatever it was formatted */
	if (!str_starts(record, RECORD_FORMATTING) || *volume->header.holder)
		return false;
	if (look->probe.kind == PROBE_NOTHING || look->probe.kind == PROBE_DATA)
		return true;
	/* ours, by its uuid, and never mounted: nobody has put anything into it */
	return look->has_super && str_eq(look->super.uuid, record + strlen(RECORD_FORMATTING)) &&
	       look->super.never_mounted;
}

static int refuse(const struct volume *volume, const char *why, struct error *error)
{
	error_set(error, -EEXIST, "image %s is not formatted: %s", volume->text, why);
	return error_advise(error,
			    "only an image without any data is formatted. If it may be lost, "
			    "make a new one; if not, map it by hand (rbd map) and look");
}

/* Nobody has ever written: the cluster holds no object of it, and what the kernel reads agrees. */
static int prove_empty(struct volume *volume, const struct look *look, struct error *error)
{
	int empty;

	if (look->probe.kind != PROBE_NOTHING)
		return refuse(volume, "it holds data without a signature that is known", error);
	phase_begin("empty");
	lock_note(volume->lock, "proving that %s is empty", volume->text);
	empty = image_is_empty(volume->cluster, volume->image.image,
			       volume_seconds(volume->config->deadlines.empty), error);
	if (empty < 0)
		return error_prefix(error, "prove that image %s is empty", volume->text);
	return empty ? 0 : refuse(volume, "it has been written to", error);
}

static int record(struct volume *volume, const char *word, const char *uuid, struct error *error)
{
	int result, length;

	phase_begin("record");
	length = snprintf(volume->header.format, sizeof(volume->header.format), "%s%s", word, uuid);
	result = length < 0 ? -EINVAL
			    : image_write_record(volume->cluster, volume->header.id,
						 IMAGE_RECORD_FORMAT, volume->header.format, error);
	return result < 0 ? error_prefix(error, "note the format on image %s", volume->text) : 0;
}

/* The header anew, and it must be the mapped image's: a name can change its image. */
static int read_again(struct volume *volume, struct error *error)
{
	int result =
		image_read_header(volume->cluster, volume->image.image, &volume->header, error);

	if (result < 0 || str_eq(volume->header.id, volume->mapping.image_id))
		return result;
	return error_set(error, -ESTALE, "image %s is another one by now (id %s, mapped is %s)",
			 volume->text, volume->header.id, volume->mapping.image_id);
}

int format_gate_close(struct volume *volume, const char *uuid, struct error *error)
{
	return str_starts(volume->header.format, RECORD_FORMATTING)
		       ? record(volume, RECORD_FORMATTED, uuid, error)
		       : 0;
}

/* What the tool would refuse is refused before anything is noted or written: that it is missing,
 * and what it thinks of the size and the options. Its defaults for an ext4 are good for any size,
 * and cost no second program. */
static int try_tool(struct volume *volume, char uuid[37], bool empty, struct error *error)
{
	const struct filesystem *fs = filesystem_find(volume->options->fs_type);
	int result = filesystem_can_make(fs, error);

	filesystem_uuid(uuid);
	if (result == 0 && (!str_eq(fs->name, "ext4") || *volume->options->mkfs_options))
		result = hands_make(volume, uuid, empty, true, error);
	return result < 0 ? error_prefix(error, "format image %s with %s", volume->text, fs->name)
			  : 0;
}

int format_gate_pass(struct volume *volume, const struct look *look, struct error *error)
{
	bool unfinished;
	char uuid[37];
	int result;

	if (volume->options->read_only)
		return refuse(volume, "it is empty, and a read-only volume is never formatted",
			      error);
	/* what was read at the start may be old: somebody else may have formatted it since */
	result = read_again(volume, error);
	if (result == 0)
		result = guard_alone(volume, error);
	if (result < 0)
		return result;
	unfinished = format_gate_unfinished(volume, look);
	if (str_starts(volume->header.format, RECORD_FORMATTED))
		return refuse(volume, "it once was, so its file system was lost or overwritten",
			      error);
	if (!unfinished) {
		result = prove_empty(volume, look, error);
		if (result < 0)
			return result;
	}
	result = try_tool(volume, uuid, !unfinished, error);
	if (result < 0)
		return result;
	/* the proof went by the image's name: it was of the image that is mapped */
	result = read_again(volume, error);
	if (result < 0)
		return result;
	volume->format_begun = true;
	result = record(volume, RECORD_FORMATTING, uuid, error);
	if (result < 0)
		return result;
	result = hands_make(volume, uuid, !unfinished, false, error);
	if (result < 0)
		return error_prefix(error, "format image %s with %s", volume->text,
				    volume->options->fs_type);
	log_say(LOG_LEVEL_INFO, "formatted image %s with %s, uuid %s", volume->text,
		volume->options->fs_type, uuid);
	return record(volume, RECORD_FORMATTED, uuid, error);
}
