/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/policy_pattern.h"

#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

#define PATTERN_MAX 300
#define TOKENS_MAX  (PATTERN_MAX + 256 * (PATTERN_MAX / sizeof(POLICY_POD_NAMESPACE) + 1))

/* A pattern made ready: characters, or one of these. What the pod's namespace brings is characters
 * only. */
enum { TOKEN_END = 0, TOKEN_ANY = -1, TOKEN_ONE = -2 };

static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
static const char ALLOWED[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
			      "._-@:/[]+=|^*?";

/* What a namespace of Kubernetes is made of (RFC 1123), or what stands for it. */
static bool could_be_namespace(char character)
{
	return character && strchr("abcdefghijklmnopqrstuvwxyz0123456789-*?", character);
}

/* "{podNamespace}-*": pods of "a" would get what is of "a-b". With nothing open on that side the
 * name is told exactly. */
static bool is_open(const char *pattern, const char *name)
{
	const char *behind = name + strlen(POLICY_POD_NAMESPACE);

	if (strpbrk(behind, "*?") && could_be_namespace(*behind))
		return true;
	return strcspn(pattern, "*?") < (size_t)(name - pattern) && could_be_namespace(name[-1]);
}

const char *policy_pattern_wrong(const char *pattern)
{
	if (strlen(pattern) > PATTERN_MAX)
		return "it is longer than 300 characters";
	for (const char *here = pattern; *here;) {
		if (str_starts(here, POLICY_POD_NAMESPACE)) {
			if (is_open(pattern, here))
				return "between " POLICY_POD_NAMESPACE
				       " and * or ? must stand a character that no namespace "
				       "has, as in " POLICY_POD_NAMESPACE
				       ".*: pods of \"a\" would match what is of \"a-b\"";
			here += strlen(POLICY_POD_NAMESPACE);
		} else if (*here == '{' || *here == '}') {
			return "only " POLICY_POD_NAMESPACE " can stand in braces";
		} else if (strchr(ALLOWED, *here)) {
			here++;
		} else {
			return "a character in it is in no value of an option";
		}
	}
	return NULL;
}

/* false: it matches nothing. */
static bool compile(const char *pattern, const char *pod_namespace, int16_t ret[TOKENS_MAX])
{
	size_t count = 0;

	while (*pattern && count < TOKENS_MAX - 1) {
		const char *literal = pod_namespace;

		if (str_starts(pattern, POLICY_POD_NAMESPACE)) {
			if (!*pod_namespace)
				return false;
			for (; *literal && count < TOKENS_MAX - 1; literal++)
				ret[count++] = (unsigned char)*literal;
			if (*literal)
				return false;
			pattern += strlen(POLICY_POD_NAMESPACE);
			continue;
		}
		if (*pattern == '*')
			ret[count++] = TOKEN_ANY;
		else if (*pattern == '?')
			ret[count++] = TOKEN_ONE;
		else
			ret[count++] = (unsigned char)*pattern;
		pattern++;
	}
	ret[count] = TOKEN_END;
	return !*pattern;
}

/* What `*` and `?` do not stand for is in `stops`. Only the last `*` is ever tried again, so that
 * no value can make it slow: if the last one cannot reach the end without passing a stop, an
 * earlier one cannot either (the part between them would be moved over the same stop). */
static bool match(const int16_t *token, const char *value, const char *stops)
{
	const int16_t *retry = NULL;
	const char *from = value;

	for (;;) {
		if (*token == TOKEN_ANY) {
			retry = ++token;
			from = value;
		} else if (*value && (*token == TOKEN_ONE ? !strchr(stops, *value)
							  : *token == (unsigned char)*value)) {
			token++;
			value++;
		} else if (*token == TOKEN_END && !*value) {
			return true;
		} else if (retry && *from && !strchr(stops, *from)) {
			token = retry;
			value = ++from;
		} else {
			return false;
		}
	}
}

bool policy_pattern_match(const char *pattern, const char *pod_namespace, const char *value)
{
	int16_t tokens[TOKENS_MAX];

	return compile(pattern, pod_namespace, tokens) && match(tokens, value, "/");
}

/* Without what says nothing about who it is: "v1:", the nonce 0, a usual port, brackets. Anything
 * else stays, and must stand in the pattern as it is. */
static void plain_address(const char *address, char ret[512])
{
	size_t length;
	char *colon;

	if (str_starts(address, "v1:") || str_starts(address, "v2:"))
		address += 3;
	(void)snprintf(ret, 512, "%s", address);
	length = strlen(ret);
	if (length > 2 && str_eq(ret + length - 2, "/0"))
		ret[length - 2] = '\0';
	colon = strrchr(ret, ':');
	/* more than one without brackets is an IPv6 address, and no port */
	if (colon && (str_eq(colon, ":6789") || str_eq(colon, ":3300")) &&
	    (strchr(ret, ':') == colon || (colon > ret && colon[-1] == ']')))
		*colon = '\0';
	length = strlen(ret);
	if (length > 2 && *ret == '[' && strchr(ret, ']') == ret + length - 1) {
		memmove(ret, ret + 1, length - 2);
		ret[length - 2] = '\0';
	}
}

bool policy_pattern_match_monitor(const char *pattern, const char *pod_namespace,
				  const char *address)
{
	int16_t tokens[TOKENS_MAX];
	char wanted[512], given[512];

	if (str_eq(pattern, "*"))
		return true;
	if (strlen(address) >= sizeof(given))
		return false;
	plain_address(pattern, wanted);
	plain_address(address, given);
	if (strpbrk(given, LETTERS) && !strpbrk(wanted, LETTERS))
		return false;
	return *given && compile(wanted, pod_namespace, tokens) && match(tokens, given, "/:.[]");
}

bool policy_pattern_match_parent(const char *pattern, const char *pod_namespace,
				 const struct image_name *parent, const struct image_name *image)
{
	char text[IMAGE_TEXT_MAX];
	const char *value = image_name_text(parent, text);

	if (!strchr(pattern, '/')) {
		if (!str_eq(parent->pool, image->pool) ||
		    !str_eq(parent->name_space, image->name_space))
			return false;
		value = strrchr(text, '/') + 1;
	}
	return policy_pattern_match(pattern, pod_namespace, value);
}
