/* SPDX-License-Identifier: Apache-2.0 */
/* image rm. */
#include <errno.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/manage_change.h"
#include "ceph/manage_image.h"
#include "ceph/manage_trash.h"

/* Why it stays, before anybody is asked: the removal itself looks again. */
static int refuse_used(const struct target *target, const struct image_info *info, bool trash,
		       struct error *error)
{
	if (info->watchers.count) {
		const struct watcher *watcher = &info->watchers.list[0];

		error_set(error, -EBUSY, "remove image %s: it is in use by %s (%s)%s", target->text,
			  *watcher->address ? watcher->address : "somebody",
			  watcher->kernel ? "a kernel mapping" : "a librbd program",
			  info->watchers.count > 1 ? ", and others" : "");
		return error_advise(error,
				    "stop the pod that uses it; `image watchers %s` names "
				    "all",
				    target->text);
	}
	if (info->snapshots && !trash) {
		error_set(error, -ENOTEMPTY, "remove image %s: it has %u snapshot%s", target->text,
			  info->snapshots, info->snapshots > 1 ? "s" : "");
		return error_advise(error, "`image snap ls %s` names them; remove them first",
				    target->text);
	}
	return 0;
}

static bool is_listed(struct admin *admin, const struct target *target)
{
	_cleanup_image_page_ struct image_page page = {0};
	struct error ignored;

	/* of all names that begin so, it is the first */
	return image_list(admin->cluster, &target->name, target->image, "", 1, &page, &ignored) ==
		       0 &&
	       page.count && str_eq(page.list[0].name, target->image);
}

/* What is left of a removal that was cut off cannot be looked at; that is taken up. */
static int look(struct admin *admin, const struct target *target, bool trash, char *size,
		struct error *error)
{
	struct image_info info;
	int result = image_info(admin->cluster, &target->name, &info, error);

	if (result == -ENOENT && !is_listed(admin, target))
		return result;
	if (result < 0) {
		(void)str_copy(size, SIZE_TEXT_MAX, "of unknown size");
		return 0;
	}
	(void)size_text(true, info.size, size);
	return refuse_used(target, &info, trash, error);
}

/* The trash gives it back: nobody needs to be asked. */
static int check(struct admin *admin, const struct target *target, bool trash, struct error *error)
{
	char question[IMAGE_TEXT_MAX + 128], size[SIZE_TEXT_MAX];
	int result = admin_refuse_mapped(admin, &target->name, error);

	if (result == 0)
		result = look(admin, target, trash, size, error);
	if (result < 0 || trash)
		return result;
	(void)snprintf(question, sizeof(question), "remove image %s (%s) for good?", target->text,
		       size);
	return admin_confirm(admin, question, error);
}

static int remove_it(struct admin *admin, const struct target *target, struct error *error)
{
	_cleanup_way_ struct admin_way way = {0};

	admin_way_begin(&way, admin, "remove", target);
	return image_remove(admin->cluster, &target->name, &way.way, error);
}

static int trash_it(struct admin *admin, const struct target *target, struct error *error)
{
	char id[IMAGE_ID_MAX];
	cJSON *json;
	int result = trash_move(admin->cluster, &target->name, 0, id, error);

	if (result < 0)
		return result;
	admin_say(admin, "%s: in the trash, with the id %s", target->text, id);
	if (!admin->json)
		return 0;
	json = json_of_target(target);
	cJSON_AddStringToObject(json, "id", id);
	return json_print(admin, json, error);
}

int admin_image_remove(struct admin *admin, struct error *error)
{
	const bool trash = arguments_have(&admin->arguments, FLAG_TRASH);
	struct target target;
	int result = admin_open(admin, 0, TARGET_IMAGE, &target, error);

	if (result == 0)
		result = check(admin, &target, trash, error);
	if (result == 0)
		result = admin_hold(admin, &target.name, error);
	if (result)
		return result;
	if (trash)
		return trash_it(admin, &target, error);
	result = remove_it(admin, &target, error);
	return result ? result : admin_done(admin, &target, "removed", error);
}
