/* SPDX-License-Identifier: Apache-2.0 */
/* One entry of "clusters": where a cluster is, whose rights are used, how it is mapped. */
#include <stdio.h>

#include "base/str.h"
#include "kubelet/config_keys.h"

const struct config_cluster config_cluster_none = {.name = "",
						   .fsid = "",
						   .monitors = "",
						   .user = "",
						   .keyring = "",
						   .ms_mode = "auto",
						   .map_options = ""};

#define CLUSTER(name) offsetof(struct config_cluster, name)

static int take_ms_mode(const struct config_key *key, const cJSON *value, void *target,
			struct error *error)
{
	static const char *const MODES[] = {"auto",       "legacy",        "crc", "secure",
					    "prefer-crc", "prefer-secure", NULL};
	struct config_cluster *cluster = target;
	int chosen = config_choose(key, MODES, value, error);

	if (chosen >= 0)
		cluster->ms_mode = MODES[chosen];
	return chosen < 0 ? chosen : 0;
}

static int take_map_options(const struct config_key *key, const cJSON *value, void *target,
			    struct error *error)
{
	struct config_cluster *cluster = target;

	if (!cJSON_IsString(value))
		return config_wrong_kind(value, "a string", error);
	cluster->map_options = value->valuestring;
	return *value->valuestring
		       ? grammar_list_check(key->grammar, key->name, value->valuestring, error)
		       : 0;
}

static int take_exclusive_pools(const struct config_key *key, const cJSON *value, void *target,
				struct error *error)
{
	struct config_cluster *cluster = target;

	cluster->exclusive_pools = value;
	return config_check_list(key, value, error);
}

int config_take_cluster(const cJSON *value, struct config_cluster *ret, struct error *error)
{
	static const struct config_key KEYS[] = {
		{"fsid", config_take_text, CLUSTER(fsid), grammar_uuid},
		{"monitors", config_take_text, CLUSTER(monitors), grammar_monitors},
		{"user", config_take_text, CLUSTER(user), grammar_user},
		{"keyring", config_take_text, CLUSTER(keyring), grammar_keyring},
		{"msMode", take_ms_mode, 0, NULL},
		{"mapOptions", take_map_options, 0, grammar_setting},
		{"exclusivePools", take_exclusive_pools, 0, grammar_image},
	};
	int r = grammar_check(grammar_name, "name of a cluster", value->string, error);

	if (r < 0)
		return r;
	*ret = config_cluster_none;
	ret->name = value->string;
	r = config_take_keys(value->string, KEYS, ARRAY_SIZE(KEYS), value, ret, error);
	if (r >= 0 && *ret->user)
		snprintf(ret->default_keyring, sizeof(ret->default_keyring),
			 "/etc/ceph/ceph.client.%s.keyring", ret->user);
	return r;
}

bool config_exclusive_pool(const struct config_cluster *cluster, const char *pool)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, (const cJSON *)cluster->exclusive_pools) {
		if (str_eq(item->valuestring, pool))
			return true;
	}
	return false;
}
