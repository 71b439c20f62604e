/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/where.h"

#include <errno.h>

static int put_monitors(const struct connect_found *found, struct volume *volume,
			struct error *error)
{
	const bool of_conf = !*found->monitors;

	if (str_copy(volume->monitors, sizeof(volume->monitors),
		     of_conf ? found->mon_host : found->monitors) >= 0)
		return 0;
	error_set(error, -EINVAL,
		  "%s%s: %zu characters at most can be given to the kernel, and it has more",
		  of_conf ? "mon_host of " : "monitors", of_conf ? found->conf : "",
		  sizeof(volume->monitors) - 1);
	return error_advise(error, "name some of the monitors by -m: the cluster tells the others");
}

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
	return put_monitors(found, volume, error);
}
