/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/monitors.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <errno.h>
#include <netdb.h>
#include <stdio.h>
#include <sys/socket.h>

#include "base/str.h"

/* ceph: src/include/msgr.h (CEPH_MON_PORT_LEGACY, CEPH_MON_PORT_IANA) */
#define PORT_V1 6789
#define PORT_V2 3300

/* One address as written, taken apart. */
struct entry {
	char host[256];
	unsigned int port;
	bool messenger_v2;
	bool bare; /* neither port nor protocol said */
};

static int bad(struct error *error, const char *text, const char *why)
{
	error_set(error, -EINVAL, "monitors \"%s\": %s", text, why);
	return error_advise(error, "write them as \"10.0.0.1,10.0.0.2:6789\"");
}

static void add_address(struct monitors *monitors, const char *text, const struct entry *entry)
{
	struct monitor *monitor = &monitors->list[monitors->count];

	for (size_t i = 0; i < monitors->count; i++)
		if (str_eq(monitors->list[i].text, text))
			return;
	*monitor = (struct monitor){.messenger_v2 = entry->messenger_v2, .bare = entry->bare};
	if (str_copy(monitor->text, sizeof(monitor->text), text) == 0)
		monitors->count++;
}

static int add_resolved(struct monitors *monitors, const struct addrinfo *info,
			const struct entry *entry, struct error *error)
{
	for (; info; info = info->ai_next) {
		char host[INET6_ADDRSTRLEN], text[sizeof(host) + 16];

		if (monitors->count == MONITORS_MAX)
			return error_set(error, -EINVAL, "monitors: more than %d addresses",
					 MONITORS_MAX);
		if (getnameinfo(info->ai_addr, info->ai_addrlen, host, sizeof(host), NULL, 0,
				NI_NUMERICHOST))
			continue; /* an IPv6 scope that is too long: no address for the kernel */
		snprintf(text, sizeof(text), info->ai_family == AF_INET6 ? "[%s]:%u" : "%s:%u",
			 host, entry->port);
		add_address(monitors, text, entry);
	}
	return 0;
}

/* Numbers never touch the resolver; a name costs what /etc/resolv.conf says. */
static int resolve(struct monitors *monitors, const struct entry *entry, struct error *error)
{
	struct addrinfo hints = {
		.ai_family = AF_UNSPEC, .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST};
	struct addrinfo *info = NULL;
	int r = getaddrinfo(entry->host, NULL, &hints, &info);

	if (r == EAI_NONAME) {
		hints.ai_flags = 0;
		r = getaddrinfo(entry->host, NULL, &hints, &info);
	}
	if (r) {
		error_set(error, -ENOENT, "monitor \"%s\": the name does not resolve: %s",
			  entry->host, gai_strerror(r));
		return error_advise(error, "use numeric addresses, or repair this node's resolver");
	}
	r = add_resolved(monitors, info, entry, error);
	freeaddrinfo(info);
	return r;
}

static int split_port(struct entry *entry, const char *text, struct error *error)
{
	uint64_t port;

	if (str_to_u64(text, 10, &port) < 0 || port == 0 || port > 65535)
		return bad(error, text, "not a port");
	entry->port = (unsigned int)port;
	return 0;
}

/* "[v6]:port", "[v6]", "host:port", "host", or an IPv6 address without brackets and port. */
static int split_host(struct entry *entry, char *text, struct error *error)
{
	char *end = NULL, *colon = strrchr(text, ':');
	const char *host = text;

	if (*text == '[') {
		host = text + 1;
		end = strchr(text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return bad(error, text, "a bracket is not closed");
		colon = end[1] ? end + 1 : NULL;
		*end = '\0';
	} else if (colon && strchr(text, ':') != colon) {
		colon = NULL;
	}
	if (colon) {
		*colon = '\0';
		if (split_port(entry, colon + 1, error) < 0)
			return error->code;
	}
	if (!*host)
		return bad(error, text, "an address is missing");
	if (str_copy(entry->host, sizeof(entry->host), host) < 0)
		return bad(error, host, "too long");
	return 0;
}

static bool host_is_sane(const char *host)
{
	for (; *host; host++)
		if (!isalnum((unsigned char)*host) && !strchr(".:-_%", *host))
			return false;
	return true;
}

/* One address with or without "v1:" or "v2:" and the nonce "/0" of `ceph mon dump`. Without a
 * prefix the port tells the protocol, as in MonMap::build_from_host_list. */
static int parse_address(struct monitors *monitors, char *text, struct error *error)
{
	struct entry entry = {.port = 0};
	bool v1 = str_starts(text, "v1:"), v2 = str_starts(text, "v2:");
	char *nonce = strchr(text, '/');

	if (nonce && str_eq(nonce, "/0"))
		*nonce = '\0';
	if (split_host(&entry, v1 || v2 ? text + 3 : text, error) < 0)
		return error->code;
	if (!host_is_sane(entry.host))
		return bad(error, entry.host, "no address and no host name");
	entry.bare = !v1 && !v2 && !entry.port;
	entry.messenger_v2 = v2 || (!v1 && entry.port == PORT_V2);
	if (!entry.port)
		entry.port = v2 ? PORT_V2 : PORT_V1;
	return resolve(monitors, &entry, error);
}

static int parse_group(struct monitors *monitors, char *text, struct error *error)
{
	size_t length = strlen(text);

	if (text[length - 1] != ']')
		return bad(error, text, "a bracket is not closed");
	text[length - 1] = '\0';
	for (char *next = text + 1, *one; (one = strsep(&next, ","));) {
		if (!*one)
			return bad(error, text, "an address is missing");
		if (parse_address(monitors, one, error) < 0)
			return error->code;
	}
	return 0;
}

static int parse_entry(struct monitors *monitors, char *text, struct error *error)
{
	if (str_starts(text, "[v1:") || str_starts(text, "[v2:"))
		return parse_group(monitors, text, error);
	return parse_address(monitors, text, error);
}

/* The length of the entry at `text`: up to a separator outside of brackets. */
static size_t entry_length(const char *text)
{
	size_t i = 0;
	int depth = 0;

	for (; text[i] && (depth > 0 || !strchr(",; \t\n", text[i])); i++)
		depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
	return i;
}

int monitors_parse(const char *text, struct monitors *ret, struct error *error)
{
	const char *rest = text + strspn(text, " \t\n");

	*ret = (struct monitors){0};
	for (;;) {
		size_t length = entry_length(rest);
		char one[512];

		if (length == 0)
			return bad(error, text, "an address is missing");
		if (length >= sizeof(one))
			return bad(error, text, "an entry is too long");
		memcpy(one, rest, length);
		one[length] = '\0';
		if (parse_entry(ret, one, error) < 0)
			return error->code;
		rest += length;
		rest += strspn(rest, " \t\n");
		if (!*rest)
			return 0;
		if (*rest == ',' || *rest == ';')
			rest++;
		rest += strspn(rest, " \t\n");
	}
}

static bool any_v1(const struct monitors *monitors)
{
	for (size_t i = 0; i < monitors->count; i++)
		if (monitors->list[i].answered && !monitors->list[i].messenger_v2)
			return true;
	return false;
}

int monitors_for_kernel(const struct monitors *monitors, char *ret, size_t size, bool *ret_v2,
			struct error *error)
{
	bool v2 = !any_v1(monitors);
	size_t used = 0;

	*ret = '\0';
	for (size_t i = 0; i < monitors->count; i++) {
		const struct monitor *monitor = &monitors->list[i];

		if (!monitor->answered || monitor->messenger_v2 != v2)
			continue;
		if (used + (used > 0) + strlen(monitor->text) >= size)
			return error_set(error, -ENAMETOOLONG,
					 "the list of monitors is too long for the kernel");
		used += (size_t)sprintf(ret + used, "%s%s", used ? "," : "", monitor->text);
	}
	if (!used)
		return error_set(error, -ETIMEDOUT, "no monitor has answered");
	*ret_v2 = v2;
	return 0;
}
