/* SPDX-License-Identifier: Apache-2.0 */
/* Runs a driver's init, as the kubelet would. */
#include <cjson/cJSON.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/spawn.h"
#include "installer/tree.h"
#include "installer/versions.h"

#define TRIAL_DEADLINE 30000

static bool take(const cJSON *capabilities, const char *name, bool *ret)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(capabilities, name);

	*ret = cJSON_IsTrue(item);
	return cJSON_IsBool(item);
}

static bool understand(const char *answer, struct config_capabilities *ret)
{
	cJSON *json = cJSON_ParseWithOpts(answer, NULL, 1);
	const cJSON *status = cJSON_GetObjectItemCaseSensitive(json, "status");
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(json, "capabilities");
	bool good = cJSON_IsString(status) && str_eq(status->valuestring, "Success") &&
		    take(said, "attach", &ret->attach) && take(said, "fsGroup", &ret->fs_group) &&
		    take(said, "selinuxRelabel", &ret->selinux_relabel) &&
		    take(said, "supportsMetrics", &ret->supports_metrics) &&
		    take(said, "requiresFSResize", &ret->requires_fs_resize);

	cJSON_Delete(json);
	return good;
}

int trial_init(const char *directory, const char *launcher, struct config_capabilities *ret,
	       struct error *error)
{
	char path[PATH_MAX];
	const char *const argv[] = {path, "init", NULL};
	const struct spawn spawn = {
		.argv = argv, .deadline = deadline_in(TRIAL_DEADLINE), .beginning = true};
	struct spawn_result result;
	int r;

	*ret = (struct config_capabilities){0};
	if (snprintf(path, sizeof(path), "%s/%s", directory, launcher) >= (int)sizeof(path))
		return error_errno(error, -ENAMETOOLONG, "%.200s", directory);
	r = spawn_run(&spawn, &result, error);
	if (r < 0)
		return r;
	if (result.exit_code == 0 && understand(result.output, ret))
		return 0;
	return error_set(error, -ENOEXEC, "%s init: exit status %d, its answer: %.500s", path,
			 result.exit_code, *result.output ? result.output : "none");
}

int trial_read(int version, struct config_capabilities *ret)
{
	_cleanup_close_ int fd =
		openat(version, STATE_INIT, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	char text[1024];
	ssize_t length = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	if (length < 0)
		return -errno;
	text[length] = '\0';
	return understand(text, ret) ? 0 : -EBADMSG;
}
