/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/request.h"

#include <errno.h>
#include <string.h>
#include <strings.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "rest/names.h"
#include "rest/routes.h"

#define FORM "application/x-www-form-urlencoded"
#define JSON "application/json"

/* The media type, whatever parameters ("; charset=UTF-8") follow it. */
static bool is_type(const char *content_type, const char *type)
{
	size_t length = strlen(type);

	return content_type && !strncasecmp(content_type, type, length) &&
	       (!content_type[length] || strchr("; \t", content_type[length]));
}

static int read_body(const struct sent *sent, struct parameters *ret, struct error *error)
{
	if (!sent->body_length)
		return 0;
	if (is_type(sent->content_type, FORM))
		return parameters_add_form(ret, sent->body, sent->body_length, error);
	if (is_type(sent->content_type, JSON))
		return parameters_add_json(ret, sent->body, sent->body_length, error);
	return error_set(error, -EPROTONOSUPPORT, "the body's Content-Type is neither %s nor %s",
			 FORM, JSON);
}

static int find_name(const char *text)
{
	for (int i = 0; i < NAMES; i++)
		if (str_eq(names[i].name, text))
			return i;
	return -1;
}

/* The nearest of those that this route has. */
static int refuse_unknown(const struct route *route, const char *name, struct error *error)
{
	const char *known[NAMES + 1] = {NULL};
	char shown[101] = "";
	size_t count = 0;

	for (unsigned int i = 0; i < NAMES; i++)
		if ((route->required | route->optional) & 1U << i)
			known[count++] = names[i].name;
	strncpy(shown, name, sizeof(shown) - 1);
	str_one_line(shown);
	if (!count)
		return error_set(error, -EINVAL, "there is no parameter \"%s\": %s %s takes none",
				 shown, route->method, route->path);
	return error_set(error, -EINVAL,
			 "%s %s has no parameter \"%s\"; the nearest known one is \"%s\"",
			 route->method, route->path, shown, grammar_nearest(shown, known));
}

static int assign(const struct route *route, struct rest_request *ret, struct error *error)
{
	int unknown = -1;

	for (size_t i = 0; i < ret->memory.count; i++) {
		int name = find_name(ret->memory.list[i].name);

		if (name >= 0 && (route->required | route->optional) & 1U << name)
			ret->values[name] = ret->memory.list[i].value;
		else if (unknown < 0)
			unknown = (int)i;
	}
	return unknown < 0 ? 0 : refuse_unknown(route, ret->memory.list[unknown].name, error);
}

static bool was_sent(const struct rest_request *request, int name)
{
	for (size_t i = 0; i < request->memory.count; i++)
		if (request->memory.list[i].value == request->values[name])
			return true;
	return false;
}

static int check(const struct route *route, struct rest_request *ret, struct error *error)
{
	for (int i = 0; i < NAMES; i++)
		if (route->required & 1U << i && !was_sent(ret, i))
			return error_set(error, -EINVAL, "%s %s needs the parameter \"%s\"",
					 route->method, route->path, names[i].name);
	for (int i = 0; i < NAMES; i++) {
		int r = was_sent(ret, i) ? names[i].take(&names[i], ret->values[i], ret, error) : 0;

		if (r < 0)
			return r;
	}
	return 0;
}

int rest_request_parse(const struct route *route, const struct sent *sent, struct rest_request *ret,
		       struct error *error)
{
	const char *query = sent->query ? sent->query : "";
	int r;

	*ret = (struct rest_request){.route = route, .limit = 1000, .exact = true};
	for (int i = 0; i < NAMES; i++)
		ret->values[i] = "";
	r = parameters_add_form(&ret->memory, query, strlen(query), error);
	if (r >= 0)
		r = read_body(sent, &ret->memory, error);
	if (r >= 0)
		r = assign(route, ret, error);
	return r < 0 ? r : check(route, ret, error);
}

void rest_request_done(struct rest_request *request)
{
	parameters_done(&request->memory);
}
