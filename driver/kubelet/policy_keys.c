/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/policy_keys.h"

#include <errno.h>

#include "base/str.h"
#include "kubelet/config_keys.h"
#include "kubelet/policy_pattern.h"

#define VALUE(name, text)                                                                         \
	static const char *name##_value(const struct options *options,                            \
					const struct access *access, char memory[IMAGE_TEXT_MAX]) \
	{                                                                                         \
		(void)options, (void)access, (void)memory;                                        \
		return text;                                                                      \
	}

VALUE(cluster, access->cluster)
VALUE(fsid, access->fsid)
VALUE(monitors, options->monitors)
VALUE(user, access->user)
VALUE(keyring, options->keyring)
VALUE(pool, options->image.pool)
VALUE(namespace, options->image.name_space)
VALUE(image, options->image.image)
VALUE(snapshot, options->image.snapshot)
VALUE(read_only, options->read_only ? "true" : "false")
VALUE(data_pool, options->data_pool)
VALUE(parent, *options->parent.image ? image_name_text(&options->parent, memory) : "")
VALUE(features, options->features)
VALUE(mkfs_options, options->mkfs_options)
VALUE(mount_options, options->mount_options)
VALUE(map_options, options->map_options)
VALUE(guard, options->guard_given ? options_guard_name(options->guard) : "")

static const char *nothing(const struct access *access)
{
	(void)access;
	return "";
}

static const char *default_pool(const struct access *access)
{
	(void)access;
	return OPTIONS_DEFAULT_POOL;
}

static const char *own_user(const struct access *access)
{
	return access->own_user;
}

static const struct policy_subject SUBJECTS[] = {
	{"cluster", POLICY_WORD, true, cluster_value, NULL},
	{"fsid", POLICY_WORD, true, fsid_value, NULL},
	{"monitors", POLICY_MONITORS, false, monitors_value, nothing},
	{"user", POLICY_WORD, true, user_value, own_user},
	{"keyring", POLICY_WORD, false, keyring_value, nothing},
	{"pool", POLICY_WORD, true, pool_value, default_pool},
	{"namespace", POLICY_WORD, true, namespace_value, nothing},
	{"image", POLICY_WORD, true, image_value, NULL},
	{"snapshot", POLICY_WORD, true, snapshot_value, NULL},
	{"readOnly", POLICY_WORD, true, read_only_value, NULL},
	{"dataPool", POLICY_WORD, false, data_pool_value, nothing},
	{"parent", POLICY_PARENT, false, parent_value, nothing},
	{"features", POLICY_LIST, false, features_value, nothing},
	{"mkfsOptions", POLICY_LIST, false, mkfs_options_value, NULL},
	{"mountOptions", POLICY_LIST, false, mount_options_value, NULL},
	{"mapOptions", POLICY_LIST, false, map_options_value, nothing},
	{"guard", POLICY_WORD, false, guard_value, nothing},
};

const struct policy_subject *policy_subjects(size_t *ret_count)
{
	*ret_count = ARRAY_SIZE(SUBJECTS);
	return SUBJECTS;
}

static int take_patterns(const struct config_key *key, const cJSON *value, void *target,
			 struct error *error)
{
	const cJSON *item;

	if (!cJSON_IsArray(value))
		return config_wrong_kind(value, "a list of patterns", error);
	cJSON_ArrayForEach(item, value) {
		const char *wrong;

		if (!cJSON_IsString(item))
			return error_set(error, -EINVAL,
					 "%s: %s in the list, patterns were expected", key->name,
					 json_kind(item));
		wrong = policy_pattern_wrong(item->valuestring);
		if (wrong)
			return error_set(error, -EINVAL, "%s: the pattern \"%.120s\": %s",
					 key->name, item->valuestring, wrong);
	}
	return 0;
}

static int take_create(const struct config_key *key, const cJSON *value, void *target,
		       struct error *error)
{
	return cJSON_IsBool(value) ? 0 : config_wrong_kind(value, "true or false", error);
}

static int take_max_size(const struct config_key *key, const cJSON *value, void *target,
			 struct error *error)
{
	uint64_t size;

	if (!cJSON_IsString(value))
		return config_wrong_kind(value, "a size as a string", error);
	if (options_parse_size(value->valuestring, &size, error) < 0)
		return error_prefix(error, "%s", key->name);
	return 0;
}

int policy_check_keys(const cJSON *policy, struct error *error)
{
	struct config_key keys[ARRAY_SIZE(SUBJECTS) + 2] = {
		{POLICY_CREATE, take_create, 0, NULL},
		{POLICY_MAX_SIZE, take_max_size, 0, NULL},
	};

	for (size_t i = 0; i < ARRAY_SIZE(SUBJECTS); i++)
		keys[i + 2] = (struct config_key){SUBJECTS[i].name, take_patterns, 0, NULL};
	return config_take_keys("policy", keys, ARRAY_SIZE(keys), policy, NULL, error);
}
