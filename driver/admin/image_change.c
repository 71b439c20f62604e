/* SPDX-License-Identifier: Apache-2.0 */
/* image resize, image features enable and disable, image flatten. */
#include <errno.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/features.h"
#include "ceph/manage_change.h"
#include "ceph/manage_image.h"

/* Data goes with what is cut off: as careful as a removal. */
static int allow_shrinking(struct admin *admin, const struct target *target,
			   const struct image_info *info, uint64_t size, struct error *error)
{
	char question[IMAGE_TEXT_MAX + 128], from[SIZE_TEXT_MAX], to[SIZE_TEXT_MAX];
	int result;

	if (!arguments_have(&admin->arguments, FLAG_ALLOW_SHRINK)) {
		error_set(error, -EFBIG, "resize image %s: it has %llu bytes, %llu are fewer",
			  target->text, (unsigned long long)info->size, (unsigned long long)size);
		return error_advise(error, "what is behind the new end would be lost, a file "
					   "system with it; --allow-shrink does it");
	}
	result = admin_refuse_mapped(admin, &target->name, error);
	if (result < 0)
		return result;
	(void)snprintf(question, sizeof(question),
		       "make image %s smaller, from %s to %s, and lose what is behind?",
		       target->text, size_text(true, info->size, from), size_text(true, size, to));
	result = admin_confirm(admin, question, error);
	return result < 0 ? result : admin_hold(admin, &target->name, error);
}

static int resize(struct admin *admin, const struct target *target, uint64_t size, bool shrink,
		  struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};

	admin_way_begin(&way, admin, "resize", target);
	return image_resize(admin->cluster, &target->name, size, shrink, &way.way, error);
}

int admin_image_resize(struct admin *admin, struct error *error)
{
	char text[SIZE_TEXT_MAX];
	struct image_info info;
	struct target target;
	uint64_t size = 0;
	cJSON *json;
	int result = admin_size(admin, &size, error);

	if (result == 0)
		result = admin_open(admin, 0, TARGET_IMAGE, &target, error);
	if (result == 0)
		result = image_info(admin->cluster, &target.name, &info, error);
	if (result == 0 && size < info.size)
		result = allow_shrinking(admin, &target, &info, size, error);
	if (result == 0)
		result = resize(admin, &target, size, size < info.size, error);
	if (result)
		return result;
	admin_say(admin, "%s: %s", target.text, size_text(admin->person, size, text));
	if (!admin->json)
		return 0;
	json = json_of_target(&target);
	json_add_number(json, "size", size);
	json_add_features(json, info.features);
	return json_print(admin, json, error);
}

/* All operands behind the first: "a,b c". */
static int features_named(const struct admin *admin, uint64_t *ret, struct error *error)
{
	_cleanup_text_ struct text names = {0};
	int result;

	for (int i = 1; i < admin->arguments.count; i++)
		text_printf(&names, "%s%s", i > 1 ? " " : "", admin->arguments.operands[i]);
	if (!names.data)
		return error_errno(error, -ENOMEM, "read the names of the features");
	result = image_features_named(names.data, ret, error);
	return result == -EINVAL ? ADMIN_WRONG_USE : result;
}

static int switch_features(struct admin *admin, bool on, struct error *error)
{
	uint64_t features = 0, changed = 0;
	struct target target;
	char names[512];
	cJSON *json;
	int result = features_named(admin, &features, error);

	if (result == 0)
		result = admin_open(admin, 0, TARGET_IMAGE, &target, error);
	if (result == 0)
		result = (on ? image_features_on : image_features_off)(admin->cluster, &target.name,
								       features, &changed, error);
	if (result)
		return result;
	admin_say(admin, "%s: %s %s", target.text,
		  changed ? image_features_text(changed, names, sizeof(names)) : "nothing changed,",
		  changed ? (on ? "on" : "off")
		  : on    ? "they were on"
			  : "they were off");
	if (!admin->json)
		return 0;
	json = json_of_target(&target);
	json_add_features(json, changed);
	return json_print(admin, json, error);
}

int admin_image_features_on(struct admin *admin, struct error *error)
{
	return switch_features(admin, true, error);
}

int admin_image_features_off(struct admin *admin, struct error *error)
{
	return switch_features(admin, false, error);
}

int admin_image_flatten(struct admin *admin, struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};
	struct target target;
	int result = admin_open(admin, 0, TARGET_IMAGE, &target, error);

	if (result)
		return result;
	admin_way_begin(&way, admin, "flatten", &target);
	result = image_flatten(admin->cluster, &target.name, &way.way, error);
	return result ? result : admin_done(admin, &target, "it needs no parent any longer", error);
}
