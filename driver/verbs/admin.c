/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator asks at a shell: gc. */
#include <errno.h>

#include "base/str.h"
#include "verbs/verbs.h"
#include "volume/orphans.h"

#define GC_DEADLINE 60000

int verb_gc(const struct call *call, struct result *result, struct error *error)
{
	struct orphans_done done;
	int status;

	(void)result;
	if (call->argc > 0) {
		(void)error_set(error, -EINVAL, "gc takes no arguments");
		return VERB_WRONG_USE;
	}
	status = orphans_remove(NULL, deadline_in(GC_DEADLINE), &done, error);
	if (status < 0)
		return error_prefix(error, "remove orphaned mappings");
	text_printf(call->output, "%zu removed, %zu left%s%s\n", done.removed,
		    done.held + done.left, *done.text ? ": " : "", done.text);
	return done.left ? 1 : 0;
}
