/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/capabilities.h"

#include "base/str.h"
#include "kubelet/config_file.h"

static const struct config_capabilities DEFAULTS = {
	.attach = true,
	.fs_group = true,
	.selinux_relabel = true,
	.supports_metrics = true,
	.requires_fs_resize = false,
};

static const struct capability {
	const char *name;
	size_t offset;
} CAPABILITIES[] = {
	{"attach", offsetof(struct config_capabilities, attach)},
	{"fsGroup", offsetof(struct config_capabilities, fs_group)},
	{"selinuxRelabel", offsetof(struct config_capabilities, selinux_relabel)},
	{"supportsMetrics", offsetof(struct config_capabilities, supports_metrics)},
	{"requiresFSResize", offsetof(struct config_capabilities, requires_fs_resize)},
};

static void take_bool(const cJSON *object, const char *name, bool *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	if (cJSON_IsBool(item))
		*ret = cJSON_IsTrue(item);
}

/* All five and nothing else: what is left out would be the kubelet's default, not ours. */
static bool take_answer(const cJSON *answer, struct config_capabilities *ret)
{
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(answer, "status");
	const cJSON *capabilities = cJSON_GetObjectItemCaseSensitive(answer, "capabilities");
	struct config_capabilities found;

	if (cJSON_GetArraySize(answer) != 2 || !cJSON_IsString(status) ||
	    !str_eq(status->valuestring, "Success") || !cJSON_IsObject(capabilities) ||
	    cJSON_GetArraySize(capabilities) != ARRAY_SIZE(CAPABILITIES))
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(CAPABILITIES); i++) {
		const char *name = CAPABILITIES[i].name;

		if (!cJSON_IsBool(cJSON_GetObjectItemCaseSensitive(capabilities, name)))
			return false;
		take_bool(capabilities, name, (bool *)((char *)&found + CAPABILITIES[i].offset));
	}
	*ret = found;
	return true;
}

static bool from_init_file(struct config_capabilities *ret)
{
	_cleanup_config_file_ struct config_file file = {0};
	_cleanup_json_ cJSON *json = NULL;
	struct error error = {0};

	if (config_file_beside(".init.json", &file, &error) < 0 || !file.text)
		return false;
	return json_parse(file.text, 2, &json, &error) >= 0 && take_answer(json, ret);
}

/* No secret comes with expandfs: without a keyring on the node its Failure would hold up the pod.
 * The keyring that may lie in /etc/ceph does not count, it is not known to be for this. */
static bool names_keyring(const cJSON *configuration)
{
	const cJSON *clusters = cJSON_GetObjectItemCaseSensitive(configuration, "clusters");
	const cJSON *cluster;

	cJSON_ArrayForEach(cluster, clusters) {
		const cJSON *keyring = cJSON_GetObjectItemCaseSensitive(cluster, "keyring");

		if (cJSON_IsString(keyring) && *keyring->valuestring)
			return true;
	}
	return false;
}

void capabilities_from(const cJSON *configuration, struct config_capabilities *ret)
{
	if (!from_init_file(ret))
		capabilities_said(configuration, ret);
}

void capabilities_said(const cJSON *configuration, struct config_capabilities *ret)
{
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(configuration, "capabilities");

	*ret = DEFAULTS;
	take_bool(configuration, "attach", &ret->attach);
	take_bool(said, "fsGroup", &ret->fs_group);
	take_bool(said, "selinuxRelabel", &ret->selinux_relabel);
	take_bool(said, "supportsMetrics", &ret->supports_metrics);
	ret->requires_fs_resize = names_keyring(configuration);
}
