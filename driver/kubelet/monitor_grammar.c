/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A list of monitors as people write it, looked at without the resolver: what could never become
 * addresses is refused before anything is touched. It takes all that ceph/monitors.c takes.
 */
#include <stdio.h>

#include "base/str.h"
#include "kubelet/grammar.h"

#define MONITORS_MAX 31 /* what the kernel takes: CEPH_MAX_MON in its ceph_parse_ips */
#define ENTRY_MAX    500

#define ALNUM        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
#define BLANK        " "

static const char NO_ADDRESS[] =
	"a list of monitors (10.0.0.1,10.0.0.2:6789,[fd00::1]:6789; at most 2000 characters)";
static const char EMPTY[] = "a list of monitors: an address is missing";
static const char BAD_PORT[] = "a list of monitors: a port is not 1 to 65535";
static const char OPEN[] = "a list of monitors: a bracket is not closed";
static const char TOO_MANY[] =
	"a list of monitors: more than 31 addresses, the kernel takes no more";

static const char *check_port(const char *text)
{
	uint64_t port;

	return str_to_u64(text, 10, &port) < 0 || port < 1 || port > 65535 ? BAD_PORT : NULL;
}

static const char *check_host(const char *host)
{
	if (!*host)
		return EMPTY;
	return host[strspn(host, ALNUM ".:-_")] ? NO_ADDRESS : NULL;
}

/* "[v6]:port", "[v6]", "host:port", "host", or an IPv6 address without brackets and port. */
static const char *check_address(char *text)
{
	char *nonce = strchr(text, '/'), *colon, *end;
	const char *wrong;

	if (nonce && str_eq(nonce, "/0"))
		*nonce = '\0';
	if (str_starts(text, "v1:") || str_starts(text, "v2:"))
		text += 3;
	colon = strchr(text, ':');
	if (*text == '[') {
		end = strchr(++text, ']');
		if (!end || (end[1] && end[1] != ':'))
			return OPEN;
		colon = end[1] ? end + 1 : NULL;
		*end = '\0';
	} else if (colon && strchr(colon + 1, ':')) {
		colon = NULL;
	}
	if (colon)
		*colon = '\0';
	wrong = check_host(text);
	return !wrong && colon ? check_port(colon + 1) : wrong;
}

static const char *check_entry(char *entry)
{
	size_t length = strlen(entry);
	const char *wrong = NULL;

	if (!str_starts(entry, "[v1:") && !str_starts(entry, "[v2:"))
		return check_address(entry);
	if (entry[length - 1] != ']')
		return OPEN;
	entry[length - 1] = '\0';
	for (char *rest = entry + 1, *one; !wrong && (one = strsep(&rest, ","));)
		wrong = *one ? check_address(one) : EMPTY;
	return wrong;
}

/* Up to a separator outside of brackets. */
static size_t entry_length(const char *text)
{
	int depth = 0;
	size_t i = 0;

	for (; text[i] && (depth > 0 || !strchr(",;" BLANK, text[i])); i++)
		depth += text[i] == '[' ? 1 : text[i] == ']' ? -1 : 0;
	return i;
}

/* Behind the separator; NULL at the end. */
static const char *next_entry(const char *rest)
{
	rest += strspn(rest, BLANK);
	if (!*rest)
		return NULL;
	if (*rest == ',' || *rest == ';')
		rest++;
	return rest + strspn(rest, BLANK);
}

const char *grammar_monitors(const char *value)
{
	size_t count = 0;

	if (strlen(value) > 2000 || value[strspn(value, ALNUM "._-:[],;/" BLANK)])
		return NO_ADDRESS;
	for (const char *rest = value + strspn(value, BLANK); rest; rest = next_entry(rest)) {
		size_t length = entry_length(rest);
		const char *wrong;
		char entry[ENTRY_MAX + 1];

		if (!length)
			return EMPTY;
		if (length > ENTRY_MAX)
			return NO_ADDRESS;
		if (++count > MONITORS_MAX)
			return TOO_MANY;
		(void)snprintf(entry, sizeof(entry), "%.*s", (int)length, rest);
		wrong = check_entry(entry);
		if (wrong)
			return wrong;
		rest += length;
	}
	return NULL;
}
