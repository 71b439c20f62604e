/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expandfs and expandvolume. Stock Kubernetes never calls expandvolume (contract §6.9), so
 * expandfs does everything: the image, then the file system.
 */
#include "volume/expand.h"
#include "verbs/verbs.h"

static int open_for(const struct call *call, struct volume *volume, struct error *error)
{
	return volume_open(call->config, &call->request->options, call->request->directory, volume,
			   error);
}

int verb_expandfs(const struct call *call, struct result *result, struct error *error)
{
	_cleanup_volume_ struct volume volume;
	int status = open_for(call, &volume, error);

	if (status == 0)
		status = expand_mounted(&volume, call->request->new_size, error);
	if (status < 0)
		return status;
	result_success(result);
	return 0;
}

int verb_expandvolume(const struct call *call, struct result *result, struct error *error)
{
	_cleanup_volume_ struct volume volume;
	int status = open_for(call, &volume, error);

	if (status == 0)
		status = expand_image(&volume, call->request->new_size, error);
	if (status < 0)
		return status;
	result_success(result);
	return 0;
}
