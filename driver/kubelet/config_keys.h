/* SPDX-License-Identifier: Apache-2.0 */
/* Objects of the configuration: each key has its row, an unknown one is refused with the nearest.
 * Within this room only. */
#pragma once

#include <stddef.h>

#include "base/error.h"
#include "kubelet/config.h"
#include "kubelet/grammar.h"
#include "kubelet/json.h"

#define CONFIG_KEYS_MAX 24 /* in one object */

struct config_key {
	const char *name;
	int (*take)(const struct config_key *key, const cJSON *value, void *target,
		    struct error *error);
	size_t offset; /* in the target, for those that need it */
	grammar_function grammar;
};

/* Each key of `object`, by its row. */
int config_take_object(const struct config_key *keys, size_t count, const cJSON *object,
		       void *target, struct error *error);
/* The same where it is an object; "where: " stands before what is wrong. */
int config_take_keys(const char *where, const struct config_key *keys, size_t count,
		     const cJSON *object, void *target, struct error *error);

/* "user: a number, a string was expected" */
int config_wrong_kind(const cJSON *value, const char *expected, struct error *error);

/* A string with the row's grammar (or ""), to a const char * at the row's offset. */
int config_take_text(const struct config_key *key, const cJSON *value, void *target,
		     struct error *error);

/* Which of `words` (ended by NULL) the string is. */
int config_choose(const struct config_key *key, const char *const words[], const cJSON *value,
		  struct error *error);

/* A list of strings, each with its grammar. */
int config_check_list(const struct config_key *key, const cJSON *value, struct error *error);

/* One entry of "clusters". */
int config_take_cluster(const cJSON *value, struct config_cluster *ret, struct error *error);
