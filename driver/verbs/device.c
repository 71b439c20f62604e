/* SPDX-License-Identifier: Apache-2.0 */
/* mountdevice and unmountdevice: the volume at its global directory, in attach mode. */
#include "base/str.h"
#include "verbs/verbs.h"
#include "volume/bring_up.h"
#include "volume/take_down.h"

int verb_mountdevice(const struct call *call, struct result *result, struct error *error)
{
	const struct options *options = &call->request->options;
	_cleanup_volume_ struct volume volume;
	int status = volume_open(call->config, options, call->request->directory, &volume, error);

	if (status == 0)
		status = bring_up(&volume, error);
	if (status < 0)
		return error_prefix(error, "mountdevice of volume %s at %s", options->volume,
				    call->request->directory);
	result_success(result);
	(void)str_copy(result->message, sizeof(result->message), volume.remark);
	return 0;
}

int verb_unmountdevice(const struct call *call, struct result *result, struct error *error)
{
	int status = take_down(call->config, call->request->directory, TAKE_DOWN_DEVICE, error);

	if (status == 0)
		result_success(result);
	return status;
}
