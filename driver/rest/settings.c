/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/settings.h"

#include <arpa/inet.h>
#include <cjson/cJSON.h>
#include <errno.h>
#include <netinet/in.h>

#include "base/str.h"
#include "kubelet/grammar.h"

static int wrong_kind(const cJSON *item, const char *expected, struct error *error)
{
	return error_set(error, -EINVAL, "%s: %s was expected", item->string, expected);
}

static int take_key(const cJSON *item, struct settings *ret, struct error *error)
{
	static const char *const KEYS[] = {"listen", "auth", "allowPoolDelete", NULL};
	char shown[101] = "";

	if (str_eq(item->string, KEYS[0]) || str_eq(item->string, KEYS[1])) {
		if (!cJSON_IsString(item) || !*item->valuestring)
			return wrong_kind(item, "a string", error);
		*(str_eq(item->string, KEYS[0]) ? &ret->listen : &ret->auth) = item->valuestring;
		return 0;
	}
	if (str_eq(item->string, KEYS[2])) {
		if (!cJSON_IsBool(item))
			return wrong_kind(item, "true or false", error);
		ret->allow_pool_delete = cJSON_IsTrue(item);
		return 0;
	}
	strncpy(shown, item->string, sizeof(shown) - 1);
	str_one_line(shown);
	return error_set(error, -EINVAL, "unknown key \"%s\", the nearest known one is \"%s\"",
			 shown, grammar_nearest(shown, KEYS));
}

int settings_take(const struct arguments *arguments, const struct config *config,
		  struct settings *ret, struct error *error)
{
	const cJSON *item, *rest = config->rest;

	*ret = (struct settings){.listen = SETTINGS_LISTEN};
	cJSON_ArrayForEach(item, rest) {
		if (take_key(item, ret, error) < 0)
			return error_prefix(error, "configuration %s: rest", config->path);
	}
	if (arguments->listen)
		ret->listen = arguments->listen;
	if (arguments->auth)
		ret->auth = arguments->auth;
	return 0;
}

static int port_of(const char *text, uint16_t *ret)
{
	uint64_t port;

	if (str_to_u64(text, 10, &port) < 0 || port < 1 || port > 65535)
		return -EINVAL;
	*ret = htons((uint16_t)port);
	return 0;
}

static bool take_ipv4(const char *host, uint16_t port, struct address *ret)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)&ret->address;

	if (inet_pton(AF_INET, host, &v4->sin_addr) != 1)
		return false;
	v4->sin_family = AF_INET;
	v4->sin_port = port;
	ret->length = sizeof(*v4);
	ret->loopback = ntohl(v4->sin_addr.s_addr) >> 24 == 127;
	return true;
}

static bool take_ipv6(const char *host, uint16_t port, struct address *ret)
{
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)&ret->address;

	if (inet_pton(AF_INET6, host, &v6->sin6_addr) != 1)
		return false;
	v6->sin6_family = AF_INET6;
	v6->sin6_port = port;
	ret->length = sizeof(*v6);
	ret->loopback = IN6_IS_ADDR_LOOPBACK(&v6->sin6_addr);
	return true;
}

int settings_address(const char *text, struct address *ret, struct error *error)
{
	char host[80] = "";
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	uint16_t port;

	*ret = (struct address){0};
	if (colon && length < sizeof(host) && port_of(colon + 1, &port) == 0) {
		const bool brackets = length > 2 && text[0] == '[' && text[length - 1] == ']';

		memcpy(host, text + brackets, length - (brackets ? 2U : 0U));
		if (brackets && take_ipv6(host, port, ret))
			return 0;
		ret->any = str_eq(host, "*");
		if (!brackets && ret->any && take_ipv6("::", port, ret))
			return 0;
		if (!brackets &&
		    take_ipv4(str_eq(host, "localhost") ? "127.0.0.1" : host, port, ret))
			return 0;
	}
	error_set(error, -EINVAL, "listen: \"%.100s\" is no ADDRESS:PORT", text);
	return error_advise(error, "write 127.0.0.1:8080, [::1]:8080, 0.0.0.0:8080, or *:8080 for "
				   "all addresses");
}
