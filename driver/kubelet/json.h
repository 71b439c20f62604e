/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Strict reading of JSON over cJSON: what cJSON lets pass (control characters in strings, \u0000,
 * invalid UTF-8, a byte order mark, duplicate keys, bytes behind the end) is refused, because
 * whoever wrote it meant something else than we would read. For this room, and for the verb that
 * reads a file of Kubernetes.
 */
#pragma once

#include <stdbool.h>

#include <cjson/cJSON.h>

#include "base/error.h"

#define JSON_KEYS_MAX 256 /* in one object */

/* What cJSON frees is wiped from now on. json_parse() does it by itself; who has threads that write
 * JSON calls it before the first of them: cJSON's hooks are read without a lock. */
void json_init(void);

/* cJSON's own adders say nothing: has memory been short in this thread since it was watched? */
void json_watch_memory(void);
bool json_lacked_memory(void);

/* One object, nested at most `depth` deep (1: flat). The errors name the byte or the key and
 * never repeat a value: it may be a secret. -EINVAL or -ENOMEM. */
int json_parse(const char *text, unsigned int depth, cJSON **ret, struct error *error);

/* What was made of names that others chose may hold bytes that are no UTF-8, and JSON may not: in
 * each string and key they become '?'. Before printing. NULL is allowed. */
void json_clean(cJSON *json);

/* Wipes all strings and frees. NULL is allowed. */
void json_done(cJSON *json);
static inline void cleanup_json(cJSON **json)
{
	json_done(*json);
}
#define _cleanup_json_ __attribute__((cleanup(cleanup_json)))

/* "a string", "a number", ...: what stands there, for messages. */
const char *json_kind(const cJSON *json);
