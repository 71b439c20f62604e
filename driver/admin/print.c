/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "admin/admin.h"
#include "ceph/features.h"
#include "kubelet/json.h"

const char *admin_time(int64_t seconds, char ret[TIME_TEXT_MAX])
{
	const time_t when = seconds;
	struct tm tm;

	if (!seconds || !gmtime_r(&when, &tm) || !strftime(ret, TIME_TEXT_MAX, "%F %T", &tm))
		(void)str_copy(ret, TIME_TEXT_MAX, "-");
	return ret;
}

void line_vprint(struct text *output, const char *format, va_list arguments)
{
	_cleanup_free_ char *words = NULL;

	if (vasprintf(&words, format, arguments) < 0) {
		words = NULL;
		output->failed = true;
		return;
	}
	str_one_line(words);
	text_printf(output, "%s\n", words);
}

void line_print(struct text *output, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	line_vprint(output, format, arguments);
	va_end(arguments);
}

/* Up to 2^53, 8 PiB, exact. */
void json_add_number(cJSON *object, const char *key, uint64_t number)
{
	cJSON_AddNumberToObject(object, key, (double)number);
}

cJSON *json_of_target(const struct target *target)
{
	cJSON *object = cJSON_CreateObject();

	cJSON_AddStringToObject(object, "poolName", target->pool);
	if (*target->name_space)
		cJSON_AddStringToObject(object, "namespace", target->name_space);
	if (*target->image)
		cJSON_AddStringToObject(object, "imageName", target->image);
	if (*target->snapshot)
		cJSON_AddStringToObject(object, "snapshot", target->snapshot);
	return object;
}

void json_add_features(cJSON *object, uint64_t features)
{
	cJSON *list = cJSON_AddArrayToObject(object, "features");
	char names[512], *name, *rest = names;

	(void)image_features_text(features, names, sizeof(names));
	while ((name = strsep(&rest, ",")))
		if (*name)
			cJSON_AddItemToArray(list, cJSON_CreateString(name));
}

int json_print(struct admin *admin, cJSON *json, struct error *error)
{
	char *line;

	json_clean(json);
	line = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	if (!line)
		return error_errno(error, -ENOMEM, "print JSON");
	text_printf(admin->output, "%s\n", line);
	cJSON_free(line);
	return 0;
}

int admin_done(struct admin *admin, const struct target *target, const char *said,
	       struct error *error)
{
	admin_say(admin, "%s: %s", target->text, said);
	return admin->json ? json_print(admin, json_of_target(target), error) : 0;
}
