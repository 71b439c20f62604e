/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists like `blocksize=4096,label=db`: each word is one of a table's, each value within its
 * bounds, nothing said twice. What is in no table does not exist: no free word reaches a tool or
 * the kernel.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

enum option_kind {
	OPTION_FLAG,   /* no value */
	OPTION_NUMBER, /* decimal, min..max */
	OPTION_POWER,  /* the same, a power of two */
	OPTION_SIZE,   /* a power of two with k, m or g behind it: "64k"; min..max in bytes */
	OPTION_WORD,   /* one of `words`, which are separated by spaces */
	OPTION_LABEL,  /* letters, digits, . _ -; at most `max` of them */
};

struct option_rule {
	const char *fs_type; /* "": of all */
	const char *name;
	const char *words;
	const char *tool; /* what mkfs_options.c makes of it */
	uint64_t min, max;
	enum option_kind kind;
	char group; /* of those with the same letter only one can be given; 0: none */
};

/* Words that are known and never given, with the reason. */
struct option_refusal {
	const char *name; /* with its value, where only that one is refused */
	const char *why;
};

struct option_table {
	const char *title; /* "mountOptions" */
	const struct option_rule *rules;
	size_t rule_count;
	const struct option_refusal *refusals;
	size_t refusal_count;
};

struct option_item {
	char name[64];
	char value[64]; /* "" of a flag */
};

typedef int (*option_visit)(void *state, const struct option_rule *rule,
			    const struct option_item *item);

/* Checks the whole list, and then visits each of its items in order (`visit` NULL: none). -EINVAL
 * where the list is wrong; what the visit returns, if that is negative. */
int option_list_read(const struct option_table *table, const char *fs_type, const char *list,
		     option_visit visit, void *state, struct error *error);

const struct option_rule *option_rule_find(const struct option_table *table, const char *fs_type,
					   const char *name);
