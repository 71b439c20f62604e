/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/image_step.h"

#include <errno.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/str.h"
#include "kernel/module.h"
#include "kubelet/policy.h"

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

/* No image of that name, or a name without an image. */
static bool missing(const struct volume *volume, int result)
{
	return result == -ENOENT || (result == -EIO && *volume->header.id);
}

/* EEXIST: somebody was faster, or was killed while making it. Then it is made anew. */
static int create_once_more(struct volume *volume, struct error *error)
{
	const char *image = volume->image.image;
	int result = image_clear_unfinished(volume->cluster, image, error);

	if (result <= 0)
		return result < 0 ? result : -EEXIST;
	return image_create(volume->cluster, image, volume->options->size, error);
}

static int create(struct volume *volume, struct error *error)
{
	int result;

	lock_note(volume->lock, "creating %s", volume->text);
	result = image_create(volume->cluster, volume->image.image, volume->options->size, error);
	if (result == -EEXIST)
		result = create_once_more(volume, error);
	if (result == -ETIMEDOUT)
		return error_append(error, "; it may come into being when the cluster answers");
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

	if (!missing(volume, result))
		return result;
	if (volume->options->read_only || !volume->options->size)
		return result == -ENOENT ? refuse_missing(volume, error) : result;
	if (policy_check_create(volume->config, volume->text, error) < 0)
		return error->code;
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
	const char *own_format = volume->format_begun ? volume->header.format : "";
	struct error why;

	if (!volume->created || !volume->cluster)
		return;
	if (image_remove_unused(volume->cluster, volume->image.image, volume->header.id, own_format,
				&why) == 0)
		volume->created = false;
	else if (why.code == -EBUSY) /* that sentence says it all */
		error_append(error, "; %s", why.text);
	else
		error_append(error, "; image %s, made by this call, stays: %s", volume->text,
			     why.text);
}
