/* SPDX-License-Identifier: Apache-2.0 */
/* image record show and clear (design §5), image watchers. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/table.h"
#include "ceph/manage_change.h"
#include "ceph/manage_image.h"

#define NOTIFY_TIMEOUT 2000 /* ms: a living watcher acknowledges in milliseconds */

static int open_info(struct admin *admin, struct target *target, struct image_info *info,
		     struct error *error)
{
	int result = admin_open(admin, 0, TARGET_IMAGE, target, error);

	return result ? result : image_info(admin->cluster, &target->name, info, error);
}

int admin_record_show(struct admin *admin, struct error *error)
{
	struct image_info info;
	struct target target;
	cJSON *json, *records;
	int result = open_info(admin, &target, &info, error);

	if (result)
		return result;
	admin_say(admin, "format  %s", *info.record_format ? info.record_format : "none");
	admin_say(admin, "holder  %s", *info.record_holder ? info.record_holder : "none");
	if (!admin->json)
		return 0;
	json = json_of_target(&target);
	records = cJSON_AddObjectToObject(json, "records");
	cJSON_AddStringToObject(records, "format", info.record_format);
	cJSON_AddStringToObject(records, "holder", info.record_holder);
	return json_print(admin, json, error);
}

static int clear(struct admin *admin, const struct target *target, const char *what,
		 const char *record, struct error *error)
{
	int result = image_clear_record(admin->cluster, &target->name, record, error);

	if (result >= 0)
		admin_say(admin, "%s: %s of its %s", target->text,
			  result ? "no record any longer" : "there was no record", what);
	return result < 0 ? result : 0;
}

/* What each record keeps from happening (design §5 rules 1 and 3). */
static int confirm_clear(struct admin *admin, const struct target *target, bool format, bool holder,
			 struct error *error)
{
	char question[IMAGE_TEXT_MAX + 512];

	(void)snprintf(question, sizeof(question), "%s%sClear the record of image %s?",
		       format ? "Without the format's, a first format that was cut off is not "
				"taken up again, and an image that was formatted once and lost "
				"all its data is formatted again. "
			      : "",
		       holder ? "Without the holder's, a lost node is not fenced: what it still "
				"writes can destroy the file system. "
			      : "",
		       target->text);
	return admin_confirm(admin, question, error);
}

int admin_record_clear(struct admin *admin, struct error *error)
{
	const bool one = arguments_have(&admin->arguments, FLAG_FORMAT),
		   other = arguments_have(&admin->arguments, FLAG_HOLDER);
	const bool format = one || !other, holder = other || !one;
	struct target target;
	int result = admin_open(admin, 0, TARGET_IMAGE, &target, error);

	/* whoever has it mounted would be without protection from now on */
	if (result == 0)
		result = admin_refuse_mapped(admin, &target.name, error);
	if (result == 0)
		result = confirm_clear(admin, &target, format, holder, error);
	if (result == 0)
		result = admin_hold(admin, &target.name, error);
	if (result == 0 && format)
		result = clear(admin, &target, "format", IMAGE_RECORD_FORMAT, error);
	if (result == 0 && holder)
		result = clear(admin, &target, "holder", IMAGE_RECORD_HOLDER, error);
	return result || !admin->json ? result : json_print(admin, json_of_target(&target), error);
}

/* Those that the notify has found have no addresses, those of image_info() do. */
static const char *address_of(const struct image_info *info, const struct watcher *watcher)
{
	for (size_t i = 0; i < info->watchers.count; i++)
		if (info->watchers.list[i].client == watcher->client &&
		    *info->watchers.list[i].address)
			return info->watchers.list[i].address;
	return "unknown";
}

static int print_watchers(struct admin *admin, const struct target *target,
			  const struct image_info *info, const struct watchers *watchers,
			  struct error *error)
{
	static const char *const HEADS[] = {">CLIENT", "ADDRESS", "WHAT", "ANSWERS", NULL};
	cJSON *json = json_of_target(target), *list = cJSON_AddArrayToObject(json, "watchers");
	struct table table;

	table_begin(&table, HEADS);
	for (size_t i = 0; i < watchers->count; i++) {
		const struct watcher *watcher = &watchers->list[i];
		const char *address = address_of(info, watcher);
		cJSON *one = cJSON_CreateObject();

		json_add_number(one, "client", watcher->client);
		cJSON_AddStringToObject(one, "address", address);
		cJSON_AddBoolToObject(one, "kernel", watcher->kernel);
		cJSON_AddBoolToObject(one, "alive", watcher->alive);
		cJSON_AddItemToArray(list, one);
		table_cell(&table, "%" PRIu64, watcher->client);
		table_cell(&table, "%s", address);
		table_cell(&table, "%s", watcher->kernel ? "a kernel mapping" : "a librbd program");
		table_cell(&table, "%s", watcher->alive ? "yes" : "no");
	}
	if (admin->json) {
		text_done(&table.cells);
		return json_print(admin, json, error);
	}
	cJSON_Delete(json);
	table_end(&table, admin->output);
	return 0;
}

int admin_image_watchers(struct admin *admin, struct error *error)
{
	struct watchers watchers;
	struct image_info info;
	struct target target;
	int result = open_info(admin, &target, &info, error);

	if (result == 0)
		result = cluster_use_pool(admin->cluster, target.pool, target.name_space, error);
	if (result == 0)
		result = watchers_ask(admin->cluster, info.id, NOTIFY_TIMEOUT, &watchers, error);
	return result ? result : print_watchers(admin, &target, &info, &watchers, error);
}
