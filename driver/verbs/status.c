/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/verbs.h"
int verb_status(const struct call *call, struct result *result, struct error *error)
{
	(void)call; (void)result;
	return error_set(error, -38, "to be written");
}
int verb_doctor(const struct call *call, struct result *result, struct error *error)
{
	(void)call; (void)result;
	return error_set(error, -38, "to be written");
}
