/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of each value that people write. The sysfs line of rbd has no escaping (krbd: words
 * split at white space, options at commas), so what could split it is in no grammar.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"

/* NULL where the value is right, else what it has to be: "a uuid". */
typedef const char *(*grammar_function)(const char *value);

const char *grammar_image(const char *value);    /* also pools */
const char *grammar_name(const char *value);     /* volumes, pods, nodes, clusters */
const char *grammar_user(const char *value);     /* without "client." */
const char *grammar_uuid(const char *value);     /* an fsid */
const char *grammar_monitors(const char *value); /* the shape: ceph/monitors.h resolves */
const char *grammar_path(const char *value);     /* absolute, no "." or ".." in it */
const char *grammar_keyring(const char *value);  /* the same, or the name of a file beside the
						  * configuration */
const char *grammar_key(const char *value);      /* base64, as in a keyring */
const char *grammar_feature(const char *value);  /* of an image: one item of a list */
const char *grammar_setting(const char *value);  /* name or name=value: one item of a list */

/* Says `what: "value" is not <what it has to be>`. */
int grammar_check(grammar_function grammar, const char *what, const char *value,
		  struct error *error);

#define GRAMMAR_LIST_MAX 1000
#define GRAMMAR_ITEM_MAX (GRAMMAR_LIST_MAX + 1)

/* A comma list: each item by its grammar, no name twice. */
int grammar_list_check(grammar_function grammar, const char *what, const char *value,
		       struct error *error);

/* The next item of a comma list that is not longer than GRAMMAR_LIST_MAX; `list` is NULL after the
 * last one. false: the item is empty. */
bool grammar_next_item(const char **list, char ret[GRAMMAR_ITEM_MAX]);

/* "A" to "a", in place: uuids compare as text. */
void grammar_lower(char *value);

/* The known name that looks most like `name`. `names` ends with NULL and is not empty. */
const char *grammar_nearest(const char *name, const char *const names[]);
