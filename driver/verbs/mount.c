/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mount and unmount: the pod's directory. In attach mode a bind of the global directory's mount,
 * in mount mode the whole way of a volume and back.
 */
#include "base/str.h"
#include "verbs/verbs.h"
#include "volume/bring_up.h"
#include "volume/take_down.h"

int verb_mount(const struct call *call, struct result *result, struct error *error)
{
	const struct options *options = &call->request->options;
	_cleanup_volume_ struct volume volume;
	int status = volume_open(call->config, options, call->request->directory, &volume, error);

	if (status == 0)
		status = volume.attach_mode ? bring_up_bind(&volume, error)
					    : bring_up(&volume, error);
	if (status < 0)
		return error_prefix(error, "mount volume %s at %s", options->volume,
				    call->request->directory);
	result_success(result);
	(void)str_copy(result->message, sizeof(result->message), volume.remark);
	return 0;
}

int verb_unmount(const struct call *call, struct result *result, struct error *error)
{
	int status = take_down(call->config, call->request->directory, TAKE_DOWN_POD, error);

	if (status == 0)
		result_success(result);
	return status;
}
