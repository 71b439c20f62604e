/* SPDX-License-Identifier: Apache-2.0 */
/* What of an image has to go for a kernel, taking it away, and what no kernel could be given. */
#include <errno.h>
#include <rbd/features.h>

#include "base/log.h"
#include "base/str.h"
#include "ceph/features.h"
#include "ceph/image.h"
#include "ceph/room.h"

/* Who needs whom: librbd operation/DisableFeaturesRequest.cc refuses a request that would leave
 * one of these without what it needs. */
uint64_t image_features_to_disable(uint64_t features, uint64_t supported)
{
	uint64_t gone = features & ~supported;

	if (gone & RBD_FEATURE_EXCLUSIVE_LOCK)
		gone |= RBD_FEATURE_OBJECT_MAP | RBD_FEATURE_JOURNALING;
	if (gone & RBD_FEATURE_OBJECT_MAP)
		gone |= RBD_FEATURE_FAST_DIFF;
	return gone & features;
}

/* Refuses by the name of the first that cannot go. */
static int refuse_fixed(const char *text, uint64_t gone, struct error *error)
{
	for (const struct feature *known = features_known; known->bit; known++) {
		if (gone & known->bit && known->fixed) {
			error_set(error, -ENOTSUP,
				  "image %s has the feature %s, which this node's kernel cannot "
				  "serve, and it cannot be taken away: %s",
				  text, known->name, known->fixed);
			return error_advise(error, "use a newer kernel, or another image");
		}
		gone &= ~known->bit;
	}
	if (gone)
		return error_set(error, -ENOTSUP,
				 "image %s has the features 0x%llx, which neither this node's "
				 "kernel nor this driver knows",
				 text, (unsigned long long)gone);
	return 0;
}

struct fit_work {
	char image[IMAGE_WORK_NAME_MAX];
	uint64_t gone;
};

/* Our own open for writing is the one watcher that may be there. */
static int refuse_watched(struct cluster *cluster, rbd_image_t image, const char *text,
			  struct error *error)
{
	rbd_image_watcher_t list[8];
	size_t count = ARRAY_SIZE(list);
	int r = rbd.rbd_watchers_list(image, list, &count);

	if (r < 0 && r != -ERANGE)
		return cluster_error(cluster, error, r, "list the watchers of image %s", text);
	if (r >= 0)
		rbd.rbd_watchers_list_cleanup(list, count);
	if (r == -ERANGE || count > 1) {
		error_set(error, -EBUSY,
			  "image %s is open elsewhere: its features are not changed under others",
			  text);
		return error_advise(error, "see `rbd status %s`", text);
	}
	return 0;
}

/* Without journaling a mirrored image would silently be mirrored no more (pool mode), or it is
 * refused with a bare EINVAL (image mode). */
int image_refuse_mirrored(struct cluster *cluster, rbd_image_t image, const char *text,
			  struct error *error)
{
	rbd_mirror_image_info_t info = {0};
	int r = rbd.rbd_mirror_image_get_info(image, &info, sizeof(info));
	bool mirrored = r == 0 && info.state != RBD_MIRROR_IMAGE_DISABLED;

	if (r < 0 && r != -ENOENT && r != -EOPNOTSUPP)
		return cluster_error(cluster, error, r, "ask whether image %s is mirrored", text);
	if (r == 0)
		rbd.rbd_mirror_image_get_info_cleanup(&info);
	if (mirrored) {
		error_set(error, -ENOTSUP,
			  "image %s is mirrored: its features are not changed, since that would "
			  "end or break the mirroring",
			  text);
		return error_advise(error,
				    "`rbd mirror image disable %s`, or use an image that "
				    "is not mirrored",
				    text);
	}
	return 0;
}

static int fit_work(struct cluster *cluster, void *data, struct error *error)
{
	struct fit_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	char text[IMAGE_TEXT_MAX], names[256];
	uint64_t present;
	int r;

	if (image_open(cluster, work->image, true, &image, error) < 0)
		return error->code;
	cluster_image_text(cluster, work->image, text);
	if (refuse_watched(cluster, image, text, error) < 0 ||
	    image_refuse_mirrored(cluster, image, text, error) < 0)
		return error->code;
	r = rbd.rbd_get_features(image, &present);
	if (r < 0)
		return cluster_error(cluster, error, r, "read the features of image %s", text);
	work->gone &= present; /* somebody may have done it: one that is off already is EINVAL */
	if (!work->gone)
		return 0;
	r = rbd.rbd_update_features(image, work->gone, /* enabled= */ 0);
	image_features_text(work->gone, names, sizeof(names));
	if (r == -EROFS)
		return error_set(error, r,
				 "take the features %s away from image %s: another client holds "
				 "its lock and does not give it away",
				 names, text);
	if (r < 0)
		return cluster_error(cluster, error, r, "take the features %s away from image %s",
				     names, text);
	log_say(LOG_LEVEL_INFO, "took the features %s away from image %s", names, text);
	return 0;
}

int image_fit_features(struct cluster *cluster, const char *image,
		       const struct image_header *header, uint64_t supported, struct error *error)
{
	struct fit_work work = {.gone = image_features_to_disable(header->features, supported)};
	char text[IMAGE_TEXT_MAX];
	int r;

	if (!work.gone)
		return 0;
	cluster_image_text(cluster, image, text);
	if (refuse_fixed(text, work.gone, error) < 0 || image_begin(image, work.image, error) < 0)
		return error->code;
	/* the lock of a dead owner is broken on the way */
	r = bounded_run(cluster, bounded_deadline(cluster, 45000), fit_work, &work, sizeof(work),
			error);
	return image_end(cluster, r, "fit the features of", image, error);
}

/* RBD_FEATURES_INCOMPATIBLE, which a kernel minds for reading too (5.5 and later; older ones mind
 * all and refuse by themselves), and what makes the image's own objects not the whole truth: the
 * kernel does not mind that for reading, and would read zeroes or old data. */
#define KERNEL_MINDS (RBD_FEATURE_LAYERING | RBD_FEATURE_STRIPINGV2 | RBD_FEATURE_DATA_POOL)
#define ELSEWHERE    (RBD_FEATURE_MIGRATING | RBD_FEATURE_DIRTY_CACHE)

int image_refuse_unreadable(const char *text, uint64_t features, uint64_t supported,
			    struct error *error)
{
	uint64_t bad = features & ((KERNEL_MINDS & ~supported) | ELSEWHERE);

	return bad ? refuse_fixed(text, bad, error) : 0;
}
