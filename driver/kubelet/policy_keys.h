/* SPDX-License-Identifier: Apache-2.0 */
/* What can stand in "policy". Within this room only. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "kubelet/config.h"
#include "kubelet/json.h"
#include "kubelet/options.h"

#define POLICY_CREATE   "create"
#define POLICY_MAX_SIZE "maxSize"

enum policy_kind {
	POLICY_WORD,
	POLICY_LIST,     /* each item of a comma list */
	POLICY_MONITORS, /* each address */
	POLICY_PARENT,
};

/* One option that can be listed. */
struct policy_subject {
	const char *name;
	enum policy_kind kind;
	bool always; /* whose data it is: also "" must match */
	/* in force, "" where nothing is; may stand in `memory` */
	const char *(*value)(const struct options *options, const struct access *access,
			     char memory[IMAGE_TEXT_MAX]);
	/* what alone can be in force where the policy does not list it; NULL: it is free then */
	const char *(*unlisted)(const struct access *access);
};

const struct policy_subject *policy_subjects(size_t *ret_count);

/* The object as it stands in the file: a key that is none, a pattern that is none is refused. */
int policy_check_keys(const cJSON *policy, struct error *error);
