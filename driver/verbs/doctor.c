/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what this node needs for volumes, one line each, and what to do where it lacks. */
#include "verbs/doctor.h"

#include <errno.h>

#include "verbs/verbs.h"

static void look_at_config(struct findings *findings, const struct call *call)
{
	if (call->config_error->code < 0)
		found_wrong(findings, "configuration", call->config_error);
	else
		found_good(findings, "configuration", "%s, %s mode",
			   *call->config->path ? call->config->path : "none: the defaults",
			   call->config->capabilities.attach ? "attach" : "mount");
	if (call->config->policy)
		found_good(findings, "policy", "in force, from %s", call->config->path);
	else if (call->config_error->code == 0)
		found_note(findings, "policy",
			   "none in force: pods may name any pool and image that their key opens");
}

int verb_doctor(const struct call *call, struct result *result, struct error *error)
{
	struct findings findings = {.output = call->output};
	const char *pool = "";

	(void)result;
	for (int i = 0; i < call->argc; i++) {
		if (str_eq(call->argv[i], "--json")) {
			findings.json = true;
		} else if (*pool || call->argv[i][0] == '-') {
			(void)error_set(error, -EINVAL, "doctor takes --json and one pool's name");
			return VERB_WRONG_USE;
		} else {
			pool = call->argv[i];
		}
	}
	findings_begin(&findings);
	look_at_config(&findings, call);
	doctor_node(&findings);
	doctor_clusters(&findings, call->config, pool);
	findings_end(&findings);
	return findings.wrong ? 1 : 0;
}
