/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/where.h"

#include <errno.h>

int where_is(const struct admin *admin, struct connect_found *found, struct volume *volume,
	     struct error *error)
{
	struct connect_wish wish;

	if (admin_wish(admin, &wish, error) < 0 ||
	    connect_find(admin->config, &wish, found, error) < 0)
		return error->code;
	volume->access = (struct access){
		.cluster = found->entry->name,
		.fsid = found->fsid,
		.monitors = found->monitors,
		.user = found->user,
		.own_user = found->user,
		.key = "",
		.keyring = found->keyring,
		.ms_mode = found->entry->ms_mode,
		.map_options = found->entry->map_options,
		.exclusive_pool = config_exclusive_pool(found->entry, volume->image.pool),
	};
	(void)str_copy(volume->fsid, sizeof(volume->fsid), found->fsid);
	if (str_copy(volume->monitors, sizeof(volume->monitors),
		     *found->monitors ? found->monitors : found->mon_host) < 0)
		return error_set(error, -EINVAL, "the list of monitors is too long");
	return 0;
}
