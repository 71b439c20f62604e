/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "verbs/verbs.h"

static int no_arguments(const struct call *call, struct error *error)
{
	if (!call->argc)
		return 0;
	error_set(error, -EINVAL, "%s: it takes no arguments", call->request->verb);
	return VERB_WRONG_USE;
}

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

int verb_help(const struct call *call, struct result *result, struct error *error)
{
	int r = no_arguments(call, error);

	if (r)
		return r;
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
	int r = no_arguments(call, error);

	if (!r)
		text_printf(call->output, "rbd-flexvolume " RBD_FLEXVOLUME_VERSION "\n");
	return r;
}
