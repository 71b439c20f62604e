/* SPDX-License-Identifier: Apache-2.0 */
/* What an administrator asks at a shell: gc. */
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "kubelet/json.h"
#include "verbs/verbs.h"
#include "volume/orphans.h"

#define GC_DEADLINE 60000

static const struct mapping *mapping_of(const struct mappings *mappings, int id)
{
	for (size_t i = 0; i < mappings->count; i++)
		if (mappings->list[i].id == id)
			return &mappings->list[i];
	return NULL;
}

/* `before`: what was mapped then; of one that is gone nothing else tells the image. */
static cJSON *orphan_json(const struct orphan *orphan, const struct mappings *before)
{
	const struct mapping *mapping = mapping_of(before, orphan->id);
	cJSON *json = cJSON_CreateObject();
	char device[24], volume[KRBD_LABEL_MAX];

	(void)snprintf(device, sizeof(device), "/dev/rbd%d", orphan->id);
	cJSON_AddStringToObject(json, "device", device);
	if (mapping) {
		cJSON_AddStringToObject(json, "volume", mapping_volume(mapping, volume));
		cJSON_AddStringToObject(json, "poolName", mapping->pool);
		if (*mapping->name_space)
			cJSON_AddStringToObject(json, "namespace", mapping->name_space);
		cJSON_AddStringToObject(json, "imageName", mapping->image);
	}
	cJSON_AddBoolToObject(json, "removed", orphan->removed);
	if (!orphan->removed)
		cJSON_AddStringToObject(json, "why", orphan->why);
	return json;
}

static void print_json(const struct orphans_done *done, const struct mappings *before,
		       struct text *output)
{
	cJSON *json = cJSON_CreateObject(), *list;
	char *line;

	cJSON_AddNumberToObject(json, "removed", (double)done->removed);
	cJSON_AddNumberToObject(json, "left", (double)(done->held + done->left));
	list = cJSON_AddArrayToObject(json, "orphans");
	for (size_t i = 0; i < done->count; i++)
		cJSON_AddItemToArray(list, orphan_json(&done->list[i], before));
	json_clean(json);
	line = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	output->failed |= !line;
	if (line)
		text_printf(output, "%s\n", line);
	cJSON_free(line);
}

int verb_gc(const struct call *call, struct result *result, struct error *error)
{
	const bool json = call->argc == 1 && str_eq(call->argv[0], "--json");
	_cleanup_mappings_ struct mappings before = {0};
	struct orphans_done done;
	int status;

	(void)result;
	if (call->argc && !json) {
		(void)error_set(error, -EINVAL, "gc takes --json, or nothing");
		return VERB_WRONG_USE;
	}
	status = json ? krbd_list(&before, error) : 0;
	if (status == 0)
		status = orphans_remove(NULL, deadline_in(GC_DEADLINE), &done, error);
	if (status < 0)
		return error_prefix(error, "remove orphaned mappings");
	str_one_line(done.text);
	if (json)
		print_json(&done, &before, call->output);
	else
		text_printf(call->output, "%zu removed, %zu left%s%s\n", done.removed,
			    done.held + done.left, *done.text ? ": " : "", done.text);
	return done.left ? 1 : 0;
}
