/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/json.h"

#include <errno.h>
#include <malloc.h>
#include <pthread.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/utf8.h"

/* cJSON says NULL for bad JSON and for no memory alike. */
static _Thread_local bool out_of_memory;

static void *allocate(size_t size)
{
	void *memory = malloc(size);

	if (!memory)
		out_of_memory = true;
	return memory;
}

/* Each piece may hold a part of the Secret, also those that a failed parse gives back. */
static void wipe_and_free(void *memory)
{
	if (memory)
		explicit_bzero(memory, malloc_usable_size(memory));
	free(memory);
}

static void set_hooks(void)
{
	cJSON_Hooks hooks = {.malloc_fn = allocate, .free_fn = wipe_and_free};

	cJSON_InitHooks(&hooks);
}

void json_init(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, set_hooks);
}

void json_watch_memory(void)
{
	json_init();
	out_of_memory = false;
}

bool json_lacked_memory(void)
{
	return out_of_memory;
}

/* Where the scan stands; the grammar itself is left to cJSON. */
struct scan {
	const char *text;
	size_t at;
	unsigned int depth;
	bool in_string;
};

static const char *scan_string(struct scan *scan)
{
	const char *here = scan->text + scan->at;
	size_t length = utf8_character(here);

	if ((unsigned char)*here < 0x20)
		return "a control character in a string, it must be escaped";
	if (!length)
		return "no valid UTF-8";
	if (str_starts(here, "\\u0000"))
		return "\\u0000, no value may contain it";
	if (*here == '"')
		scan->in_string = false;
	if (*here == '\\' && here[1])
		length++;
	scan->at += length;
	return NULL;
}

static const char *scan_structure(struct scan *scan, unsigned int depth)
{
	char here = scan->text[scan->at];

	if (here == '{' || here == '[') {
		if (++scan->depth > depth)
			return depth == 1 ? "an object or list within the object, it must be flat"
					  : "nested too deep";
	} else if (here == '}' || here == ']') {
		if (scan->depth)
			scan->depth--;
	} else if (here == '"') {
		scan->in_string = true;
	} else if (here == '0' && scan->text[scan->at + 1] >= '0' &&
		   scan->text[scan->at + 1] <= '9' &&
		   (!scan->at || !strchr(".0123456789", scan->text[scan->at - 1]))) {
		return "a number that starts with 0";
	} else if (here != ' ' && here != '\t' && here != '\n' && here != '\r' &&
		   (here < 0x21 || here > 0x7e)) {
		return "a byte that stands in no string";
	}
	scan->at++;
	return NULL;
}

static int scan_text(const char *text, unsigned int depth, struct error *error)
{
	struct scan scan = {.text = text};

	while (text[scan.at]) {
		size_t at = scan.at;
		const char *wrong =
			scan.in_string ? scan_string(&scan) : scan_structure(&scan, depth);

		if (wrong)
			return error_set(error, -EINVAL, "not valid JSON: at byte %zu is %s",
					 at + 1, wrong);
	}
	return 0;
}

/* Which of two equal keys would count is anybody's guess: Go takes the last, cJSON the first. */
static int check_keys(const cJSON *json, struct error *error)
{
	size_t count = 0;
	const cJSON *item;

	cJSON_ArrayForEach(item, json) {
		int r;

		if (cJSON_IsObject(json) && ++count > JSON_KEYS_MAX)
			return error_set(error, -EINVAL, "more than %d keys in one object",
					 JSON_KEYS_MAX);
		for (const cJSON *other = json->child; cJSON_IsObject(json) && other != item;
		     other = other->next)
			if (str_eq(other->string, item->string))
				return error_set(error, -EINVAL, "\"%.100s\" is given twice",
						 item->string);
		r = check_keys(item, error);
		if (r < 0)
			return r;
	}
	return 0;
}

int json_parse(const char *text, unsigned int depth, cJSON **ret, struct error *error)
{
	_cleanup_json_ cJSON *json = NULL;
	const char *end = text;
	int r;

	if (!*text)
		return error_set(error, -EINVAL, "empty, a JSON object was expected");
	r = scan_text(text, depth, error);
	if (r < 0)
		return r;
	json_watch_memory();
	json = cJSON_ParseWithOpts(text, &end, true);
	if (!json && out_of_memory)
		return error_set(error, -ENOMEM, "not enough memory to read the JSON");
	if (!json)
		return error_set(error, -EINVAL,
				 "not valid JSON: it makes no sense from byte %zu on",
				 (size_t)(end - text) + 1);
	if (!cJSON_IsObject(json))
		return error_set(error, -EINVAL, "%s, a JSON object was expected", json_kind(json));
	r = check_keys(json, error);
	if (r < 0)
		return r;
	*ret = TAKE_PTR(json);
	return 0;
}

void json_clean(cJSON *json)
{
	for (; json; json = json->next) {
		if (json->valuestring)
			utf8_clean(json->valuestring);
		if (json->string)
			utf8_clean(json->string);
		json_clean(json->child);
	}
}

void json_done(cJSON *json)
{
	cJSON_Delete(json);
}

const char *json_kind(const cJSON *json)
{
	if (cJSON_IsString(json))
		return "a string";
	if (cJSON_IsNumber(json))
		return "a number";
	if (cJSON_IsBool(json))
		return "a boolean";
	if (cJSON_IsNull(json))
		return "null";
	return cJSON_IsArray(json) ? "a list" : "an object";
}
