/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/image_step.h"

#include <errno.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/phase.h"
#include "base/str.h"
#include "ceph/features.h"
#include "kernel/module.h"
#include "kubelet/policy.h"

static bool reads_only(const struct volume *volume)
{
	return volume->options->read_only || *volume->image.snapshot;
}

/* Only where the options say how (design §3). */
static bool may_be_made(const struct volume *volume)
{
	return volume->options->size || *volume->options->parent.image;
}

/* Once it was mounted it carries a record, and is what it is. */
static bool may_be_half(const struct volume *volume)
{
	return *volume->options->parent.image && !reads_only(volume) && !*volume->header.format &&
	       !*volume->header.holder;
}

/* A snapshot that is missing is nothing that could be made. */
static int take_what_is_there(struct volume *volume, struct error *error)
{
	if (may_be_half(volume))
		return image_refuse_half_clone(volume->cluster, volume->image.image,
					       &volume->options->parent, error);
	if (!*volume->image.snapshot)
		return 0;
	return image_read_snapshot(volume->cluster, volume->image.image, volume->image.snapshot,
				   &volume->header, error);
}

static int refuse_missing(const struct volume *volume, struct error *error)
{
	error_set(error, -ENOENT, "image %s does not exist in cluster %s", volume->text,
		  volume->fsid);
	if (reads_only(volume))
		return error_advise(error, "a read-only volume creates nothing: make the image "
					   "first, or correct its name");
	return error_advise(error,
			    "to have it created, add its size to the options of the volume, "
			    "for example size: \"10Gi\", or the snapshot it is to be a clone of "
			    "(parent); if it held data, look for it with "
			    "`rbd ls` and `rbd trash ls`");
}

/* No image of that name, or a name without an image. */
static bool missing(const struct volume *volume, int result)
{
	return result == -ENOENT || (result == -EIO && *volume->header.id);
}

static int make(struct volume *volume, struct error *error)
{
	struct image_plan plan = {.size = volume->options->size,
				  .features = volume->features,
				  .data_pool = volume->options->data_pool,
				  .parent = volume->options->parent,
				  .parent_max = policy_max_size(volume->config)};
	struct error ignored;

	/* attach may be called on a host without rbd */
	if (module_features(&plan.supported, &ignored) < 0)
		plan.supported = UINT64_MAX;
	return image_create(volume->cluster, volume->image.image, &plan, error);
}

/* EEXIST: somebody was faster, or was killed while making it. Then it is made anew. */
static int create_once_more(struct volume *volume, struct error *error)
{
	const char *image = volume->image.image;
	int result =
		image_clear_unfinished(volume->cluster, image, volume->options->data_pool, error);

	if (result <= 0)
		return result < 0 ? result : -EEXIST;
	return make(volume, error);
}

static void log_created(const struct volume *volume)
{
	const struct image_name *parent = &volume->options->parent;
	char features[256], text[IMAGE_TEXT_MAX];

	image_features_text(volume->header.features, features, sizeof(features));
	log_say(LOG_LEVEL_INFO, "created image %s with %llu bytes and %s%s%s", volume->text,
		(unsigned long long)volume->header.size, features,
		*parent->image ? ", a clone of " : "",
		*parent->image ? image_name_text(parent, text) : "");
}

static int create(struct volume *volume, struct error *error)
{
	int result;

	phase_begin("create");
	lock_note(volume->lock, "creating %s", volume->text);
	result = make(volume, error);
	if (result == -EEXIST)
		result = create_once_more(volume, error);
	if (result == -ETIMEDOUT)
		return error_append(error, "; it may come into being when the cluster answers");
	/* somebody was faster: then it is theirs, and used as if it had been there */
	if (result < 0 && result != -EEXIST)
		return result;
	volume->created = result == 0;
	result = image_read_header(volume->cluster, volume->image.image, &volume->header, error);
	if (result < 0)
		return result;
	if (!volume->created)
		return take_what_is_there(volume, error);
	(void)str_copy(volume->created_id, sizeof(volume->created_id), volume->header.id);
	log_created(volume);
	return 0;
}

int image_step_have(struct volume *volume, struct error *error)
{
	int result =
		image_read_header(volume->cluster, volume->image.image, &volume->header, error);

	if (!missing(volume, result))
		return result == 0 ? take_what_is_there(volume, error) : result;
	if (reads_only(volume) || !may_be_made(volume))
		return result == -ENOENT ? refuse_missing(volume, error) : result;
	if (policy_check_create(volume->config, volume->text, error) < 0)
		return error->code;
	return create(volume, error);
}

int image_step_fit(struct volume *volume, struct error *error)
{
	uint64_t supported;
	int result;

	phase_begin("features");
	result = module_features(&supported, error);
	if (result < 0)
		return result;
	if (reads_only(volume))
		return image_refuse_unreadable(volume->text, volume->header.features, supported,
					       error);
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
	phase_begin("undo");
	if (!*volume->created_id) {
		error_append(error,
			     "; image %s, made by this call, stays: its id could not be read, by "
			     "which it is told from one of that name that somebody else has made",
			     volume->text);
		return;
	}
	if (image_remove_unused(volume->cluster, volume->image.image, volume->created_id,
				own_format, &why) == 0)
		volume->created = false;
	else if (why.code == -EBUSY) /* that sentence says it all */
		error_append(error, "; %s", why.text);
	else
		error_append(error, "; image %s, made by this call, stays: %s", volume->text,
			     why.text);
}
