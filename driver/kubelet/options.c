/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "kubelet/json.h"
#include "kubelet/secret.h"

#define KUBELET_PREFIX "kubernetes.io/"

struct memory {
	cJSON *json; /* the strings of struct options are its strings */
	struct secret secret;
	char default_keyring[160];
};

/* One key that may stand in the JSON: a text with a grammar, or a function that takes it. */
struct rule {
	const char *name;
	size_t offset; /* of a const char * in struct options */
	grammar_function grammar;
	int (*take)(struct options *options, const char *value, struct error *error);
};

static int take_fsid(struct options *options, const char *value, struct error *error)
{
	struct memory *memory = options->memory;
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
	return options_parse_size(value, &options->size, error);
}

static int take_guard(struct options *options, const char *value, struct error *error)
{
	if (str_eq(value, "watchers"))
		options->guard = GUARD_WATCHERS;
	else if (str_eq(value, "none"))
		options->guard = GUARD_NONE;
	else if (str_eq(value, "exclusive"))
		return error_set(error, -EINVAL,
				 "guard: \"exclusive\" is not built in this version: watchers or "
				 "none can be given");
	else
		return error_set(error, -EINVAL, "guard: \"%.120s\" is not watchers or none",
				 value);
	return 0;
}

static int take_fs_type(struct options *options, const char *value, struct error *error)
{
	if (*value && !str_eq(value, "ext4"))
		return error_set(
			error, -EINVAL,
			"fsType: \"%.120s\" is not built in this version: ext4 can be given, "
			"or nothing",
			value);
	return 0;
}

static int take_readwrite(struct options *options, const char *value, struct error *error)
{
	if (str_eq(value, "ro"))
		options->read_only = true;
	else if (*value && !str_eq(value, "rw"))
		return error_set(error, -EINVAL,
				 KUBELET_PREFIX "readwrite: \"%.120s\" is not ro or rw", value);
	return 0;
}

#define TEXT(member, grammar) offsetof(struct options, member), grammar, NULL
#define TAKE(function)        0, NULL, function

static const struct rule OPTIONS[] = {
	{"cluster", TEXT(cluster, grammar_name)},
	{"fsid", TAKE(take_fsid)},
	{"monitors", TEXT(monitors, grammar_monitors)},
	{"user", TEXT(user, grammar_user)},
	{"keyring", TEXT(keyring, grammar_path)},
	{"pool", TEXT(image.pool, grammar_image)},
	{"image", TEXT(image.image, grammar_image)},
	{"readOnly", TAKE(take_read_only)},
	{"size", TAKE(take_size)},
	{"guard", TAKE(take_guard)},
};

/* Behind KUBELET_PREFIX; these may be empty. What else the kubelet sends is not needed. */
static const struct rule KUBELET[] = {
	{"fsType", TAKE(take_fs_type)},
	{"readwrite", TAKE(take_readwrite)},
	{"pvOrVolumeName", TEXT(volume, grammar_name)},
	{"pod.name", TEXT(pod_name, grammar_name)},
	{"pod.namespace", TEXT(pod_namespace, grammar_name)},
	{"pod.uid", TEXT(pod_uid, grammar_name)},
};

static const struct rule *find(const struct rule *rules, size_t count, const char *name)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(rules[i].name, name))
			return &rules[i];
	return NULL;
}

static int take(const struct rule *rule, struct options *options, const cJSON *item,
		struct error *error)
{
	int r;

	if (rule->take)
		return rule->take(options, item->valuestring, error);
	r = grammar_check(rule->grammar, item->string, item->valuestring, error);
	if (r < 0)
		return r;
	*(const char **)((char *)options + rule->offset) = item->valuestring;
	return 0;
}

static int unknown(const char *name, struct error *error)
{
	const char *names[ARRAY_SIZE(OPTIONS) + 1] = {NULL};
	_cleanup_text_ struct text list = {0};
	char shown[101];

	for (size_t i = 0; i < ARRAY_SIZE(OPTIONS); i++) {
		names[i] = OPTIONS[i].name;
		text_printf(&list, "%s%s", i ? ", " : "", names[i]);
	}
	snprintf(shown, sizeof(shown), "%s", name);
	str_one_line(shown);
	error_set(error, -EINVAL, "unknown option \"%s\", the nearest known one is \"%s\"", shown,
		  grammar_nearest(shown, names));
	return error_advise(error, "options that can be given: %s", list.data ? list.data : "");
}

/* "kubernetes.io/x", "a.k8s.io/x": people cannot write these (Kubernetes' validation of a
 * FlexVolume's options), a later kubelet may send new ones. */
static bool is_kubernetes(const char *key)
{
	static const char *const DOMAINS[] = {"kubernetes.io", "k8s.io"};
	size_t length = strcspn(key, "/");

	if (!key[length])
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(DOMAINS); i++) {
		size_t domain = strlen(DOMAINS[i]);

		if (length >= domain && !strncmp(key + length - domain, DOMAINS[i], domain) &&
		    (length == domain || key[length - domain - 1] == '.'))
			return true;
	}
	return false;
}

static int take_kubernetes(struct options *options, const cJSON *item, struct error *error)
{
	struct memory *memory = options->memory;
	const struct rule *rule;
	const char *name;

	if (!str_starts(item->string, KUBELET_PREFIX))
		return 0;
	name = item->string + strlen(KUBELET_PREFIX);
	if (str_starts(name, SECRET_PREFIX))
		return secret_take(&memory->secret, name + strlen(SECRET_PREFIX), item->valuestring,
				   error);
	rule = find(KUBELET, ARRAY_SIZE(KUBELET), name);
	if (!rule || (!*item->valuestring && !rule->take))
		return 0;
	return take(rule, options, item, error);
}

static int take_item(struct options *options, const cJSON *item, struct error *error)
{
	const struct rule *rule = find(OPTIONS, ARRAY_SIZE(OPTIONS), item->string);

	if (!rule && !is_kubernetes(item->string))
		return unknown(item->string, error);
	if (!cJSON_IsString(item))
		return error_set(error, -EINVAL, "%.100s: %s, a string was expected", item->string,
				 json_kind(item));
	if (!rule)
		return take_kubernetes(options, item, error);
	if (!*item->valuestring)
		return error_set(error, -EINVAL, "%s: it is empty: give it a value or leave it out",
				 rule->name);
	return take(rule, options, item, error);
}

/* What follows from several keys together. */
static int complete(struct options *options, struct error *error)
{
	struct memory *memory = options->memory;
	const char *user;

	if (!*options->image.image)
		return error_set(error, -EINVAL, "image: it is missing: name the RBD image");
	options->secret_key = memory->secret.key;
	options->secret_user = memory->secret.user;
	user = *options->secret_user ? options->secret_user : options->user;
	if (*user)
		snprintf(memory->default_keyring, sizeof(memory->default_keyring),
			 "/etc/ceph/ceph.client.%s.keyring", user);
	options->default_keyring = memory->default_keyring;
	return 0;
}

void options_init(struct options *ret)
{
	*ret = (struct options){
		.image = {.pool = "", .name_space = "", .image = "", .snapshot = ""},
		.volume = "",
		.fs_type = "",
		.cluster = "",
		.fsid = "",
		.monitors = "",
		.user = "",
		.keyring = "",
		.data_pool = "",
		.parent = {.pool = "", .name_space = "", .image = "", .snapshot = ""},
		.features = "",
		.mkfs_options = "",
		.mount_options = "",
		.map_options = "",
		.secret_key = "",
		.secret_user = "",
		.default_keyring = "",
		.pod_name = "",
		.pod_namespace = "",
		.pod_uid = "",
	};
}

int options_parse(const char *json, struct options *ret, struct error *error)
{
	struct memory *memory;
	const cJSON *item;
	int r;

	options_init(ret);
	ret->image.pool = "rbd";
	ret->fs_type = "ext4";
	ret->memory = memory = calloc(1, sizeof(*memory));
	if (!memory)
		return error_set(error, -ENOMEM, "options: not enough memory");
	r = json_parse(json, 1, &memory->json, error);
	if (r < 0)
		return error_prefix(error, "options");
	cJSON_ArrayForEach(item, memory->json) {
		r = take_item(ret, item, error);
		if (r < 0)
			return r;
	}
	return complete(ret, error);
}

void options_done(struct options *options)
{
	struct memory *memory = options->memory;

	if (memory) {
		json_done(memory->json);
		explicit_bzero(memory, sizeof(*memory));
		free(memory);
	}
	options_init(options);
}
