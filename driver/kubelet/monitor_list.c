/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/monitor_list.h"

#include <stdio.h>
#include <strings.h>

#include "base/str.h"

struct place {
	char host[256];
	char port[8]; /* "" for the two usual ones */
};

/* The bracket that closes a group of addresses, not an IPv6 one. */
static bool ends_group(const char *word)
{
	const char *bracket = strchr(word, ']');
	size_t length = strlen(word);

	return length && word[length - 1] == ']' &&
	       (!strchr(word, '[') || bracket != word + length - 1);
}

bool monitor_list_next(const char **list, char ret[MONITOR_WORD_MAX])
{
	size_t length;
	const char *at = *list + strspn(*list, ",; ");

	if (!*at)
		return false;
	if (*at == '[' && (str_starts(at + 1, "v1:") || str_starts(at + 1, "v2:")))
		at++;
	length = strcspn(at, ",; ");
	snprintf(ret, MONITOR_WORD_MAX, "%.*s", (int)length, at);
	if (ends_group(ret))
		ret[strlen(ret) - 1] = '\0';
	*list = at + length;
	return true;
}

static void take_apart(char *word, struct place *ret)
{
	char *colon, *bracket;
	const char *port = "";

	*ret = (struct place){0};
	if (str_starts(word, "v1:") || str_starts(word, "v2:"))
		word += 3;
	word[strcspn(word, "/")] = '\0'; /* the nonce */
	bracket = strrchr(word, ']');
	colon = strchr(bracket ? bracket : word, ':');
	if (colon && !strchr(colon + 1, ':')) { /* more than one: an IPv6 address without port */
		*colon = '\0';
		port = colon + 1;
	}
	if (bracket) {
		*bracket = '\0';
		word++;
	}
	snprintf(ret->host, sizeof(ret->host), "%.255s", word);
	if (!str_eq(port, "6789") && !str_eq(port, "3300"))
		snprintf(ret->port, sizeof(ret->port), "%.7s", port);
}

static bool has(const char *list, const struct place *wanted)
{
	char word[MONITOR_WORD_MAX];

	while (monitor_list_next(&list, word)) {
		struct place place;

		take_apart(word, &place);
		if (!strcasecmp(place.host, wanted->host) && str_eq(place.port, wanted->port))
			return true;
	}
	return false;
}

bool monitor_lists_share(const char *a, const char *b)
{
	char word[MONITOR_WORD_MAX];

	while (monitor_list_next(&a, word)) {
		struct place place;

		take_apart(word, &place);
		if (*place.host && has(b, &place))
			return true;
	}
	return false;
}
