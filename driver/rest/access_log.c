/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/access_log.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>
#include <time.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kubelet/json.h"
#include "rest/say.h"

#define LINE_MAX_BYTES 4000 /* see say_line() */
#define PATH_SHOWN     200
#define NAME_SHOWN     200 /* bytes; no image that is made here has more */

static void add_time(cJSON *json)
{
	char text[40], whole[64];
	struct timespec now;
	struct tm parts;

	clock_gettime(CLOCK_REALTIME, &now);
	gmtime_r(&now.tv_sec, &parts);
	(void)strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &parts);
	(void)snprintf(whole, sizeof(whole), "%s.%03ldZ", text, now.tv_nsec / 1000000);
	cJSON_AddStringToObject(json, "time", whole);
}

static void add_given(cJSON *json, const char *name, const char *value)
{
	if (!str_empty(value))
		cJSON_AddStringToObject(json, name, value);
}

/* What was sent may be as long as a request: it does not keep the line out of the log. */
static void add_name(cJSON *json, const char *name, const char *value)
{
	char shown[NAME_SHOWN + 1];

	(void)snprintf(shown, sizeof(shown), "%.*s",
		       (int)utf8_prefix(value ? value : "", NAME_SHOWN), value ? value : "");
	add_given(json, name, shown);
}

static cJSON *describe(const struct access_line *line)
{
	cJSON *json = cJSON_CreateObject();
	char path[PATH_SHOWN + 1] = "", milliseconds[32];

	add_time(json);
	strncpy(path, line->path, PATH_SHOWN);
	add_given(json, "client", line->client);
	add_given(json, "user", line->user);
	add_given(json, "method", line->method);
	cJSON_AddStringToObject(json, "path", path);
	add_name(json, "pool", line->pool);
	add_name(json, "image", line->image);
	cJSON_AddNumberToObject(json, "status", line->status);
	cJSON_AddNumberToObject(json, "bytes", (double)line->bytes);
	(void)snprintf(milliseconds, sizeof(milliseconds), "%.2f",
		       (double)line->microseconds / 1000);
	cJSON_AddRawToObject(json, "ms", milliseconds);
	return json;
}

int access_log(const struct access_line *line)
{
	cJSON *json = describe(line);
	char *printed;
	int r = -EAGAIN;

	json_clean(json);
	printed = cJSON_PrintUnformatted(json);
	cJSON_Delete(json);
	if (printed && strlen(printed) < LINE_MAX_BYTES) {
		size_t length = strlen(printed);

		printed[length] = '\n'; /* in the place of the 0: the length is said */
		r = say_line(STDOUT_FILENO, printed, length + 1);
	}
	cJSON_free(printed);
	return r;
}
