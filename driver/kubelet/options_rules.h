/* SPDX-License-Identifier: Apache-2.0 */
/* The table of the options that can be given. Within this room only. */
#pragma once

#include "kubelet/grammar.h"
#include "kubelet/json.h"
#include "kubelet/options.h"
#include "kubelet/secret.h"

#define OPTIONS_KUBELET_PREFIX "kubernetes.io/"
#define OPTIONS_RULES_MAX      24

/* What `memory` of struct options points to. */
struct options_memory {
	cJSON *json; /* the strings of struct options are its strings */
	struct secret secret;
	char default_keyring[160];
	char parent[1024]; /* taken apart */
};

/* One key that may stand in the JSON: a text with a grammar, or a function that takes it. */
struct options_rule {
	const char *name;
	size_t offset; /* of a const char * in struct options */
	grammar_function grammar;
	int (*take)(struct options *options, const char *value, struct error *error);
};

/* NULL where there is none of that name. */
const struct options_rule *options_rule(const char *name);
/* The name behind OPTIONS_KUBELET_PREFIX; these may be empty. What else the kubelet sends is not
 * needed. */
const struct options_rule *options_kubelet_rule(const char *name);

/* The names of all options, ended by NULL. */
void options_names(const char *ret[OPTIONS_RULES_MAX + 1]);
