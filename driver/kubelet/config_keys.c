/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/config_keys.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"

int config_wrong_kind(const cJSON *value, const char *expected, struct error *error)
{
	return error_set(error, -EINVAL, "%s: %s, %s was expected", value->string, json_kind(value),
			 expected);
}

static int unknown(const struct config_key *keys, size_t count, const char *name,
		   struct error *error)
{
	const char *names[CONFIG_KEYS_MAX + 1] = {NULL};
	char shown[101];

	for (size_t i = 0; i < count && i < CONFIG_KEYS_MAX; i++)
		names[i] = keys[i].name;
	snprintf(shown, sizeof(shown), "%s", name);
	str_one_line(shown);
	return error_set(error, -EINVAL, "unknown key \"%s\", the nearest known one is \"%s\"",
			 shown, grammar_nearest(shown, names));
}

int config_take_object(const struct config_key *keys, size_t count, const cJSON *object,
		       void *target, struct error *error)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, object) {
		const struct config_key *key = NULL;
		int r;

		for (size_t i = 0; i < count; i++)
			if (str_eq(keys[i].name, item->string))
				key = &keys[i];
		if (!key)
			return unknown(keys, count, item->string, error);
		r = key->take(key, item, target, error);
		if (r < 0)
			return r;
	}
	return 0;
}

int config_take_keys(const char *where, const struct config_key *keys, size_t count,
		     const cJSON *object, void *target, struct error *error)
{
	if (!cJSON_IsObject(object))
		return config_wrong_kind(object, "an object", error);
	if (config_take_object(keys, count, object, target, error) < 0)
		return error_prefix(error, "%s", where);
	return 0;
}

int config_take_text(const struct config_key *key, const cJSON *value, void *target,
		     struct error *error)
{
	if (!cJSON_IsString(value))
		return config_wrong_kind(value, "a string", error);
	if (*value->valuestring &&
	    grammar_check(key->grammar, key->name, value->valuestring, error) < 0)
		return error->code;
	if (key->grammar == grammar_uuid)
		grammar_lower(value->valuestring);
	*(const char **)((char *)target + key->offset) = value->valuestring;
	return 0;
}

int config_choose(const struct config_key *key, const char *const words[], const cJSON *value,
		  struct error *error)
{
	_cleanup_text_ struct text list = {0};

	if (!cJSON_IsString(value))
		return config_wrong_kind(value, "a string", error);
	for (int i = 0; words[i]; i++) {
		if (str_eq(words[i], value->valuestring))
			return i;
		text_printf(&list, "%s%s", i ? ", " : "", words[i]);
	}
	return error_set(error, -EINVAL, "%s: \"%.120s\" is none of %s", key->name,
			 value->valuestring, list.data ? list.data : "");
}

int config_check_list(const struct config_key *key, const cJSON *value, struct error *error)
{
	const cJSON *item;

	if (!cJSON_IsArray(value))
		return config_wrong_kind(value, "a list of strings", error);
	cJSON_ArrayForEach(item, value) {
		int r;

		if (!cJSON_IsString(item))
			return error_set(error, -EINVAL,
					 "%s: %s in the list, strings were expected", key->name,
					 json_kind(item));
		r = grammar_check(key->grammar, key->name, item->valuestring, error);
		if (r < 0)
			return r;
	}
	return 0;
}
