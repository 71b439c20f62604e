/* SPDX-License-Identifier: Apache-2.0 */
/* image, pool, trash: what follows them is the room admin's. */
#include "admin/admin.h"
#include "verbs/verbs.h"

static int manage(const char *group, const struct call *call, struct error *error)
{
	struct admin admin = {.config = call->config,
			      .config_error = call->config_error,
			      .terminal = call->terminal,
			      .output = call->output};

	return admin_run(group, call->argc, call->argv, &admin, error);
}

int verb_image(const struct call *call, struct result *result, struct error *error)
{
	(void)result;
	return manage("image", call, error);
}

int verb_pool(const struct call *call, struct result *result, struct error *error)
{
	(void)result;
	return manage("pool", call, error);
}

int verb_trash(const struct call *call, struct result *result, struct error *error)
{
	(void)result;
	return manage("trash", call, error);
}
