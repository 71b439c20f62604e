/* SPDX-License-Identifier: Apache-2.0 */
/*
 * expandfs and expandvolume. Stock Kubernetes never calls expandvolume (contract §6.9), so
 * expandfs does everything: the image, then the file system.
 */
#include <errno.h>

#include "verbs/verbs.h"
#include "volume/expand.h"

int verb_expandfs(const struct call *call, struct result *result, struct error *error)
{
	_cleanup_volume_ struct volume volume;
	int status = volume_open_mounted(call->config, &call->request->options,
					 call->request->directory, &volume, error);

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
	int status = volume_open(call->config, &call->request->options, call->request->directory,
				 &volume, error);

	if (status == 0 && call->request->options.read_only)
		status = error_set(error, -EROFS,
				   "expandvolume: volume %s only reads: its image is not changed",
				   call->request->options.volume);
	if (status == 0)
		status = expand_image(&volume, call->request->new_size, error);
	if (status < 0)
		return status;
	result_success(result);
	return 0;
}
