/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "kubelet/capabilities.h"
#include "kubelet/config_file.h"
#include "kubelet/grammar.h"
#include "kubelet/json.h"

#define CONFIG_DEPTH 4 /* clusters, an entry of them, a list in it */
#define DEADLINE_MAX (24 * 60 * 60)

struct memory {
	cJSON *json; /* the strings of struct config are its strings */
	char path[PATH_MAX];
	struct config_cluster *clusters;
};

static const struct config_deadlines DEADLINES = {
	.call = 15,
	.connect = 10,
	.map = 60,
	.watchers = 40,
	.empty = 120,
	.mkfs = 300,
	.fsck = 900,
};

/* One key of an object of the file. What is known but without `take` is for a later version, and
 * refused: what the administrator wrote must never be without effect. */
struct key {
	const char *name;
	int (*take)(const struct key *key, const cJSON *value, void *target, struct error *error);
	size_t offset;
	grammar_function grammar;
};

static int wrong_kind(const cJSON *value, const char *expected, struct error *error)
{
	return error_set(error, -EINVAL, "%s: %s, %s was expected", value->string, json_kind(value),
			 expected);
}

static int unknown(const struct key *keys, size_t count, const char *name, struct error *error)
{
	const char *names[16] = {NULL};
	size_t built = 0;
	char shown[101];

	for (size_t i = 0; i < count; i++) {
		if (str_eq(keys[i].name, name))
			return error_set(error, -EINVAL,
					 "%s: it is not built in this version: leave it out", name);
		if (keys[i].take && built + 1 < ARRAY_SIZE(names))
			names[built++] = keys[i].name;
	}
	snprintf(shown, sizeof(shown), "%s", name);
	str_one_line(shown);
	return error_set(error, -EINVAL, "unknown key \"%s\", the nearest known one is \"%s\"",
			 shown, grammar_nearest(shown, names));
}

static int take_object(const struct key *keys, size_t count, const cJSON *object, void *target,
		       struct error *error)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, object) {
		const struct key *key = NULL;
		int r;

		for (size_t i = 0; i < count; i++)
			if (keys[i].take && str_eq(keys[i].name, item->string))
				key = &keys[i];
		if (!key)
			return unknown(keys, count, item->string, error);
		r = key->take(key, item, target, error);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Booleans are read by capabilities_from(), which passes over what is none. */
static int check_bool(const struct key *key, const cJSON *value, void *target, struct error *error)
{
	return cJSON_IsBool(value) ? 0 : wrong_kind(value, "true or false", error);
}

static int take_text(const struct key *key, const cJSON *value, void *target, struct error *error)
{
	if (!cJSON_IsString(value))
		return wrong_kind(value, "a string", error);
	if (*value->valuestring &&
	    grammar_check(key->grammar, key->name, value->valuestring, error) < 0)
		return error->code;
	if (key->grammar == grammar_uuid)
		grammar_lower(value->valuestring);
	*(const char **)((char *)target + key->offset) = value->valuestring;
	return 0;
}

static int take_seconds(const struct key *key, const cJSON *value, void *target,
			struct error *error)
{
	double seconds = value->valuedouble;

	if (!cJSON_IsNumber(value))
		return wrong_kind(value, "a number of seconds", error);
	if (!(seconds >= 1 && seconds <= DEADLINE_MAX) || seconds != (double)(unsigned int)seconds)
		return error_set(error, -EINVAL,
				 "%s: it is no whole number of seconds from 1 to %d", key->name,
				 DEADLINE_MAX);
	*(unsigned int *)((char *)target + key->offset) = (unsigned int)seconds;
	return 0;
}

static int take_keys(const char *where, const struct key *keys, size_t count, const cJSON *object,
		     void *target, struct error *error)
{
	if (!cJSON_IsObject(object))
		return wrong_kind(object, "an object", error);
	if (take_object(keys, count, object, target, error) < 0)
		return error_prefix(error, "%s", where);
	return 0;
}

static int take_capabilities(const struct key *key, const cJSON *value, void *target,
			     struct error *error)
{
	static const struct key KEYS[] = {
		{"fsGroup", check_bool, 0, NULL},
		{"selinuxRelabel", check_bool, 0, NULL},
		{"supportsMetrics", check_bool, 0, NULL},
	};

	return take_keys(key->name, KEYS, ARRAY_SIZE(KEYS), value, NULL, error);
}

#define DEADLINE(name) offsetof(struct config_deadlines, name)

static int take_deadlines(const struct key *key, const cJSON *value, void *target,
			  struct error *error)
{
	static const struct key KEYS[] = {
		{"call", take_seconds, DEADLINE(call), NULL},
		{"connect", take_seconds, DEADLINE(connect), NULL},
		{"map", take_seconds, DEADLINE(map), NULL},
		{"watchers", take_seconds, DEADLINE(watchers), NULL},
		{"empty", take_seconds, DEADLINE(empty), NULL},
		{"mkfs", take_seconds, DEADLINE(mkfs), NULL},
		{"fsck", take_seconds, DEADLINE(fsck), NULL},
	};
	struct config *config = target;

	return take_keys(key->name, KEYS, ARRAY_SIZE(KEYS), value, &config->deadlines, error);
}

#define CLUSTER(name) offsetof(struct config_cluster, name)

static int take_cluster(const cJSON *value, struct config_cluster *ret, struct error *error)
{
	static const struct key KEYS[] = {
		{"fsid", take_text, CLUSTER(fsid), grammar_uuid},
		{"monitors", take_text, CLUSTER(monitors), grammar_monitors},
		{"user", take_text, CLUSTER(user), grammar_user},
		{"keyring", take_text, CLUSTER(keyring), grammar_path},
		{"msMode", NULL, 0, NULL},
		{"mapOptions", NULL, 0, NULL},
		{"exclusivePools", NULL, 0, NULL},
	};
	int r = grammar_check(grammar_name, "name of a cluster", value->string, error);

	if (r < 0)
		return r;
	*ret = (struct config_cluster){.name = value->string,
				       .fsid = "",
				       .monitors = "",
				       .user = "",
				       .keyring = "",
				       .ms_mode = "auto",
				       .map_options = ""};
	r = take_keys(value->string, KEYS, ARRAY_SIZE(KEYS), value, ret, error);
	if (r >= 0 && *ret->user)
		snprintf(ret->default_keyring, sizeof(ret->default_keyring),
			 "/etc/ceph/ceph.client.%s.keyring", ret->user);
	return r;
}

static int take_clusters(const struct key *key, const cJSON *value, void *target,
			 struct error *error)
{
	struct config *config = target;
	struct memory *memory = config->memory;
	const cJSON *item;

	if (!cJSON_IsObject(value))
		return wrong_kind(value, "an object", error);
	memory->clusters = calloc((size_t)cJSON_GetArraySize(value) + 1, sizeof(*memory->clusters));
	if (!memory->clusters)
		return error_set(error, -ENOMEM, "%s: not enough memory", key->name);
	config->clusters = memory->clusters;
	cJSON_ArrayForEach(item, value) {
		if (take_cluster(item, &memory->clusters[config->cluster_count], error) < 0)
			return error_prefix(error, "%s", key->name);
		config->cluster_count++;
	}
	return 0;
}

static int take_configuration(struct config *config, const cJSON *json, struct error *error)
{
	static const struct key KEYS[] = {
		{"attach", check_bool, 0, NULL},
		{"capabilities", take_capabilities, 0, NULL},
		{"clusters", take_clusters, 0, NULL},
		{"deadlines", take_deadlines, 0, NULL},
		{"policy", NULL, 0, NULL},
		{"log", NULL, 0, NULL},
		{"rest", NULL, 0, NULL},
	};

	if (take_object(KEYS, ARRAY_SIZE(KEYS), json, config, error) < 0)
		return error_prefix(error, "configuration %s", config->path);
	return 0;
}

static int read_configuration(const struct config_file *file, struct memory *memory,
			      struct error *error)
{
	if (json_parse(file->text, CONFIG_DEPTH, &memory->json, error) < 0)
		return error_prefix(error, "configuration %s", file->path);
	return 0;
}

static void take_defaults(struct config *config)
{
	config->clusters = NULL;
	config->cluster_count = 0;
	config->deadlines = DEADLINES;
	config->policy = NULL;
	config->log_target = CONFIG_LOG_JOURNAL;
	config->log_level = LOG_LEVEL_INFO;
}

int config_load(struct config *ret, struct error *error)
{
	_cleanup_config_file_ struct config_file file = {0};
	struct memory *memory = calloc(1, sizeof(*memory));
	struct error unreadable = {0};
	int r;

	*ret = (struct config){.path = "", .memory = memory};
	take_defaults(ret);
	if (!memory) {
		capabilities_from(NULL, &ret->capabilities);
		return error_set(error, -ENOMEM, "configuration: not enough memory");
	}
	r = config_file_find(&file, error);
	memcpy(memory->path, file.path, sizeof(memory->path));
	ret->path = memory->path;
	/* what init answers is read also from a file that is refused otherwise */
	if (file.text && read_configuration(&file, memory, r < 0 ? &unreadable : error) < 0 &&
	    r >= 0)
		r = error->code;
	capabilities_from(memory->json, &ret->capabilities);
	if (r >= 0 && memory->json)
		r = take_configuration(ret, memory->json, error);
	if (r < 0)
		take_defaults(ret);
	return r;
}

void config_done(struct config *config)
{
	struct memory *memory = config->memory;

	if (memory) {
		json_done(memory->json);
		free(memory->clusters);
		free(memory);
	}
	*config = (struct config){.path = ""};
}

void config_capabilities_load(struct config_capabilities *ret)
{
	_cleanup_config_ struct config config = {0};
	struct error error = {0};

	config_load(&config, &error);
	*ret = config.capabilities;
}
