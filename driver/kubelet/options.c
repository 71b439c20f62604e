/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/options.h"

#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "kubelet/json.h"
#include "kubelet/options_rules.h"

static int take(const struct options_rule *rule, struct options *options, const cJSON *item,
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
	const char *names[OPTIONS_RULES_MAX + 1] = {NULL};
	_cleanup_text_ struct text list = {0};
	char shown[101];

	options_names(names);
	for (size_t i = 0; names[i]; i++)
		text_printf(&list, "%s%s", i ? ", " : "", names[i]);
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
	struct options_memory *memory = options->memory;
	const struct options_rule *rule;
	const char *name;

	if (!str_starts(item->string, OPTIONS_KUBELET_PREFIX))
		return 0;
	name = item->string + strlen(OPTIONS_KUBELET_PREFIX);
	if (str_starts(name, SECRET_PREFIX))
		return secret_take(&memory->secret, name + strlen(SECRET_PREFIX), item->valuestring,
				   error);
	rule = options_kubelet_rule(name);
	if (!rule || (!*item->valuestring && !rule->take))
		return 0;
	return take(rule, options, item, error);
}

static int take_item(struct options *options, const cJSON *item, struct error *error)
{
	const struct options_rule *rule = options_rule(item->string);

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

/* How a missing image is made; a missing snapshot is never made. */
static int check_snapshot(const struct options *options, struct error *error)
{
	const struct {
		const char *name;
		bool given;
	} makers[] = {
		{"size", options->size_given},           {"parent", *options->parent.image},
		{"dataPool", *options->data_pool},       {"features", *options->features},
		{"mkfsOptions", *options->mkfs_options},
	};

	for (size_t i = 0; i < ARRAY_SIZE(makers); i++) {
		if (!makers[i].given)
			continue;
		error_set(error, -EINVAL,
			  "%s: it cannot be given with a snapshot (%s@%s), which is never made, "
			  "grown or formatted",
			  makers[i].name, options->image.image, options->image.snapshot);
		return error_advise(error, "leave out %s, or snapshot", makers[i].name);
	}
	return 0;
}

/* Not said: where the image itself is. */
static int complete_parent(struct options *options, struct error *error)
{
	struct image_name *parent = &options->parent;

	if (!*parent->pool) {
		parent->pool = options->image.pool;
		parent->name_space = options->image.name_space;
	}
	if (str_eq(parent->pool, options->image.pool) &&
	    str_eq(parent->name_space, options->image.name_space) &&
	    str_eq(parent->image, options->image.image))
		return error_set(error, -EINVAL,
				 "parent: image %s cannot be made as a clone of itself",
				 options->image.image);
	return 0;
}

static void complete_secret(struct options *options)
{
	struct options_memory *memory = options->memory;
	const char *user;

	options->secret_key = memory->secret.key;
	options->secret_user = memory->secret.user;
	user = *options->secret_user ? options->secret_user : options->user;
	if (*user)
		snprintf(memory->default_keyring, sizeof(memory->default_keyring),
			 "/etc/ceph/ceph.client.%s.keyring", user);
	options->default_keyring = memory->default_keyring;
}

/* What follows from several keys together. */
static int complete(struct options *options, struct error *error)
{
	int r = 0;

	if (!*options->image.image)
		return error_set(error, -EINVAL, "image: it is missing: name the RBD image");
	complete_secret(options);
	if (*options->image.snapshot) {
		options->read_only = true;
		r = check_snapshot(options, error);
	}
	if (r >= 0 && *options->parent.image)
		r = complete_parent(options, error);
	return r;
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
	struct options_memory *memory;
	const cJSON *item;
	int r;

	options_init(ret);
	ret->image.pool = OPTIONS_DEFAULT_POOL;
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
	struct options_memory *memory = options->memory;

	if (memory) {
		json_done(memory->json);
		explicit_bzero(memory, sizeof(*memory));
		free(memory);
	}
	options_init(options);
}
