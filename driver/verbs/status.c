/* SPDX-License-Identifier: Apache-2.0 */
/* status: every mapping of this node, from sysfs and mountinfo alone. */
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "fs/mountinfo.h"
#include "kernel/krbd.h"
#include "kubelet/json.h"
#include "verbs/status_metrics.h"
#include "verbs/verbs.h"

struct node {
	struct mappings mappings;
	struct mount_table table;
};

static void node_done(struct node *node)
{
	mappings_done(&node->mappings);
	mount_table_done(&node->table);
}

static int node_read(struct node *ret, struct error *error)
{
	int result = krbd_list(&ret->mappings, error);

	if (result == 0)
		result = mountinfo_read(0, &ret->table);
	return result < 0 ? error_errno(error, result, "read what is mapped and mounted") : 0;
}

/* ".../pods/<uid>/volumes/...": the uid, "" where the path has none. */
static const char *pod_of(const char *directory, char ret[64])
{
	const char *start = strstr(directory, "/pods/");
	const char *end;

	ret[0] = '\0';
	if (!start)
		return ret;
	start += strlen("/pods/");
	end = strchr(start, '/');
	if (end && end - start < 64)
		(void)snprintf(ret, 64, "%.*s", (int)(end - start), start);
	return ret;
}

const char *status_whose(const struct mapping *mapping)
{
	if (mapping_is_ours(mapping))
		return "driver";
	return str_starts(mapping->label, KRBD_LABEL_PREFIX_MANUAL) ? "manual" : "foreign";
}

/* Names of images that others made, and directories: one line, nothing that moves a cursor. */
static void print_row(struct text *row, struct text *output)
{
	output->failed |= row->failed;
	if (!row->data)
		return;
	str_one_line(row->data);
	text_printf(output, "%s\n", row->data);
}

static void print_text(const struct node *node, struct text *output)
{
	char name[IMAGE_TEXT_MAX], volume[KRBD_LABEL_MAX], pod[64], device[16];
	struct image_name image;

	text_printf(output, "%-10s %-24s %-20s %-8s %-5s %s\n", "DEVICE", "IMAGE", "VOLUME", "BY",
		    "MODE", "MOUNTED AT");
	for (size_t i = 0; i < node->mappings.count; i++) {
		const struct mapping *mapping = &node->mappings.list[i];
		const struct mount_entry *entry = NULL;
		_cleanup_text_ struct text row = {0};
		size_t mounts = 0;

		mapping_name(mapping, &image);
		(void)mapping_volume(mapping, volume);
		(void)snprintf(device, sizeof(device), "/dev/rbd%d", mapping->id);
		text_printf(&row, "%-10s %-24s %-20s %-8s %-5s", device,
			    image_name_text(&image, name), *volume ? volume : "-",
			    status_whose(mapping), mapping->read_only ? "ro" : "rw");
		while ((entry = mount_table_next_of(&node->table, mapping->device, entry))) {
			(void)pod_of(entry->directory, pod);
			text_printf(&row, "%s %s%s%s%s", mounts++ ? "," : "", entry->directory,
				    *pod ? " (pod " : "", pod, *pod ? ")" : "");
		}
		if (!mounts)
			text_printf(&row, " nowhere");
		print_row(&row, output);
	}
}

static cJSON *mounts_json(const struct node *node, const struct mapping *mapping)
{
	cJSON *mounts = cJSON_CreateArray();
	const struct mount_entry *entry = NULL;
	char pod[64];

	while ((entry = mount_table_next_of(&node->table, mapping->device, entry))) {
		cJSON *mount = cJSON_CreateObject();

		cJSON_AddStringToObject(mount, "directory", entry->directory);
		cJSON_AddBoolToObject(mount, "readOnly", entry->read_only);
		if (*pod_of(entry->directory, pod))
			cJSON_AddStringToObject(mount, "podUid", pod);
		cJSON_AddItemToArray(mounts, mount);
	}
	return mounts;
}

static cJSON *mapping_json(const struct node *node, const struct mapping *mapping)
{
	cJSON *object = cJSON_CreateObject();
	char volume[KRBD_LABEL_MAX], device[16];

	(void)snprintf(device, sizeof(device), "/dev/rbd%d", mapping->id);
	cJSON_AddStringToObject(object, "device", device);
	cJSON_AddStringToObject(object, "fsid", mapping->fsid);
	cJSON_AddStringToObject(object, "poolName", mapping->pool);
	cJSON_AddStringToObject(object, "namespace", mapping->name_space);
	cJSON_AddStringToObject(object, "imageName", mapping->image);
	cJSON_AddStringToObject(object, "snapshot", mapping->snapshot);
	cJSON_AddStringToObject(object, "volume", mapping_volume(mapping, volume));
	cJSON_AddStringToObject(object, "by", status_whose(mapping));
	cJSON_AddStringToObject(object, "user", mapping->user);
	cJSON_AddBoolToObject(object, "readOnly", mapping->read_only);
	cJSON_AddNumberToObject(object, "size", (double)mapping->size);
	cJSON_AddItemToObject(object, "mounts", mounts_json(node, mapping));
	return object;
}

static int print_json(const struct node *node, struct text *output, struct error *error)
{
	cJSON *root = cJSON_CreateObject();
	cJSON *list = cJSON_AddArrayToObject(root, "mappings");
	char *words;

	for (size_t i = 0; i < node->mappings.count; i++)
		cJSON_AddItemToArray(list, mapping_json(node, &node->mappings.list[i]));
	json_clean(root);
	words = cJSON_Print(root);
	cJSON_Delete(root);
	if (!words)
		return error_errno(error, -ENOMEM, "print the mappings");
	text_printf(output, "%s\n", words);
	cJSON_free(words);
	return 0;
}

int verb_status(const struct call *call, struct result *result, struct error *error)
{
	__attribute__((cleanup(node_done))) struct node node = {0};
	const char *form = call->argc > 0 ? call->argv[0] : "";
	bool json = str_eq(form, "--json"), metrics = str_eq(form, "--prometheus");
	int status;

	(void)result;
	if (call->argc > 1 || (call->argc == 1 && !json && !metrics)) {
		(void)error_set(error, -EINVAL, "status takes --json, --prometheus, or nothing");
		return VERB_WRONG_USE;
	}
	status = node_read(&node, error);
	if (status < 0)
		return status;
	if (json)
		return print_json(&node, call->output, error);
	if (metrics)
		status_metrics(&node.mappings, call->config->capabilities.attach, call->output);
	else
		print_text(&node, call->output);
	return 0;
}
