/* SPDX-License-Identifier: Apache-2.0 */
/* doctor: what this node needs for volumes, one line each, and what to do where it lacks. */
#include "verbs/doctor.h"

#include <errno.h>

#include "admin/admin.h"
#include "verbs/verbs.h"
#include "volume/connect.h"

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

static void print_usage(struct text *output)
{
	text_printf(output, "rbd-flexvolume doctor [POOL]\n"
			    "what is wrong on this node, and what to do\n\n");
	arguments_describe(FLAGS_OF_EVERY, output);
}

/* The flags say which cluster, as they do of the verbs by hand: then it is the only one. */
static void look_at_clusters(struct findings *findings, const struct call *call,
			     const struct arguments *arguments)
{
	const struct admin admin = {.config = call->config,
				    .config_error = call->config_error,
				    .arguments = *arguments};
	const char *pool = arguments->count ? arguments->operands[0] : "";
	struct connect_wish wish;
	struct error error;
	bool named = false;

	for (enum flag flag = FLAG_MONITORS; flag <= FLAG_CLUSTER; flag++)
		named |= arguments_have(arguments, flag);
	if (!named)
		doctor_clusters(findings, call->config, pool);
	else if (admin_wish(&admin, &wish, &error) < 0)
		found_wrong(findings, "cluster", &error);
	else
		doctor_cluster(findings, call->config, &wish, pool);
}

int verb_doctor(const struct call *call, struct result *result, struct error *error)
{
	struct findings findings = {.output = call->output};
	struct arguments arguments;

	(void)result;
	if (arguments_parse("doctor", call->argc + 1, call->argv - 1, FLAGS_OF_EVERY, &arguments,
			    error) < 0)
		return VERB_WRONG_USE;
	if (arguments.count > 1) {
		(void)error_set(error, -EINVAL, "doctor takes one pool's name");
		return VERB_WRONG_USE;
	}
	if (arguments_have(&arguments, FLAG_HELP)) {
		print_usage(call->output);
		return 0;
	}
	findings.json = arguments_have(&arguments, FLAG_JSON);
	findings_begin(&findings);
	look_at_config(&findings, call);
	doctor_node(&findings);
	look_at_clusters(&findings, call, &arguments);
	findings_end(&findings);
	return findings.wrong ? 1 : 0;
}
