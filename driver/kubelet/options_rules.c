/* SPDX-License-Identifier: Apache-2.0 */
/* Each option and each key of the kubelet: its grammar, and where it goes. */
#include "kubelet/options_rules.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/str.h"

static int take_fsid(struct options *options, const char *value, struct error *error)
{
	struct options_memory *memory = options->memory;
	cJSON *item = cJSON_GetObjectItemCaseSensitive(memory->json, "fsid");
	int r = grammar_check(grammar_uuid, "fsid", value, error);

	if (r < 0)
		return r;
	grammar_lower(item->valuestring);
	options->fsid = item->valuestring;
	return 0;
}

static int take_read_only(struct options *options, const char *value, struct error *error)
{
	if (str_eq(value, "true"))
		options->read_only = true;
	else if (!str_eq(value, "false"))
		return error_set(error, -EINVAL, "readOnly: \"%.120s\" is not true or false",
				 value);
	return 0;
}

static int take_size(struct options *options, const char *value, struct error *error)
{
	options->size_given = true;
	return options_parse_size(value, &options->size, error);
}

static const char *const GUARDS[] = {
	[GUARD_WATCHERS] = "watchers",
	[GUARD_EXCLUSIVE] = "exclusive",
	[GUARD_NONE] = "none",
};

const char *options_guard_name(enum guard guard)
{
	return GUARDS[guard];
}

static int take_guard(struct options *options, const char *value, struct error *error)
{
	for (size_t i = 0; i < ARRAY_SIZE(GUARDS); i++)
		if (str_eq(value, GUARDS[i])) {
			options->guard = (enum guard)i;
			options->guard_given = true;
			return 0;
		}
	return error_set(error, -EINVAL, "guard: \"%.120s\" is not watchers, exclusive or none",
			 value);
}

/* [pool/[namespace/]]image@snap, as `rbd` writes it: with a pool and no namespace it is in that
 * pool's default namespace. */
static int take_parent(struct options *options, const char *value, struct error *error)
{
	struct options_memory *memory = options->memory;
	char *part[3] = {NULL}, *rest = memory->parent, *snapshot;
	size_t parts = 0;
	bool right = str_copy(memory->parent, sizeof(memory->parent), value) >= 0;

	snapshot = strchr(memory->parent, '@');
	if (snapshot)
		*snapshot++ = '\0';
	while (right && rest && parts < ARRAY_SIZE(part))
		part[parts++] = strsep(&rest, "/");
	right = right && !rest && snapshot && !grammar_image(snapshot);
	for (size_t i = 0; right && i < parts; i++)
		right = !grammar_image(part[i]);
	if (!right)
		return error_set(
			error, -EINVAL,
			"parent: \"%.120s\" is not the snapshot of an image: write "
			"[pool/[namespace/]]image@snapshot, each a name of characters A-Z a-z "
			"0-9 . _ -, not starting with -",
			value);
	options->parent = (struct image_name){.pool = parts > 1 ? part[0] : "",
					      .name_space = parts > 2 ? part[1] : "",
					      .image = part[parts - 1],
					      .snapshot = snapshot};
	return 0;
}

static int take_features(struct options *options, const char *value, struct error *error)
{
	options->features = value;
	return grammar_list_check(grammar_feature, "features", value, error);
}

static int take_mkfs_options(struct options *options, const char *value, struct error *error)
{
	options->mkfs_options = value;
	return grammar_list_check(grammar_setting, "mkfsOptions", value, error);
}

static int take_mount_options(struct options *options, const char *value, struct error *error)
{
	options->mount_options = value;
	return grammar_list_check(grammar_setting, "mountOptions", value, error);
}

static int take_map_options(struct options *options, const char *value, struct error *error)
{
	options->map_options = value;
	return grammar_list_check(grammar_setting, "mapOptions", value, error);
}

static int take_fs_type(struct options *options, const char *value, struct error *error)
{
	static const char *const TYPES[] = {"ext4", "xfs"};

	if (!*value)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(TYPES); i++)
		if (str_eq(value, TYPES[i])) {
			options->fs_type = TYPES[i];
			return 0;
		}
	return error_set(error, -EINVAL,
			 "fsType: \"%.120s\" is not a file system of this driver: ext4 or xfs can "
			 "be given, or nothing",
			 value);
}

static int take_readwrite(struct options *options, const char *value, struct error *error)
{
	if (str_eq(value, "ro"))
		options->read_only = true;
	else if (*value && !str_eq(value, "rw"))
		return error_set(error, -EINVAL,
				 OPTIONS_KUBELET_PREFIX "readwrite: \"%.120s\" is not ro or rw",
				 value);
	return 0;
}

#define TEXT(member, grammar) offsetof(struct options, member), grammar, NULL
#define TAKE(function)        0, NULL, function

static const struct options_rule OPTIONS[] = {
	{"cluster", TEXT(cluster, grammar_name)},
	{"fsid", TAKE(take_fsid)},
	{"monitors", TEXT(monitors, grammar_monitors)},
	{"user", TEXT(user, grammar_user)},
	{"keyring", TEXT(keyring, grammar_path)},
	{"pool", TEXT(image.pool, grammar_image)},
	{"namespace", TEXT(image.name_space, grammar_image)},
	{"image", TEXT(image.image, grammar_image)},
	{"snapshot", TEXT(image.snapshot, grammar_image)},
	{"readOnly", TAKE(take_read_only)},
	{"size", TAKE(take_size)},
	{"dataPool", TEXT(data_pool, grammar_image)},
	{"parent", TAKE(take_parent)},
	{"features", TAKE(take_features)},
	{"mkfsOptions", TAKE(take_mkfs_options)},
	{"mountOptions", TAKE(take_mount_options)},
	{"mapOptions", TAKE(take_map_options)},
	{"guard", TAKE(take_guard)},
};

/* Behind OPTIONS_KUBELET_PREFIX; these may be empty. What else the kubelet sends is not needed. */
static const struct options_rule KUBELET[] = {
	{"fsType", TAKE(take_fs_type)},
	{"readwrite", TAKE(take_readwrite)},
	{"pvOrVolumeName", TEXT(volume, grammar_name)},
	{"pod.name", TEXT(pod_name, grammar_name)},
	{"pod.namespace", TEXT(pod_namespace, grammar_name)},
	{"pod.uid", TEXT(pod_uid, grammar_name)},
};

static const struct options_rule *find(const struct options_rule *rules, size_t count,
				       const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(rules[i].name, name))
			return &rules[i];
	return NULL;
}

const struct options_rule *options_rule(const char *name)
{
	return find(OPTIONS, ARRAY_SIZE(OPTIONS), name);
}

const struct options_rule *options_kubelet_rule(const char *name)
{
	return find(KUBELET, ARRAY_SIZE(KUBELET), name);
}

void options_names(const char *ret[OPTIONS_RULES_MAX + 1])
{
	_Static_assert(ARRAY_SIZE(OPTIONS) <= OPTIONS_RULES_MAX, "options_names() has the room");
	size_t count = 0;

	for (; count < ARRAY_SIZE(OPTIONS); count++)
		ret[count] = OPTIONS[count].name;
	ret[count] = NULL;
}
