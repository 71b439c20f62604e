/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/grammar.h"

#include <ctype.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

#define DIGITS "0123456789"
#define ALNUM  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ" DIGITS

static bool made_of(const char *value, const char *characters, size_t least, size_t most)
{
	size_t length = strlen(value);

	return length >= least && length <= most && strspn(value, characters) == length;
}

static bool is_dots(const char *value)
{
	return str_eq(value, ".") || str_eq(value, "..");
}

const char *grammar_image(const char *value)
{
	if (made_of(value, ALNUM "._-", 1, 200) && value[0] != '-' && !is_dots(value))
		return NULL;
	return "a name of 1 to 200 characters A-Z a-z 0-9 . _ -, not starting with -";
}

const char *grammar_name(const char *value)
{
	if (made_of(value, ALNUM "._-", 1, 253) && !is_dots(value))
		return NULL;
	return "a name of 1 to 253 characters A-Z a-z 0-9 . _ -";
}

const char *grammar_user(const char *value)
{
	if (str_starts(value, "client."))
		return "a user without \"client.\" in front";
	/* 100 leaves room in what sysfs says of a mapping; a slash would leave /etc/ceph */
	if (made_of(value, ALNUM "._@+:-", 1, 100) && value[0] != '-' && !is_dots(value))
		return NULL;
	return "a Ceph user of 1 to 100 characters A-Z a-z 0-9 . _ @ + : -, not starting with -";
}

const char *grammar_uuid(const char *value)
{
	static const char SHAPE[] = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";
	size_t i;

	for (i = 0; i < sizeof(SHAPE) - 1; i++)
		if (SHAPE[i] == '-' ? value[i] != '-' : !isxdigit((unsigned char)value[i]))
			break;
	if (i == sizeof(SHAPE) - 1 && !value[i])
		return NULL;
	return "a uuid (xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx, as `ceph fsid` prints it)";
}

const char *grammar_path(const char *value)
{
	static const char EXPECTED[] = "an absolute path of characters A-Z a-z 0-9 . _ @ + : - /, "
				       "without \".\" or \"..\" in it";

	if (value[0] != '/' || !made_of(value, ALNUM "._@+:-/", 2, 1000))
		return EXPECTED;
	for (const char *part = value; *part;) {
		size_t length;

		part += strspn(part, "/");
		length = strcspn(part, "/");
		if (length == 1 && part[0] == '.')
			return EXPECTED;
		if (length == 2 && part[0] == '.' && part[1] == '.')
			return EXPECTED;
		part += length;
	}
	return NULL;
}

const char *grammar_keyring(const char *value)
{
	if (strchr(value, '/'))
		return grammar_path(value);
	if (str_eq(value, ".") || str_eq(value, "..") || !made_of(value, ALNUM "._@+-", 1, 200))
		return "an absolute path, or the name of a file beside the configuration, of "
		       "characters A-Z a-z 0-9 . _ @ + -";
	return NULL;
}

const char *grammar_key(const char *value)
{
	if (made_of(value, ALNUM "+/=", 1, 255))
		return NULL;
	return "a Ceph key (base64, as `ceph auth get-key` prints it)";
}

const char *grammar_feature(const char *value)
{
	if (made_of(value, "abcdefghijklmnopqrstuvwxyz-", 1, 64) && value[0] != '-')
		return NULL;
	return "the name of a feature of an image (a-z and -)";
}

const char *grammar_setting(const char *value)
{
	size_t name = strspn(value, ALNUM "_-");

	if (name && name <= 64 && value[0] != '-' &&
	    (!value[name] ||
	     (value[name] == '=' && made_of(value + name + 1, ALNUM "._+:|^-", 1, 200))))
		return NULL;
	return "name or name=value (of characters A-Z a-z 0-9 _ -, in the value also . + : | ^)";
}

/* "commit" of "commit=5": what may stand once only. */
static bool same_name(const char *a, const char *b)
{
	size_t length = strcspn(a, "=,");

	return length == strcspn(b, "=,") && !strncmp(a, b, length);
}

int grammar_list_check(grammar_function grammar, const char *what, const char *value,
		       struct error *error)
{
	char item[GRAMMAR_ITEM_MAX];

	if (strlen(value) > GRAMMAR_LIST_MAX)
		return error_set(error, -EINVAL, "%s: the list is longer than %d characters", what,
				 GRAMMAR_LIST_MAX);
	for (const char *rest = value; rest;) {
		const char *expected, *here = rest;

		if (!grammar_next_item(&rest, item))
			return error_set(error, -EINVAL,
					 "%s: \"%.120s\" has an empty item: separate them by one "
					 "comma each",
					 what, value);
		expected = grammar(item);
		if (expected)
			return error_set(error, -EINVAL, "%s: \"%.120s\" is not %s", what, item,
					 expected);
		for (const char *other = value; other < here;) {
			if (same_name(other, here))
				return error_set(error, -EINVAL, "%s: \"%.*s\" is given twice",
						 what, (int)strcspn(here, "=,"), here);
			other += strcspn(other, ",") + 1;
		}
	}
	return 0;
}

bool grammar_next_item(const char **list, char ret[GRAMMAR_ITEM_MAX])
{
	size_t length = strcspn(*list, ",");

	(void)snprintf(ret, GRAMMAR_ITEM_MAX, "%.*s", (int)length, *list);
	*list = (*list)[length] ? *list + length + 1 : NULL;
	return length > 0;
}

int grammar_check(grammar_function grammar, const char *what, const char *value,
		  struct error *error)
{
	const char *expected = grammar(value);

	if (!expected)
		return 0;
	return error_set(error, -EINVAL, "%s: \"%.120s\" is not %s", what, value, expected);
}

void grammar_lower(char *value)
{
	for (; *value; value++)
		*value = (char)tolower((unsigned char)*value);
}

const char *grammar_nearest(const char *name, const char *const names[])
{
	const char *nearest = names[0];
	size_t least = SIZE_MAX;

	for (; *names; names++) {
		size_t distance = str_distance(name, *names);

		if (distance < least) {
			least = distance;
			nearest = *names;
		}
	}
	return nearest;
}
