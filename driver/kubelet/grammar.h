/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The grammar of each value that people write. The sysfs line of rbd has no escaping (krbd: words
 * split at white space, options at commas), so what could split it is in no grammar.
 */
#pragma once

#include "base/error.h"

/* NULL where the value is right, else what it has to be: "a uuid". */
typedef const char *(*grammar_function)(const char *value);

const char *grammar_image(const char *value);    /* also pools */
const char *grammar_name(const char *value);     /* volumes, pods, nodes, clusters */
const char *grammar_user(const char *value);     /* without "client." */
const char *grammar_uuid(const char *value);     /* an fsid */
const char *grammar_monitors(const char *value); /* the characters only: ceph/monitors.h parses */
const char *grammar_path(const char *value);     /* absolute, no "." or ".." in it */
const char *grammar_key(const char *value);      /* base64, as in a keyring */

/* Says `what: "value" is not <what it has to be>`. */
int grammar_check(grammar_function grammar, const char *what, const char *value,
		  struct error *error);

/* "A" to "a", in place: uuids compare as text. */
void grammar_lower(char *value);

/* The known name that looks most like `name`. `names` ends with NULL and is not empty. */
const char *grammar_nearest(const char *name, const char *const names[]);
