/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "admin/admin.h"
#include "verbs/verbs.h"

static void add_verb(struct text *output, const struct verb *verb)
{
	_cleanup_text_ struct text use = {0};

	text_printf(&use, "%s", verb->name);
	for (size_t i = 0; i < REQUEST_ARGUMENTS_MAX && verb->arguments[i] != ARGUMENT_END; i++)
		text_printf(&use, " %s", request_argument_name(verb->arguments[i]));
	if (use.data)
		text_printf(output, "  %-46s %s\n", use.data, verb->help);
}

static void add_verbs(struct text *output, unsigned int manual)
{
	size_t count;
	const struct verb *verbs = verbs_all(&count);

	for (size_t i = 0; i < count; i++)
		if ((verbs[i].flags & VERB_MANUAL) == manual)
			add_verb(output, &verbs[i]);
}

/* `help image snap`, `help mount`. */
static int help_of(const struct call *call, struct error *error)
{
	const struct verb *verb = verbs_find(call->argv[0]);

	if (admin_help(call->argv[0], call->argc - 1, call->argv + 1, call->output))
		return 0;
	if (verb && call->argc == 1) {
		add_verb(call->output, verb);
		return 0;
	}
	if (verb)
		(void)error_set(error, -EINVAL, "help: %s has no verb \"%s\"", verb->name,
				call->argv[1]);
	else
		(void)error_set(error, -EINVAL, "help: there is no verb %s; the nearest one is %s",
				call->argv[0], verbs_nearest(call->argv[0]));
	return VERB_WRONG_USE;
}

int verb_help(const struct call *call, struct result *result, struct error *error)
{
	(void)result;
	if (call->argc)
		return help_of(call, error);
	text_printf(call->output, "rbd-flexvolume " RBD_FLEXVOLUME_VERSION
				  ": the Kubernetes FlexVolume driver for Ceph RBD\n"
				  "\n"
				  "For people (exit code 0, 1 failed, 2 wrong use):\n");
	add_verbs(call->output, VERB_MANUAL);
	text_printf(call->output, "\nFor the kubelet (one JSON object, exit code 0):\n");
	add_verbs(call->output, 0);
	return 0;
}

int verb_version(const struct call *call, struct result *result, struct error *error)
{
	const bool json = call->argc == 1 && str_eq(call->argv[0], "--json");

	(void)result;
	if (call->argc && !json) {
		(void)error_set(error, -EINVAL, "version: it takes --json, or nothing");
		return VERB_WRONG_USE;
	}
	text_printf(call->output, json ? "{\"version\":\"" RBD_FLEXVOLUME_VERSION "\"}\n"
				       : "rbd-flexvolume " RBD_FLEXVOLUME_VERSION "\n");
	return 0;
}
