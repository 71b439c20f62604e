/* SPDX-License-Identifier: Apache-2.0 */
/* The two verbs that touch nothing (flexvolume-contract.md §6.2, §6.3). */
#include "verbs/verbs.h"

/* Runs while the kubelet holds locks that all volumes of the node wait for, and whatever it fails
 * for makes the driver vanish: it cannot fail. */
int verb_init(const struct call *call, struct result *result, struct error *error)
{
	config_capabilities_load(&result->capabilities);
	result->has_capabilities = true;
	result_success(result);
	return 0;
}

/* The kubelet throws the answer away, but not a failure. */
int verb_getvolumename(const struct call *call, struct result *result, struct error *error)
{
	result_not_supported(result, call->request->verb);
	return 0;
}
