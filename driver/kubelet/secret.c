/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/secret.h"

#include <errno.h>
#include <stddef.h>

#include "base/str.h"
#include "kubelet/grammar.h"

/* The in-tree plug-in's names, and ceph-csi's for the same. */
static const struct entry {
	const char *name;
	size_t offset, size;
	grammar_function grammar;
	const char *twin;
} ENTRIES[] = {
	{"key", offsetof(struct secret, key), sizeof(((struct secret *)0)->key), grammar_key,
	 "userKey"},
	{"userKey", offsetof(struct secret, key), sizeof(((struct secret *)0)->key), grammar_key,
	 "key"},
	{"user", offsetof(struct secret, user), sizeof(((struct secret *)0)->user), grammar_user,
	 "userID"},
	{"userID", offsetof(struct secret, user), sizeof(((struct secret *)0)->user), grammar_user,
	 "user"},
};

static void cleanup_wipe(char (*text)[256])
{
	explicit_bzero(text, sizeof(*text));
}

/* `echo KEY > file; kubectl create secret --from-file` leaves a newline at the end. */
static void trim(char *text)
{
	size_t length = strlen(text);

	while (length && strchr(" \t\r\n", text[length - 1]))
		text[--length] = '\0';
}

static int decode(const struct entry *entry, const char *base64, char ret[256], struct error *error)
{
	ssize_t length = str_base64_decode(base64, ret, 255);
	const char *expected;

	if (length < 0)
		return error_set(error, -EINVAL, "Secret: the entry %s is %s", entry->name,
				 length == -ENOBUFS ? "too long" : "not the base64 of a value");
	ret[length] = '\0';
	if (strlen(ret) != (size_t)length)
		return error_set(error, -EINVAL, "Secret: the entry %s contains a zero byte",
				 entry->name);
	trim(ret);
	if (!*ret)
		return error_set(error, -EINVAL,
				 "Secret: the entry %s is empty: give it a value or leave it out",
				 entry->name);
	expected = entry->grammar(ret);
	if (expected || strlen(ret) >= entry->size)
		return error_set(error, -EINVAL, "Secret: the entry %s is not %s", entry->name,
				 expected ? expected : "that long");
	return 0;
}

int secret_take(struct secret *secret, const char *entry, const char *base64, struct error *error)
{
	__attribute__((cleanup(cleanup_wipe))) char value[256] = "";
	const struct entry *known = NULL;
	char *target;
	int r;

	for (size_t i = 0; i < ARRAY_SIZE(ENTRIES); i++)
		if (str_eq(entry, ENTRIES[i].name))
			known = &ENTRIES[i];
	if (!known)
		return 0;
	r = decode(known, base64, value, error);
	if (r < 0)
		return r;
	target = (char *)secret + known->offset;
	if (*target && !str_eq(target, value))
		return error_set(error, -EINVAL,
				 "Secret: the entries %s and %s have different values: keep one",
				 known->twin, known->name);
	return str_copy(target, known->size, value);
}
