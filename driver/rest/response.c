/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/response.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "kubelet/json.h"

void response_done(struct response *response)
{
	text_done(&response->body);
	*response = (struct response){0};
}

/* Said without memory: the text is a constant. */
static void no_memory(struct response *response)
{
	static const char BODY[] = "{\"type\":\"about:blank\",\"title\":\"Service Unavailable\","
				   "\"status\":503,\"detail\":\"not enough memory\"}\n";

	response->status = 503;
	response->retry_after = 1;
	response->content_type = CONTENT_PROBLEM;
	text_add(&response->body, BODY, sizeof(BODY) - 1);
}

void response_json(struct response *response, unsigned int status, const char *content_type,
		   cJSON *json)
{
	char *printed;

	json_clean(json);
	printed = json ? cJSON_PrintUnformatted(json) : NULL;
	cJSON_Delete(json);
	text_done(&response->body);
	if (printed) {
		response->status = status;
		response->content_type = content_type;
		text_add(&response->body, printed, strlen(printed));
		text_add(&response->body, "\n", 1);
	}
	cJSON_free(printed);
	if (!printed || response->body.failed)
		no_memory(response);
}

void response_empty(struct response *response, unsigned int status)
{
	text_done(&response->body);
	response->status = status;
	response->content_type = NULL;
}

cJSON *response_add_u64(cJSON *object, const char *name, uint64_t value)
{
	char digits[24];

	(void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
	return cJSON_AddRawToObject(object, name, digits);
}
