/* SPDX-License-Identifier: Apache-2.0 */
/*
 * attach, waitforattach, isattached, detach. Attachment is the controller's reservation: nothing
 * is mapped here, since none of these calls has an inverse on the node (design §2).
 */
#include <errno.h>
#include <stdio.h>
#include <strings.h>
#include <unistd.h>

#include "base/namespace.h"
#include "base/str.h"
#include "verbs/verbs.h"
#include "volume/bring_up.h"
#include "volume/device_name.h"
#include "volume/survey.h"
#include "volume/take_down.h"

/* May run in the controller manager, on a host without rbd, whose /run may not be writable: no
 * lock, no kernel. Two callers who make the same image do no harm. */
int verb_attach(const struct call *call, struct result *result, struct error *error)
{
	const struct options *options = &call->request->options;
	_cleanup_volume_ struct volume volume;
	int status = volume_identify(call->config, options, "", &volume, error);

	if (status < 0)
		return status;
	if (!options->read_only && volume_cluster_at_hand(&volume)) {
		status = bring_up_image(&volume, error);
		if (status < 0)
			return error_prefix(error, "attach volume %s", options->volume);
	}
	result_success(result);
	device_name(options->volume, result->device, sizeof(result->device));
	return 0;
}

int verb_waitforattach(const struct call *call, struct result *result, struct error *error)
{
	const struct options *options = &call->request->options;
	_cleanup_volume_ struct volume volume;
	struct survey survey;
	int status = volume_identify(call->config, options, "", &volume, error);

	if (status == 0)
		status = survey_label(&volume, &survey, error);
	if (status < 0)
		return status;
	result_success(result);
	device_name(options->volume, result->device, sizeof(result->device));
	return 0;
}

int verb_isattached(const struct call *call, struct result *result, struct error *error)
{
	(void)call;
	(void)error;
	result_success(result);
	result->has_attached = true;
	result->attached = true;
	return 0;
}

static bool is_this_node(const char *node)
{
	char name[256] = "";

	if (gethostname(name, sizeof(name) - 1) < 0)
		return false;
	return strcasecmp(name, node) == 0;
}

int verb_detach(const struct call *call, struct result *result, struct error *error)
{
	int status = 0;

	/* in a container sysfs is the host's, but mounts and locks are not: there nothing may be
	 * judged an orphan */
	if (is_this_node(call->request->node) && namespace_sees_all_processes())
		status = take_down_detached(call->request->volume, error);
	if (status < 0)
		return error_prefix(error, "detach volume %s", call->request->volume);
	result_success(result);
	return 0;
}
