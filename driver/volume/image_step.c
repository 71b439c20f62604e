/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/image_step.h"

#include <errno.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/str.h"
#include "kernel/module.h"

static int refuse_missing(const struct volume *volume, struct error *error)
{
	error_set(error, -ENOENT, "image %s does not exist in cluster %s", volume->text,
		  volume->fsid);
	if (volume->options->read_only)
		return error_advise(error, "a read-only volume creates nothing: make the image "
					   "first, or correct its name");
	return error_advise(error, "to have it created, add its size to the options of the volume, "
				   "for example size: \"10Gi\"; if it held data, look for it with "
				   "`rbd ls` and `rbd trash ls`");
}

static int create(struct volume *volume, struct error *error)
{
	int result;

	lock_note(volume->lock, "creating %s", volume->text);
	result = image_create(volume->cluster, volume->image.image, volume->options->size, error);
	/* somebody was faster: then it is theirs, and used as if it had been there */
	if (result < 0 && result != -EEXIST)
		return result;
	volume->created = result == 0;
	if (volume->created)
		log_say(LOG_LEVEL_INFO, "created image %s with %llu bytes", volume->text,
			(unsigned long long)volume->options->size);
	return image_read_header(volume->cluster, volume->image.image, &volume->header, error);
}

int image_step_have(struct volume *volume, struct error *error)
{
	int result =
		image_read_header(volume->cluster, volume->image.image, &volume->header, error);

	if (result != -ENOENT)
		return result;
	if (volume->options->read_only || !volume->options->size)
		return refuse_missing(volume, error);
	return create(volume, error);
}

int image_step_fit(struct volume *volume, struct error *error)
{
	uint64_t supported;
	int result;

	if (volume->options->read_only)
		return 0;
	result = module_features(&supported, error);
	if (result < 0)
		return result;
	result = image_fit_features(volume->cluster, volume->image.image, &volume->header,
				    supported, error);
	if (result == 0 && volume->options->size > volume->header.size)
		result = image_grow(volume->cluster, volume->image.image, volume->options->size,
				    error);
	return result;
}

void image_step_undo(struct volume *volume, struct error *error)
{
	struct error why;

	if (!volume->created || !volume->cluster)
		return;
	if (image_remove_unused(volume->cluster, volume->image.image, volume->header.id, &why) < 0)
		error_append(error, "; image %s, which this call made, stays: %s", volume->text,
			     why.text);
	else
		volume->created = false;
}
