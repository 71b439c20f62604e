/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/features.h"

#include <errno.h>
#include <rbd/features.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/manage_change.h"
#include "ceph/room.h"

/* The same by every maker: attach may run where another kernel is (design §4). */
#define BY_DEFAULT   (RBD_FEATURE_LAYERING | RBD_FEATURE_EXCLUSIVE_LOCK)

#define AT_ITS_BIRTH "it is fixed when the image is made"
#define BY_ITSELF    "the cluster sets it by itself"

/* ceph: src/include/rbd/features.h */
const struct feature features_known[] = {
	{RBD_FEATURE_LAYERING, "layering", AT_ITS_BIRTH, NULL},
	{RBD_FEATURE_STRIPINGV2, "striping", AT_ITS_BIRTH,
	 "it goes with a stripe unit and count, for which there is no option"},
	{RBD_FEATURE_EXCLUSIVE_LOCK, "exclusive-lock", NULL, NULL},
	{RBD_FEATURE_OBJECT_MAP, "object-map", NULL, NULL},
	{RBD_FEATURE_FAST_DIFF, "fast-diff", NULL, NULL},
	{RBD_FEATURE_DEEP_FLATTEN, "deep-flatten", NULL, NULL},
	{RBD_FEATURE_JOURNALING, "journaling", NULL,
	 "no kernel can serve it, so that it would be taken away again"},
	{RBD_FEATURE_DATA_POOL, "data-pool", "the data lies in another pool for good",
	 "the option dataPool sets it"},
	{RBD_FEATURE_OPERATIONS, "operations",
	 "an operation is under way, or a clone of format 2 hangs on it", BY_ITSELF},
	{RBD_FEATURE_MIGRATING, "migrating",
	 "it is being migrated: finish with `rbd migration execute` and `rbd migration commit`",
	 BY_ITSELF},
	{RBD_FEATURE_NON_PRIMARY, "non-primary",
	 "it is the copy of a mirrored image: promote it with `rbd mirror image promote`",
	 BY_ITSELF},
	{RBD_FEATURE_DIRTY_CACHE, "dirty-cache",
	 "a client's write-back cache is not flushed: `rbd persistent-cache flush`", BY_ITSELF},
	{0, NULL, NULL, NULL},
};

/* librbd refuses the first three at creation with a bare EINVAL (librbd/image/CreateRequest.cc,
 * validate_features); what deep-flatten is for needs clones. */
static const struct {
	uint64_t feature;
	uint64_t needs;
} needs[] = {
	{RBD_FEATURE_OBJECT_MAP, RBD_FEATURE_EXCLUSIVE_LOCK},
	{RBD_FEATURE_FAST_DIFF, RBD_FEATURE_OBJECT_MAP},
	{RBD_FEATURE_DEEP_FLATTEN, RBD_FEATURE_LAYERING},
};

const char *image_features_text(uint64_t features, char *ret, unsigned long size)
{
	size_t used = 0;

	*ret = '\0';
	for (const struct feature *known = features_known; known->bit && used < size; known++)
		if (features & known->bit) {
			used += (size_t)snprintf(ret + used, size - used, "%s%s", used ? "," : "",
						 known->name);
			features &= ~known->bit;
		}
	if (features && used < size)
		snprintf(ret + used, size - used, "%s0x%llx", used ? "," : "",
			 (unsigned long long)features);
	return ret;
}

static const struct feature *nearest(const char *name)
{
	const struct feature *best = features_known;

	for (const struct feature *known = features_known; known->bit; known++)
		if (!known->made &&
		    str_distance(name, known->name) < str_distance(name, best->name))
			best = known;
	return best;
}

static int refuse_unknown(const char *name, struct error *error)
{
	uint64_t may_be_asked_for = 0;
	char list[256];

	for (const struct feature *known = features_known; known->bit; known++)
		may_be_asked_for |= known->made ? 0 : known->bit;
	error_set(error, -EINVAL,
		  "features: unknown feature \"%s\", the nearest known one is \"%s\"", name,
		  nearest(name)->name);
	return error_advise(error, "known are %s",
			    image_features_text(may_be_asked_for, list, sizeof(list)));
}

static int add_name(const char *name, uint64_t *features, struct error *error)
{
	const struct feature *known = features_known;

	while (known->bit && !str_eq(known->name, name))
		known++;
	if (!*name)
		return error_set(error, -EINVAL, "features: there is an empty name in the list");
	if (!known->bit)
		return refuse_unknown(name, error);
	if (known->made)
		return error_set(error, -EINVAL, "features: %s cannot be asked for: %s", name,
				 known->made);
	if (*features & known->bit)
		return error_set(error, -EINVAL, "features: %s is named twice", name);
	*features |= known->bit;
	return 0;
}

static int check_needs(uint64_t features, struct error *error)
{
	char name[32], lacking[32];

	for (size_t i = 0; i < ARRAY_SIZE(needs); i++)
		if (features & needs[i].feature && !(features & needs[i].needs)) {
			image_features_text(needs[i].feature, name, sizeof(name));
			image_features_text(needs[i].needs, lacking, sizeof(lacking));
			error_set(error, -EINVAL, "features: %s needs %s, which is not in the list",
				  name, lacking);
			return error_advise(error, "add %s, or leave %s out", lacking, name);
		}
	return 0;
}

int image_features_parse(const char *text, uint64_t *ret, struct error *error)
{
	char list[512], *rest = list, *name;
	uint64_t features = 0;

	*ret = BY_DEFAULT;
	if (!*text)
		return 0;
	if (str_copy(list, sizeof(list), text) < 0)
		return error_set(error, -EINVAL, "features: the list is too long");
	while ((name = strsep(&rest, ",")))
		if (add_name(name, &features, error) < 0)
			return error->code;
	*ret = features;
	return check_needs(features, error);
}

/* Everything that is known may be named here: what cannot be changed is said of an image. */
static int add_bit(const char *name, uint64_t *features, struct error *error)
{
	const struct feature *known = features_known;

	while (known->bit && !str_eq(known->name, name))
		known++;
	if (!known->bit)
		return refuse_unknown(name, error);
	*features |= known->bit;
	return 0;
}

int image_features_named(const char *text, uint64_t *ret, struct error *error)
{
	char list[512], *rest = list, *name;

	*ret = 0;
	if (str_copy(list, sizeof(list), text) < 0)
		return error_set(error, -EINVAL, "features: the list is too long");
	while ((name = strsep(&rest, ", \t")))
		if (*name && add_bit(name, ret, error) < 0)
			return error->code;
	return *ret ? 0 : error_set(error, -EINVAL, "features: none is named");
}
