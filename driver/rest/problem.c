/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/problem.h"

#include <errno.h>

#include "rest/names.h"

static const struct {
	unsigned int status;
	const char *title;
} TITLES[] = {
	{200, "OK"},
	{201, "Created"},
	{204, "No Content"},
	{400, "Bad Request"},
	{401, "Unauthorized"},
	{403, "Forbidden"},
	{404, "Not Found"},
	{405, "Method Not Allowed"},
	{409, "Conflict"},
	{413, "Content Too Large"},
	{415, "Unsupported Media Type"},
	{422, "Unprocessable Content"},
	{500, "Internal Server Error"},
	{503, "Service Unavailable"},
	{504, "Gateway Timeout"},
};

const char *problem_title(unsigned int status)
{
	for (size_t i = 0; i < ARRAY_SIZE(TITLES); i++)
		if (TITLES[i].status == status)
			return TITLES[i].title;
	return "Error";
}

unsigned int problem_status(int code)
{
	switch (code) {
	case -EINVAL:
		return 400;
	case -EDOM:
	case -ERANGE:
	case -ENAMETOOLONG:
		return 422;
	case -EPROTONOSUPPORT:
		return 415;
	case -EPERM:
	case -EACCES:
		return 403;
	case -ENOENT:
		return 404;
	case -EEXIST:
	case -EBUSY:
	case -ENOTEMPTY:
	case -EROFS:
	case -EFBIG:
	case -EMEDIUMTYPE:
	case -ENOSPC:
	case -EDQUOT:
	case -EUCLEAN:
	case -ENOTSUP:
		return 409;
	case -ENOMEM:
	case -EAGAIN:
	case -ENOTCONN:
	case -ESHUTDOWN:
		return 503;
	case -ETIMEDOUT:
		return 504;
	default:
		return 500;
	}
}

static cJSON *describe(unsigned int status, const struct rest_request *request, const char *detail,
		       const char *advice)
{
	static const enum name TOLD[] = {NAME_POOL, NAME_IMAGE};
	cJSON *json = cJSON_CreateObject();
	struct text text = {0};

	text_printf(&text, "%s%s%s", detail, str_empty(advice) ? "" : "; ", advice ? advice : "");
	cJSON_AddStringToObject(json, "type", "about:blank");
	cJSON_AddStringToObject(json, "title", problem_title(status));
	cJSON_AddNumberToObject(json, "status", status);
	cJSON_AddStringToObject(json, "detail", text.data ? text.data : detail);
	/* POST and DELETE of a pool call it `name` */
	if (request && *request->values[NAME_NAME])
		cJSON_AddStringToObject(json, names[NAME_POOL].name, request->values[NAME_NAME]);
	for (size_t i = 0; request && i < ARRAY_SIZE(TOLD); i++)
		if (*request->values[TOLD[i]])
			cJSON_AddStringToObject(json, names[TOLD[i]].name,
						request->values[TOLD[i]]);
	text_done(&text);
	return json;
}

void problem(struct response *response, unsigned int status, const struct rest_request *request,
	     const char *detail, const char *advice)
{
	response_json(response, status, CONTENT_PROBLEM, describe(status, request, detail, advice));
	response->challenge = status == 401;
	if (status == 503)
		response->retry_after = RETRY_AFTER;
}

void problem_of(struct response *response, const struct rest_request *request,
		const struct error *error)
{
	problem(response, problem_status(error->code), request, error->text, error->advice);
}
