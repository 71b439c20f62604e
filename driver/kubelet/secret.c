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

static const struct entry *entry_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(ENTRIES); i++)
		if (str_eq(name, ENTRIES[i].name))
			return &ENTRIES[i];
	return NULL;
}

static int check(const struct entry *entry, char *value, struct error *error)
{
	const char *expected;

	trim(value);
	if (!*value)
		return error_set(error, -EINVAL,
				 "Secret: the entry %s is empty: give it a value or leave it out",
				 entry->name);
	expected = entry->grammar(value);
	if (expected || strlen(value) >= entry->size)
		return error_set(error, -EINVAL, "Secret: the entry %s is not %s", entry->name,
				 expected ? expected : "that long");
	return 0;
}

static int take(struct secret *secret, const struct entry *entry, char *value, struct error *error)
{
	char *target = (char *)secret + entry->offset;
	int r = check(entry, value, error);

	if (r < 0)
		return r;
	if (*target && !str_eq(target, value))
		return error_set(error, -EINVAL,
				 "Secret: the entries %s and %s have different values: keep one",
				 entry->twin, entry->name);
	return str_copy(target, entry->size, value);
}

static int put(struct secret *secret, const struct entry *entry, char value[256], ssize_t length,
	       struct error *error)
{
	value[length] = '\0';
	if (strlen(value) != (size_t)length)
		return error_set(error, -EINVAL, "Secret: the entry %s contains a zero byte",
				 entry->name);
	return take(secret, entry, value, error);
}

int secret_take(struct secret *secret, const char *name, const char *base64, struct error *error)
{
	__attribute__((cleanup(cleanup_wipe))) char value[256] = "";
	const struct entry *entry = entry_of(name);
	ssize_t length;

	if (!entry)
		return 0;
	length = str_base64_decode(base64, value, 255);
	if (length < 0)
		return error_set(error, -EINVAL, "Secret: the entry %s is %s", entry->name,
				 length == -ENOBUFS ? "too long" : "not the base64 of a value");
	return put(secret, entry, value, length, error);
}

int secret_take_bytes(struct secret *secret, const char *name, const char *bytes, size_t length,
		      struct error *error)
{
	__attribute__((cleanup(cleanup_wipe))) char value[256] = "";
	const struct entry *entry = entry_of(name);

	if (!entry)
		return 0;
	if (length > 255)
		return error_set(error, -EINVAL, "Secret: the entry %s is too long", entry->name);
	memcpy(value, bytes, length);
	return put(secret, entry, value, (ssize_t)length, error);
}
