/* SPDX-License-Identifier: Apache-2.0 */
/* What a manifest may say: names as Kubernetes has them, options as a node would look at them. */
#include <errno.h>
#include <stdlib.h>

#include "ceph/features.h"
#include "fs/mkfs_options.h"
#include "fs/mount_options.h"
#include "kernel/map_options.h"
#include "kubelet/options.h"
#include "verbs/manifest.h"

#define LOWER     "abcdefghijklmnopqrstuvwxyz0123456789"
#define LABEL_MAX 63

/* RFC 1123: a-z 0-9 and - within, in labels with dots between them. */
static bool is_name(const char *name, bool dots)
{
	size_t length = strlen(name);

	if (!length || length > (dots ? MANIFEST_NAME_MAX : LABEL_MAX) ||
	    name[strspn(name, LOWER "-.")])
		return false;
	while (length) {
		size_t label = strcspn(name, ".");

		if (!label || name[0] == '-' || name[label - 1] == '-')
			return false;
		if (label == length)
			return true;
		if (!dots)
			return false;
		name += label + 1;
		length -= label + 1;
	}
	return false;
}

int manifest_check_name(const char *what, const char *name, struct error *error)
{
	if (is_name(name, true))
		return 0;
	return error_set(error, -EINVAL,
			 "%s: \"%.260s\" is no name of Kubernetes: 1 to 253 characters a-z 0-9 - "
			 ". that begin and end with a letter or a digit",
			 what, name);
}

int manifest_check_label(const char *what, const char *name, struct error *error)
{
	if (is_name(name, false))
		return 0;
	return error_set(error, -EINVAL,
			 "%s: \"%.260s\" is no namespace of Kubernetes: 1 to 63 characters a-z 0-9 "
			 "- that begin and end with a letter or a digit",
			 what, name);
}

static int check_lists(const struct options *options, struct error *error)
{
	uint64_t features;
	int r = image_features_parse(options->features, &features, error);

	if (r >= 0)
		r = mkfs_options_check(options->fs_type, options->mkfs_options, error);
	if (r >= 0)
		r = mount_options_check(options->fs_type, options->mount_options, error);
	if (r >= 0)
		r = map_options_check(options->map_options, error);
	return r;
}

int manifest_check_options(const cJSON *options, const char *fs_type, const char *volume,
			   struct error *error)
{
	_cleanup_options_ struct options parsed;
	cJSON *sent = cJSON_Duplicate(options, true);
	char *json = NULL;
	int r;

	options_init(&parsed);
	/* as the kubelet sends them */
	if (sent && cJSON_AddStringToObject(sent, "kubernetes.io/fsType", fs_type) &&
	    cJSON_AddStringToObject(sent, "kubernetes.io/pvOrVolumeName", volume))
		json = cJSON_PrintUnformatted(sent);
	cJSON_Delete(sent);
	if (!json)
		return error_errno(error, -ENOMEM, "volume %.253s", volume);
	r = options_parse(json, &parsed, error);
	cJSON_free(json);
	if (r >= 0)
		r = check_lists(&parsed, error);
	return r < 0 ? error_prefix(error, "volume %.253s", volume) : 0;
}
