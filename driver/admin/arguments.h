/* SPDX-License-Identifier: Apache-2.0 */
/* What stands behind a manual verb: flags, of which each has one meaning everywhere, and operands.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "base/str.h"

enum flag {
	/* of every verb */
	FLAG_MONITORS,
	FLAG_KEYRING,
	FLAG_ID,
	FLAG_CONF,
	FLAG_CLUSTER,
	FLAG_JSON,
	FLAG_HELP,
	/* of some */
	FLAG_YES,
	FLAG_SIZE,
	FLAG_ALLOW_SHRINK,
	FLAG_FEATURES,
	FLAG_DATA_POOL,
	FLAG_LONG,
	FLAG_PREFIX,
	FLAG_FAST,
	FLAG_TRASH,
	FLAG_READ_ONLY,
	FLAG_GUARD,
	FLAG_OPTIONS,
	FLAG_IMAGE,
	FLAG_FORMAT,
	FLAG_HOLDER,
	FLAG_COUNT,
};

#define FLAG_BIT(flag) (UINT32_C(1) << (flag))
#define FLAGS_OF_EVERY (FLAG_BIT(FLAG_HELP + 1) - 1)

struct arguments {
	const char *flags[FLAG_COUNT]; /* NULL: not given; "": given, and takes no value */
	char *const *operands;
	int count;
};

/* `argv[0]` is passed over, the rest is put into another order; `verb` ("image snap rm") is for
 * messages. Flags may stand anywhere; behind "--"
 * all are operands. -EINVAL: a flag that is not among `allowed` (the nearest one is offered), one
 * given twice, one that lacks its value. */
int arguments_parse(const char *verb, int argc, char *const *argv, uint32_t allowed,
		    struct arguments *ret, struct error *error);

static inline bool arguments_have(const struct arguments *arguments, enum flag flag)
{
	return arguments->flags[flag];
}

/* "" where it is not given. */
static inline const char *arguments_value(const struct arguments *arguments, enum flag flag)
{
	return arguments->flags[flag] ? arguments->flags[flag] : "";
}

/* A line for each flag in `flags`. */
void arguments_describe(uint32_t flags, struct text *output);
/* " [--size SIZE] [--yes]" */
void arguments_brief(uint32_t flags, struct text *output);
