/* SPDX-License-Identifier: Apache-2.0 */
/* image create, image clone. */
#include <errno.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/features.h"
#include "ceph/manage_change.h"

/* What both take from the flags. */
static int plan_of(const struct admin *admin, struct image_plan *ret, struct error *error)
{
	const struct arguments *arguments = &admin->arguments;

	*ret = (struct image_plan){
		.data_pool = arguments_value(arguments, FLAG_DATA_POOL),
		.parent = {.pool = "", .name_space = "", .image = "", .snapshot = ""},
		.supported = UINT64_MAX, /* no kernel is at work here */
	};
	return image_features_parse(arguments_value(arguments, FLAG_FEATURES), &ret->features,
				    error) < 0
		       ? ADMIN_WRONG_USE
		       : 0;
}

static int print_made(struct admin *admin, const struct target *target,
		      const struct image_made *made, struct error *error)
{
	char size[SIZE_TEXT_MAX], features[512];
	cJSON *json;

	if (!admin->json) {
		admin_say(admin, "%s: created, %s, %s", target->text,
			  size_text(admin->person, made->size, size),
			  image_features_text(made->features, features, sizeof(features)));
		return 0;
	}
	json = json_of_target(target);
	json_add_number(json, "size", made->size);
	json_add_features(json, made->features);
	return json_print(admin, json, error);
}

static int make(struct admin *admin, const struct target *target, const struct image_plan *plan,
		struct image_made *ret, struct error *error)
{
	int result = image_make(admin->cluster, &target->name, plan, ret, error);

	if (result != 0)
		return result < 0 ? result : 0;
	error_set(error, -EEXIST, "create image %s: it is there, with %llu bytes", target->text,
		  (unsigned long long)ret->size);
	return error_advise(error, "nothing was done to it; `image resize` changes its size");
}

int admin_image_create(struct admin *admin, struct error *error)
{
	struct image_made made;
	struct image_plan plan;
	struct target target;
	int result = plan_of(admin, &plan, error);

	if (result == 0)
		result = admin_size(admin, &plan.size, error);
	if (result == 0)
		result = admin_open(admin, 0, TARGET_IMAGE, &target, error);
	if (result == 0)
		result = make(admin, &target, &plan, &made, error);
	return result ? result : print_made(admin, &target, &made, error);
}

static int grow(struct admin *admin, const struct target *target, struct image_made *made,
		uint64_t size, struct error *error)
{
	int result;

	if (size <= made->size)
		return 0;
	result = image_resize(admin->cluster, &target->name, size, false, NULL, error);
	if (result < 0)
		return error_prefix(error, "clone %s was made, with its parent's size",
				    target->text);
	made->size = size;
	return 0;
}

int admin_image_clone(struct admin *admin, struct error *error)
{
	struct target parent, target;
	struct image_made made;
	struct image_plan plan;
	uint64_t size = 0;
	int result = plan_of(admin, &plan, error);

	if (result == 0 && arguments_have(&admin->arguments, FLAG_SIZE))
		result = admin_size(admin, &size, error);
	/* both names are looked at before anybody is spoken to */
	if (result == 0 &&
	    target_parse(admin->arguments.operands[0], TARGET_SNAPSHOT, &parent, error) < 0)
		result = ADMIN_WRONG_USE;
	if (result == 0)
		result = admin_open(admin, 1, TARGET_IMAGE, &target, error);
	if (result)
		return result;
	plan.parent = parent.name;
	result = make(admin, &target, &plan, &made, error);
	if (result == 0)
		result = grow(admin, &target, &made, size, error);
	return result ? result : print_made(admin, &target, &made, error);
}
