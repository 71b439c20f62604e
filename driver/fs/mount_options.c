/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount_options.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "fs/filesystem.h"
#include "fs/option_list.h"

#define FLAG(fs_type, name, group)                                  \
	{                                                           \
		fs_type, name, NULL, NULL, 0, 0, OPTION_FLAG, group \
	}
#define WORD(fs_type, name, words)                               \
	{                                                        \
		fs_type, name, words, NULL, 0, 0, OPTION_WORD, 0 \
	}
#define RANGE(fs_type, name, kind, min, max)                 \
	{                                                    \
		fs_type, name, NULL, NULL, min, max, kind, 0 \
	}

static const struct option_rule rules[] = {
	FLAG("", "noatime", 'a'),
	FLAG("", "relatime", 'a'),
	FLAG("", "strictatime", 'a'),
	FLAG("", "nodiratime", 0),
	FLAG("", "lazytime", 0),
	FLAG("", "nosuid", 0),
	FLAG("", "nodev", 0),
	FLAG("", "noexec", 0),
	FLAG("", "sync", 0),
	FLAG("", "dirsync", 0),
	FLAG("", "discard", 'd'),
	FLAG("", "nodiscard", 'd'),
	WORD("ext4", "errors", "remount-ro"),
	WORD("ext4", "data", "ordered writeback journal"),
	RANGE("ext4", "commit", OPTION_NUMBER, 1, 300),
	RANGE("ext4", "stripe", OPTION_NUMBER, 1, 1048576),
	FLAG("ext4", "delalloc", 'l'),
	FLAG("ext4", "nodelalloc", 'l'),
	FLAG("ext4", "auto_da_alloc", 't'),
	FLAG("ext4", "noauto_da_alloc", 't'),
	FLAG("ext4", "prjquota", 'q'),
	RANGE("xfs", "logbufs", OPTION_NUMBER, 2, 8),
	RANGE("xfs", "logbsize", OPTION_SIZE, 16384, 262144),
	RANGE("xfs", "allocsize", OPTION_SIZE, 4096, 1073741824),
	FLAG("xfs", "inode64", 'i'),
	FLAG("xfs", "inode32", 'i'),
	FLAG("xfs", "largeio", 0),
	FLAG("xfs", "noquota", 'q'),
	FLAG("xfs", "prjquota", 'q'),
};

static const struct option_refusal refusals[] = {
	{"nobarrier", "it loses data at a power cut"},
	{"barrier=0", "it loses data at a power cut"},
	{"errors=panic", "a fault of one volume would take the whole node down"},
	{"errors=continue", "it would go on writing to a damaged file system"},
	{"ro", "the option readOnly does that, and more"},
	{"rw", "it is so unless the option readOnly is given"},
	{"noload", "the driver adds it where the volume is read-only"},
	{"norecovery", "the driver adds it where the volume is read-only"},
	{"nouuid", "the driver adds it"},
	{"_netdev", "the driver records it"},
	{"defaults", "it means nothing"},
};

static const struct option_table table = {
	.title = "mountOptions",
	.rules = rules,
	.rule_count = ARRAY_SIZE(rules),
	.refusals = refusals,
	.refusal_count = ARRAY_SIZE(refusals),
};

int mount_options_check(const char *fs_type, const char *list, struct error *error)
{
	const struct filesystem *fs;
	int result = filesystem_need(fs_type, &fs, error);

	return result < 0 ? result : option_list_read(&table, fs_type, list, NULL, NULL, error);
}

struct list {
	char *text;
	size_t length;
	bool failed;
};

static bool list_has(const struct list *list, const char *option)
{
	const size_t length = strlen(option);

	for (const char *at = list->text; *at; at += strcspn(at, ","), at += *at == ',')
		if (strcspn(at, ",") == length && strncmp(at, option, length) == 0)
			return true;
	return false;
}

static void list_add(struct list *list, const char *option)
{
	const size_t room = MOUNT_OPTIONS_MAX - list->length;
	int added;

	if (!*option || list_has(list, option))
		return;
	added = snprintf(list->text + list->length, room, "%s%s", list->length ? "," : "", option);
	if (added < 0 || (size_t)added >= room)
		list->failed = true;
	else
		list->length += (size_t)added;
}

static int add(void *state, const struct option_rule *rule, const struct option_item *item)
{
	char option[sizeof(item->name) + sizeof(item->value) + 1];

	(void)rule;
	(void)snprintf(option, sizeof(option), "%s%s%s", item->name, *item->value ? "=" : "",
		       item->value);
	list_add(state, option);
	return 0;
}

static int begin(const char *fs_type, bool read_only, struct list *list, struct error *error)
{
	const struct filesystem *fs;
	int result = filesystem_need(fs_type, &fs, error);

	*list->text = '\0';
	if (result < 0)
		return result;
	list_add(list, fs->mount_options);
	list_add(list, read_only ? fs->read_only_options : "");
	return 0;
}

static int end(const struct list *list, struct error *error)
{
	return list->failed ? error_set(error, -E2BIG, "mountOptions: too many") : 0;
}

int mount_options_all(const char *fs_type, const char *list, bool read_only,
		      char ret[MOUNT_OPTIONS_MAX], struct error *error)
{
	struct list all = {.text = ret};
	int result = begin(fs_type, read_only, &all, error);

	if (result == 0)
		result = option_list_read(&table, fs_type, list, add, &all, error);
	return result < 0 ? result : end(&all, error);
}

/* Those of the shown options that the table knows: the others the kernel chooses by itself, or they
 * are the driver's. A value is the kernel's own: it is passed back as it is. */
static void add_known(const char *fs_type, const char *shown, struct list *list)
{
	char option[128], name[128];

	for (; *shown; shown += strcspn(shown, ","), shown += *shown == ',') {
		(void)snprintf(option, sizeof(option), "%.*s", (int)strcspn(shown, ","), shown);
		(void)snprintf(name, sizeof(name), "%.*s", (int)strcspn(option, "="), option);
		if (option_rule_find(&table, fs_type, name))
			list_add(list, option);
	}
}

int mount_options_again(const char *fs_type, const char *shown, const char *shown_super,
			bool read_only, char ret[MOUNT_OPTIONS_MAX], struct error *error)
{
	struct list all = {.text = ret};
	int result = begin(fs_type, read_only, &all, error);

	if (result < 0)
		return result;
	add_known(fs_type, shown, &all);
	add_known(fs_type, shown_super, &all);
	return end(&all, error);
}
