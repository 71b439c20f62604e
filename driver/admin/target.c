/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/target.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "kubelet/options.h"

#define PARTS_MAX 3

static const char *shape_of(enum target_kind kind)
{
	switch (kind) {
	case TARGET_POOL:
		return "POOL or POOL/NAMESPACE";
	case TARGET_IMAGE:
		break;
	case TARGET_SNAPSHOT:
		return "[POOL/[NAMESPACE/]]IMAGE@SNAPSHOT";
	case TARGET_EITHER:
		return "[POOL/[NAMESPACE/]]IMAGE[@SNAPSHOT]";
	}
	return "[POOL/[NAMESPACE/]]IMAGE";
}

static int refuse(const char *text, enum target_kind kind, const char *why, struct error *error)
{
	error_set(error, -EINVAL, "\"%.200s\" names no %s: %s", text,
		  kind == TARGET_POOL       ? "pool"
		  : kind == TARGET_SNAPSHOT ? "snapshot"
					    : "image",
		  why);
	return error_advise(error, "write %s", shape_of(kind));
}

/* Cuts `text` at each slash. The number of parts; more than PARTS_MAX: too many. */
static int cut(char *text, char *parts[PARTS_MAX])
{
	int count = 0;

	for (char *part = text; part; count++) {
		char *slash = strchr(part, '/');

		if (count == PARTS_MAX)
			return count + 1;
		if (slash)
			*slash++ = '\0';
		parts[count] = part;
		part = slash;
	}
	return count;
}

/* Where each part belongs; an image is the last one, a pool the first. */
static int place(char *parts[PARTS_MAX], int count, enum target_kind kind, struct target *ret)
{
	char *to[] = {ret->pool, ret->name_space, ret->image};
	int most = kind == TARGET_POOL ? 2 : 3, result = 0;

	if (count > most)
		return -E2BIG;
	(void)str_copy(ret->pool, sizeof(ret->pool), OPTIONS_DEFAULT_POOL);
	if (kind != TARGET_POOL)
		result = str_copy(ret->image, sizeof(ret->image), parts[--count]);
	for (int i = 0; i < count && result == 0; i++)
		result = str_copy(to[i], TARGET_NAME_MAX, parts[i]);
	return result;
}

static const char *why_wrong(const struct target *target, int parts, enum target_kind kind)
{
	const char *why = grammar_image(target->pool);

	/* an empty one that was written down is wrong, too */
	if (!why && parts == (kind == TARGET_POOL ? 2 : 3))
		why = grammar_image(target->name_space);
	if (!why && kind != TARGET_POOL)
		why = grammar_image(target->image);
	return why;
}

int target_parse(const char *text, enum target_kind kind, struct target *ret, struct error *error)
{
	char copy[4 * TARGET_NAME_MAX], *parts[PARTS_MAX], *snapshot;
	const char *why = NULL;
	int count;

	*ret = (struct target){0};
	if (str_copy(copy, sizeof(copy), text) < 0)
		return refuse(text, kind, "it is too long", error);
	snapshot = strchr(copy, '@');
	if (snapshot)
		*snapshot++ = '\0';
	if (snapshot && kind != TARGET_SNAPSHOT && kind != TARGET_EITHER)
		return refuse(text, kind, "there is a snapshot in it", error);
	if (!snapshot && kind == TARGET_SNAPSHOT)
		return refuse(text, kind, "there is no @ in it", error);
	count = cut(copy, parts);
	if (place(parts, count, kind, ret) < 0)
		return refuse(text, kind, "it has too many parts, or one is too long", error);
	why = why_wrong(ret, count, kind);
	if (!why && snapshot)
		why = str_copy(ret->snapshot, sizeof(ret->snapshot), snapshot) < 0
			      ? "the snapshot's name is too long"
			      : grammar_image(ret->snapshot);
	if (why) {
		char words[256];

		(void)snprintf(words, sizeof(words), "each part is %s", why);
		return refuse(text, kind, words, error);
	}
	ret->name = (struct image_name){.pool = ret->pool,
					.name_space = ret->name_space,
					.image = ret->image,
					.snapshot = ret->snapshot};
	if (kind == TARGET_POOL)
		(void)snprintf(ret->text, sizeof(ret->text), "%s%s%s", ret->pool,
			       *ret->name_space ? "/" : "", ret->name_space);
	else
		(void)image_name_text(&ret->name, ret->text);
	return 0;
}
