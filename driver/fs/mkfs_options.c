/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mkfs_options.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "fs/filesystem.h"
#include "fs/option_list.h"

#define EXT4(name, kind, min, max, tool)                    \
	{                                                   \
		"ext4", name, NULL, tool, min, max, kind, 0 \
	}
#define XFS(name, kind, min, max, tool)                    \
	{                                                  \
		"xfs", name, NULL, tool, min, max, kind, 0 \
	}
#define FEATURE(fs_type, name, words, tool)                      \
	{                                                        \
		fs_type, name, words, tool, 0, 0, OPTION_WORD, 0 \
	}

/* tool: the letter, then what stands before the value. A '?' there: "" for on, '^' for off (ext4);
 * a '#': 1 for on, 0 for off (xfs); without a value's sign the value follows. */
static const struct option_rule rules[] = {
	EXT4("blocksize", OPTION_POWER, 1024, 4096, "b"),
	{"ext4", "inodeRatio", NULL, "i", 1024, 67108864, OPTION_NUMBER, 'i'},
	{"ext4", "inodes", NULL, "N", 16, UINT32_MAX, OPTION_NUMBER, 'i'},
	EXT4("inodeSize", OPTION_POWER, 256, 1024, "I"),
	EXT4("reserved", OPTION_NUMBER, 0, 50, "m"),
	EXT4("journalSize", OPTION_NUMBER, 1, 10240, "Jsize="),
	EXT4("stride", OPTION_NUMBER, 1, 1048576, "Estride="),
	EXT4("stripeWidth", OPTION_NUMBER, 1, 1048576, "Estripe_width="),
	EXT4("label", OPTION_LABEL, 0, 16, "L"),
	FEATURE("ext4", "metadata_csum", "on off", "O?metadata_csum"),
	FEATURE("ext4", "inline_data", "on off", "O?inline_data"),
	FEATURE("ext4", "large_dir", "on off", "O?large_dir"),
	FEATURE("ext4", "project", "on", "O?project,quota"),
	XFS("blocksize", OPTION_POWER, 1024, 4096, "bsize="),
	XFS("inodeSize", OPTION_POWER, 512, 2048, "isize="),
	XFS("inodePercent", OPTION_NUMBER, 1, 100, "imaxpct="),
	XFS("agcount", OPTION_NUMBER, 2, 65536, "dagcount="),
	XFS("sunit", OPTION_NUMBER, 8, 1048576, "dsunit="),
	XFS("swidth", OPTION_NUMBER, 8, 1048576, "dswidth="),
	{"xfs", "logSize", NULL, "lM", 64, 2047, OPTION_NUMBER, 0},
	XFS("label", OPTION_LABEL, 0, 12, "L"),
	FEATURE("xfs", "reflink", "on off", "m#reflink="),
	FEATURE("xfs", "rmapbt", "on off", "m#rmapbt="),
	FEATURE("xfs", "bigtime", "on off", "m#bigtime="),
	FEATURE("xfs", "inobtcount", "on off", "m#inobtcount="),
	FEATURE("xfs", "nrext64", "on off", "i#nrext64="),
};

static const struct option_refusal refusals[] = {
	{"bigalloc", "such a file system cannot grow online"},
	{"sparse_super2", "such a file system cannot grow online"},
	{"num_backup_sb", "such a file system cannot grow online"},
	{"resize", "it limits how far the file system can grow"},
	{"64bit", "it is always on: without it the file system cannot grow beyond 16 TiB"},
	{"uuid", "the driver chooses it, to know its own file system again"},
};

static const struct option_table table = {
	.title = "mkfsOptions",
	.rules = rules,
	.rule_count = ARRAY_SIZE(rules),
	.refusals = refusals,
	.refusal_count = ARRAY_SIZE(refusals),
};

static int add(void *state, const struct option_rule *rule, const struct option_item *item)
{
	struct arguments *arguments = state;
	const char *tool = rule->tool + 1;
	const bool on = str_eq(item->value, "on");
	char text[sizeof(item->value) + 64];

	if (*tool == '?')
		(void)snprintf(text, sizeof(text), "%s%s", on ? "" : "^", tool + 1);
	else if (*tool == '#')
		(void)snprintf(text, sizeof(text), "%s%d", tool + 1, on);
	else if (*tool == 'M')
		(void)snprintf(text, sizeof(text), "size=%sm", item->value);
	else
		(void)snprintf(text, sizeof(text), "%s%s", tool, item->value);
	arguments_add(arguments, rule->tool[0], text);
	return 0;
}

static int remember(void *state, const struct option_rule *rule, const struct option_item *item)
{
	unsigned int *stripes = state;

	(void)item;
	*stripes |= (str_eq(rule->name, "sunit") ? 1 : 0) | (str_eq(rule->name, "swidth") ? 2 : 0);
	return 0;
}

int mkfs_options_check(const char *fs_type, const char *list, struct error *error)
{
	const struct filesystem *fs;
	unsigned int stripes = 0;
	int result = filesystem_need(fs_type, &fs, error);

	if (result == 0)
		result = option_list_read(&table, fs_type, list, remember, &stripes, error);
	if (result < 0 || stripes == 0 || stripes == 3)
		return result;
	return error_set(error, -EINVAL, "mkfsOptions: sunit and swidth are given together");
}

int mkfs_options_add(const char *fs_type, const char *list, struct arguments *arguments,
		     struct error *error)
{
	int result = mkfs_options_check(fs_type, list, error);

	return result < 0 ? result : option_list_read(&table, fs_type, list, add, arguments, error);
}
