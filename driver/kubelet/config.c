/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/config.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/log.h"
#include "base/str.h"
#include "kubelet/capabilities.h"
#include "kubelet/config_file.h"
#include "kubelet/config_keys.h"
#include "kubelet/policy_keys.h"

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

/* Booleans are read by capabilities_from(), which passes over what is none. */
static int check_bool(const struct config_key *key, const cJSON *value, void *target,
		      struct error *error)
{
	return cJSON_IsBool(value) ? 0 : config_wrong_kind(value, "true or false", error);
}

static int take_seconds(const struct config_key *key, const cJSON *value, void *target,
			struct error *error)
{
	double seconds = value->valuedouble;

	if (!cJSON_IsNumber(value))
		return config_wrong_kind(value, "a number of seconds", error);
	if (!(seconds >= 1 && seconds <= DEADLINE_MAX) || seconds != (double)(unsigned int)seconds)
		return error_set(error, -EINVAL,
				 "%s: it is no whole number of seconds from 1 to %d", key->name,
				 DEADLINE_MAX);
	*(unsigned int *)((char *)target + key->offset) = (unsigned int)seconds;
	return 0;
}

static int take_capabilities(const struct config_key *key, const cJSON *value, void *target,
			     struct error *error)
{
	static const struct config_key KEYS[] = {
		{"fsGroup", check_bool, 0, NULL},
		{"selinuxRelabel", check_bool, 0, NULL},
		{"supportsMetrics", check_bool, 0, NULL},
	};

	return config_take_keys(key->name, KEYS, ARRAY_SIZE(KEYS), value, NULL, error);
}

#define DEADLINE(name) offsetof(struct config_deadlines, name)

static int take_deadlines(const struct config_key *key, const cJSON *value, void *target,
			  struct error *error)
{
	static const struct config_key KEYS[] = {
		{"call", take_seconds, DEADLINE(call), NULL},
		{"connect", take_seconds, DEADLINE(connect), NULL},
		{"map", take_seconds, DEADLINE(map), NULL},
		{"watchers", take_seconds, DEADLINE(watchers), NULL},
		{"empty", take_seconds, DEADLINE(empty), NULL},
		{"mkfs", take_seconds, DEADLINE(mkfs), NULL},
		{"fsck", take_seconds, DEADLINE(fsck), NULL},
	};
	struct config *config = target;

	return config_take_keys(key->name, KEYS, ARRAY_SIZE(KEYS), value, &config->deadlines,
				error);
}

static int take_log_target(const struct config_key *key, const cJSON *value, void *target,
			   struct error *error)
{
	static const char *const TARGETS[] = {
		[CONFIG_LOG_JOURNAL] = "journal",
		[CONFIG_LOG_FILE] = "file",
		NULL,
	};
	struct config *config = target;
	int chosen = config_choose(key, TARGETS, value, error);

	if (chosen >= 0)
		config->log_target = (enum config_log_target)chosen;
	return chosen < 0 ? chosen : 0;
}

static int take_log_level(const struct config_key *key, const cJSON *value, void *target,
			  struct error *error)
{
	static const char *const NAMES[] = {"error", "warning", "info", "debug", NULL};
	static const enum log_level LEVELS[] = {LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_INFO,
						LOG_LEVEL_DEBUG};
	struct config *config = target;
	int chosen = config_choose(key, NAMES, value, error);

	if (chosen >= 0)
		config->log_level = LEVELS[chosen];
	return chosen < 0 ? chosen : 0;
}

static int take_log(const struct config_key *key, const cJSON *value, void *target,
		    struct error *error)
{
	static const struct config_key KEYS[] = {
		{"target", take_log_target, 0, NULL},
		{"level", take_log_level, 0, NULL},
	};

	return config_take_keys(key->name, KEYS, ARRAY_SIZE(KEYS), value, target, error);
}

/* What is in it is rbd-rest's to check. */
static int take_rest(const struct config_key *key, const cJSON *value, void *target,
		     struct error *error)
{
	struct config *config = target;

	config->rest = value;
	return cJSON_IsObject(value) ? 0 : config_wrong_kind(value, "an object", error);
}

static int take_policy(const struct config_key *key, const cJSON *value, void *target,
		       struct error *error)
{
	struct config *config = target;

	config->policy = value;
	return policy_check_keys(value, error);
}

/* A keyring without a slash lies beside the configuration: the kubelet and the controller manager
 * may see that directory under different paths. */
static int resolve_keyring(const struct config *config, const cJSON *item,
			   struct config_cluster *cluster, struct error *error)
{
	const char *slash = strrchr(config->path, '/');
	cJSON *value = cJSON_GetObjectItemCaseSensitive(item, "keyring");
	char path[PATH_MAX];

	if (!*cluster->keyring || *cluster->keyring == '/')
		return 0;
	if (snprintf(path, sizeof(path), "%.*s/%s", slash ? (int)(slash - config->path) : 1,
		     slash ? config->path : ".", cluster->keyring) >= (int)sizeof(path) ||
	    !cJSON_SetValuestring(value, path))
		return error_set(error, -ENOMEM, "%s: keyring: not enough memory", cluster->name);
	cluster->keyring = value->valuestring;
	return 0;
}

static int take_clusters(const struct config_key *key, const cJSON *value, void *target,
			 struct error *error)
{
	struct config *config = target;
	struct memory *memory = config->memory;
	const cJSON *item;

	if (!cJSON_IsObject(value))
		return config_wrong_kind(value, "an object", error);
	memory->clusters = calloc((size_t)cJSON_GetArraySize(value) + 1, sizeof(*memory->clusters));
	if (!memory->clusters)
		return error_set(error, -ENOMEM, "%s: not enough memory", key->name);
	config->clusters = memory->clusters;
	cJSON_ArrayForEach(item, value) {
		struct config_cluster *cluster = &memory->clusters[config->cluster_count];

		if (config_take_cluster(item, cluster, error) < 0 ||
		    resolve_keyring(config, item, cluster, error) < 0)
			return error_prefix(error, "%s", key->name);
		config->cluster_count++;
	}
	return 0;
}

static int take_configuration(struct config *config, const cJSON *json, struct error *error)
{
	static const struct config_key KEYS[] = {
		{"attach", check_bool, 0, NULL},      {"capabilities", take_capabilities, 0, NULL},
		{"clusters", take_clusters, 0, NULL}, {"deadlines", take_deadlines, 0, NULL},
		{"policy", take_policy, 0, NULL},     {"log", take_log, 0, NULL},
		{"rest", take_rest, 0, NULL},
	};

	if (config_take_object(KEYS, ARRAY_SIZE(KEYS), json, config, error) < 0)
		return error_prefix(error, "configuration %s", config->path);
	return 0;
}

static int read_configuration(const char *text, struct memory *memory, struct error *error)
{
	if (json_parse(text, CONFIG_DEPTH, &memory->json, error) < 0)
		return error_prefix(error, "configuration %s", memory->path);
	return 0;
}

static void take_defaults(struct config *config)
{
	config->clusters = NULL;
	config->cluster_count = 0;
	config->deadlines = DEADLINES;
	config->policy = NULL;
	config->rest = NULL;
	config->log_target = CONFIG_LOG_JOURNAL;
	config->log_level = LOG_LEVEL_INFO;
}

static int begin(struct config *ret, struct error *error)
{
	struct memory *memory = calloc(1, sizeof(*memory));

	*ret = (struct config){.path = memory ? memory->path : "", .memory = memory};
	take_defaults(ret);
	if (memory)
		return 0;
	capabilities_from(NULL, &ret->capabilities);
	return error_set(error, -ENOMEM, "configuration: not enough memory");
}

int config_load(struct config *ret, struct error *error)
{
	_cleanup_config_file_ struct config_file file = {0};
	struct error unreadable = {0};
	struct memory *memory;
	int r = begin(ret, error);

	if (r < 0)
		return r;
	memory = ret->memory;
	r = config_file_find(&file, error);
	memcpy(memory->path, file.path, sizeof(memory->path));
	/* what init answers is read also from a file that is refused otherwise */
	if (file.text && read_configuration(file.text, memory, r < 0 ? &unreadable : error) < 0 &&
	    r >= 0)
		r = error->code;
	capabilities_from(memory->json, &ret->capabilities);
	if (r >= 0 && memory->json)
		r = take_configuration(ret, memory->json, error);
	if (r < 0)
		take_defaults(ret);
	return r;
}

int config_load_text(const char *path, const char *text, struct config *ret, struct error *error)
{
	struct memory *memory;
	int r = begin(ret, error);

	if (r < 0)
		return r;
	memory = ret->memory;
	(void)str_copy(memory->path, sizeof(memory->path), path);
	r = read_configuration(text, memory, error);
	capabilities_said(memory->json, &ret->capabilities);
	if (r >= 0)
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
