/* SPDX-License-Identifier: Apache-2.0 */
/* What is mapped on this node is not pulled away under it, also not by a person who has read the
 * question for an hour. */
#include <errno.h>

#include "admin/admin.h"
#include "base/lock.h"
#include "base/path.h"
#include "kernel/krbd.h"
#include "volume/volume.h"

/* An image in the trash has no name any longer: the mapping's is what it had then. */
static bool is_of(const struct mapping *mapping, const struct image_name *name, const char *id)
{
	struct image_name mapped;

	mapping_name(mapping, &mapped);
	if (id)
		return str_eq(mapped.pool, name->pool) &&
		       str_eq(mapped.name_space, name->name_space) && str_eq(mapping->image_id, id);
	if (!*name->snapshot)
		mapped.snapshot = "";
	return image_name_same(&mapped, name);
}

static int refuse_mapped(const struct admin *admin, const struct image_name *name, const char *id,
			 struct error *error)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	char text[IMAGE_TEXT_MAX];
	int result = krbd_list(&mappings, error);

	if (result < 0)
		return result;
	for (size_t i = 0; i < mappings.count; i++) {
		const struct mapping *mapping = &mappings.list[i];

		if (!str_eq(mapping->fsid, cluster_fsid(admin->cluster)) ||
		    !is_of(mapping, name, id))
			continue;
		error_set(error, -EBUSY, "image %s is mapped on this node as /dev/rbd%d",
			  image_name_text(name, text), mapping->id);
		return error_advise(error,
				    "`rbd-flexvolume status` says for whom; what was mapped "
				    "by hand goes by `image unmap /dev/rbd%d`",
				    mapping->id);
	}
	return 0;
}

int admin_refuse_mapped(const struct admin *admin, const struct image_name *name,
			struct error *error)
{
	return refuse_mapped(admin, name, NULL, error);
}

int admin_refuse_mapped_id(const struct admin *admin, const struct image_name *name, const char *id,
			   struct error *error)
{
	return refuse_mapped(admin, name, id, error);
}

/* Where the driver never ran, nobody has a lock; who is not root there cannot make its folder. */
static bool needs_no_lock(int result)
{
	return (result == -EACCES || result == -EPERM || result == -EROFS) &&
	       !path_exists("/run/rbd-flexvolume");
}

static int take_lock(struct admin *admin, const struct image_name *name, struct error *error)
{
	char lock[512], text[IMAGE_TEXT_MAX];

	if (admin->lock >= 0)
		return 0;
	image_name_lock(name, lock, sizeof(lock));
	admin->lock = lock_take(lock, volume_seconds(admin->config->deadlines.call), error);
	if (admin->lock < 0 && !needs_no_lock(admin->lock))
		return admin->lock;
	*error = (struct error){0};
	if (admin->lock < 0)
		return 0;
	lock_note(admin->lock, "%s %s of %s by hand", admin->command->group, admin->command->name,
		  image_name_text(name, text));
	return 0;
}

int admin_hold(struct admin *admin, const struct image_name *name, struct error *error)
{
	int result = take_lock(admin, name, error);

	return result < 0 ? result : refuse_mapped(admin, name, NULL, error);
}

int admin_hold_id(struct admin *admin, const struct image_name *name, const char *id,
		  struct error *error)
{
	int result = take_lock(admin, name, error);

	return result < 0 ? result : refuse_mapped(admin, name, id, error);
}
