/* SPDX-License-Identifier: Apache-2.0 */
/* Switching features of an image that is there on and off. */
#include <errno.h>
#include <rbd/features.h>

#include "base/str.h"
#include "ceph/features.h"
#include "ceph/manage_change.h"
#include "ceph/place.h"

struct features_work {
	struct place_names names;
	uint64_t wanted;
	bool on;
	uint64_t changed;
};

/* Who needs whom (librbd operation/EnableFeaturesRequest.cc, DisableFeaturesRequest.cc). Object map
 * and fast-diff are switched on together, as the rbd command does. */
static const struct {
	uint64_t feature;
	uint64_t needs;
} needs[] = {
	{RBD_FEATURE_FAST_DIFF, RBD_FEATURE_OBJECT_MAP},
	{RBD_FEATURE_OBJECT_MAP, RBD_FEATURE_EXCLUSIVE_LOCK},
	{RBD_FEATURE_JOURNALING, RBD_FEATURE_EXCLUSIVE_LOCK},
};

static uint64_t with_needed(uint64_t features)
{
	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (features & needs[i].feature)
			features |= needs[i].needs;
	return features;
}

static uint64_t with_dependents(uint64_t features)
{
	for (size_t i = ARRAY_SIZE(needs); i-- > 0;)
		if (features & needs[i].needs)
			features |= needs[i].feature;
	return features;
}

/* `changed`: what would really change. The first that cannot is said by its name. */
static int refuse_fixed(const struct features_work *work, uint64_t changed, const char *text,
			struct error *error)
{
	const char *verb = work->on ? "on" : "off";

	for (const struct feature *known = features_known; known->bit; known++) {
		if (!(changed & known->bit))
			continue;
		if (known->fixed)
			return error_set(error, -ENOTSUP,
					 "image %s: the feature %s cannot be switched %s: %s", text,
					 known->name, verb, known->fixed);
		if (work->on && known->bit == RBD_FEATURE_DEEP_FLATTEN)
			return error_set(error, -ENOTSUP,
					 "image %s: the feature %s cannot be switched on: it can "
					 "only be given when the image is made",
					 text, known->name);
	}
	return 0;
}

/* Journaling off would end the mirroring, or break it. */
static int refuse_mirrored(struct cluster *place, const struct features_work *work,
			   rbd_image_t image, uint64_t changed, const char *text,
			   struct error *error)
{
	if (work->on || !(changed & RBD_FEATURE_JOURNALING))
		return 0;
	return image_refuse_mirrored(place, image, text, error);
}

static int change(struct cluster *place, struct features_work *work, rbd_image_t image,
		  const char *text, struct error *error)
{
	uint64_t present = 0, changed;
	char names[256];
	int r = rbd.rbd_get_features(image, &present);

	if (r < 0)
		return place_error(place, error, r, "read the features of image %s", text);
	changed = work->on ? with_needed(work->wanted & ~present) & ~present
			   : with_dependents(work->wanted & present) & present;
	if (!changed)
		return 0;
	if (refuse_fixed(work, changed, text, error) < 0 ||
	    place_refuse_watched(place, image, true, "change the features of", text, error) < 0 ||
	    refuse_mirrored(place, work, image, changed, text, error) < 0)
		return error->code;
	r = rbd.rbd_update_features(image, changed, work->on);
	image_features_text(changed, names, sizeof(names));
	if (r < 0)
		return place_error(place, error, r, "switch the features %s of image %s %s", names,
				   text, work->on ? "on" : "off");
	work->changed = changed;
	return 0;
}

static int features_work(struct cluster *place, void *data, struct error *error)
{
	struct features_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX];

	if (place_begin_image(place, &work->names, true, &image, error) < 0)
		return error->code;
	return change(place, work, image, place_image_text(place, &work->names, text), error);
}

static int run(struct cluster *cluster, const struct image_name *name, uint64_t features, bool on,
	       uint64_t *ret_changed, struct error *error)
{
	const struct image_name image = {name->pool, name->name_space, name->image, ""};
	/* the lock of a dead owner is broken on the way; an object map may be large */
	const struct bounded_way way = place_briefly(cluster, 60000);
	struct features_work work = {.wanted = features, .on = on};
	int r;

	if (place_take_names(&image, &work.names, error) < 0)
		return error->code;
	r = place_run(cluster, &image, "change the features of image", &way, features_work, &work,
		      sizeof(work), error);
	if (ret_changed)
		*ret_changed = r == 0 ? work.changed : 0;
	return r;
}

int image_features_off(struct cluster *cluster, const struct image_name *name, uint64_t features,
		       uint64_t *ret_changed, struct error *error)
{
	return run(cluster, name, features, false, ret_changed, error);
}

int image_features_on(struct cluster *cluster, const struct image_name *name, uint64_t features,
		      uint64_t *ret_changed, struct error *error)
{
	return run(cluster, name, features, true, ret_changed, error);
}
