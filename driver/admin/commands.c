/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "admin/admin.h"

#define F(flag)     FLAG_BIT(FLAG_##flag)
#define WORDS_MAX   2
#define IMAGE_SNAP  "IMAGE@SNAP"
#define IMAGE_MAYBE "IMAGE[@SNAP]"

/* clang-format off */
static const struct command COMMANDS[] = {
	{"image", "create", "IMAGE", 1, 1, F(SIZE) | F(FEATURES) | F(DATA_POOL), admin_image_create,
	 "makes an image of --size"},
	{"image", "ls", "[POOL[/NAMESPACE]]", 0, 1, F(LONG) | F(PREFIX), admin_image_list,
	 "the images of a pool"},
	{"image", "info", IMAGE_MAYBE, 1, 1, 0, admin_image_info,
	 "size, features, parent, records, who has it open"},
	{"image", "diff", IMAGE_MAYBE, 1, 1, F(FAST), admin_image_diff,
	 "the extents that exist: offset and length in bytes"},
	{"image", "du", IMAGE_MAYBE, 1, 1, F(FAST), admin_image_usage,
	 "how much of it exists, exactly"},
	{"image", "resize", "IMAGE", 1, 1, F(SIZE) | F(ALLOW_SHRINK) | F(YES), admin_image_resize,
	 "makes it as large as --size"},
	{"image", "rm", "IMAGE", 1, 1, F(TRASH) | F(YES), admin_image_remove,
	 "removes an image that nobody uses"},
	{"image", "features enable", "IMAGE FEATURE...", 2, INT32_MAX, 0, admin_image_features_on,
	 "switches features on, with what they need"},
	{"image", "features disable", "IMAGE FEATURE...", 2, INT32_MAX, 0, admin_image_features_off,
	 "switches features off, with what needs them"},
	{"image", "watchers", "IMAGE", 1, 1, 0, admin_image_watchers,
	 "who has it open for writing, and who of them answers"},
	{"image", "record show", "IMAGE", 1, 1, 0, admin_record_show,
	 "what the driver has noted on it: its format, its last holder"},
	{"image", "record clear", "IMAGE", 1, 1, F(FORMAT) | F(HOLDER) | F(YES), admin_record_clear,
	 "takes the driver's notes off it"},
	{"image", "map", IMAGE_MAYBE, 1, 1, F(READ_ONLY) | F(GUARD) | F(OPTIONS), admin_image_map,
	 "makes it a block device of this node, prints which"},
	{"image", "unmap", "DEVICE|IMAGE[@SNAP]", 1, 1, 0, admin_image_unmap,
	 "takes the block device away"},
	{"image", "snap ls", "IMAGE", 1, 1, 0, admin_snapshot_list,
	 "its snapshots"},
	{"image", "snap create", IMAGE_SNAP, 1, 1, 0, admin_snapshot_create,
	 "keeps what is in it now"},
	{"image", "snap rm", IMAGE_SNAP, 1, 1, F(YES), admin_snapshot_remove,
	 "removes a snapshot"},
	{"image", "snap protect", IMAGE_SNAP, 1, 1, 0, admin_snapshot_protect,
	 "keeps a snapshot from removal, for clones"},
	{"image", "snap unprotect", IMAGE_SNAP, 1, 1, 0, admin_snapshot_unprotect,
	 "allows its removal again"},
	{"image", "snap rollback", IMAGE_SNAP, 1, 1, F(YES), admin_snapshot_rollback,
	 "makes the image what it was; all that is newer is lost"},
	{"image", "clone", "PARENT@SNAP IMAGE", 2, 2, F(SIZE) | F(FEATURES) | F(DATA_POOL),
	 admin_image_clone,
	 "a new image that begins as a snapshot"},
	{"image", "flatten", "IMAGE", 1, 1, 0, admin_image_flatten,
	 "copies what a clone has from its parent: it needs the parent no longer"},

	{"pool", "ls", "", 0, 0, 0, admin_pool_list,
	 "all pools"},
	{"pool", "create", "POOL", 1, 1, 0, admin_pool_create,
	 "makes a pool for images"},
	{"pool", "rm", "POOL", 1, 1, F(YES), admin_pool_remove,
	 "removes a pool that is empty"},

	{"trash", "ls", "[POOL[/NAMESPACE]]", 0, 1, 0, admin_trash_list,
	 "the images in a pool's trash"},
	{"trash", "restore", "[POOL/[NAMESPACE/]]ID", 1, 1, F(IMAGE), admin_trash_restore,
	 "brings one back, under its old name or --image"},
	{"trash", "rm", "[POOL/[NAMESPACE/]]ID", 1, 1, F(YES), admin_trash_remove,
	 "removes one for good"},
};
/* clang-format on */

/* The rbd command has them, too. */
static const char *const ALIASES[][2] = {
	{"remove", "rm"},
	{"list", "ls"},
	{"feature", "features"},
	{"disk-usage", "du"},
};

static const char *without_alias(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(ALIASES); i++)
		if (str_eq(word, ALIASES[i][0]))
			return ALIASES[i][1];
	return word;
}

/* The first `count` words as one name. */
static void join(int argc, char *const *argv, int count, char ret[COMMAND_MAX])
{
	const char *second = count > 1 && argc > 1 ? without_alias(argv[1]) : "";

	ret[0] = '\0';
	if (argc > 0)
		(void)snprintf(ret, COMMAND_MAX, "%s%s%s", without_alias(argv[0]),
			       *second ? " " : "", second);
}

const struct command *command_find(const char *group, int argc, char *const *argv, int *ret_words)
{
	char name[COMMAND_MAX];

	for (int words = 1; words <= WORDS_MAX && words <= argc; words++) {
		join(argc, argv, words, name);
		*ret_words = words;
		for (size_t i = 0; i < ARRAY_SIZE(COMMANDS); i++)
			if (str_eq(group, COMMANDS[i].group) && str_eq(name, COMMANDS[i].name))
				return &COMMANDS[i];
	}
	return NULL;
}

static bool begins_with(const char *name, const char *words)
{
	const size_t length = strlen(words);

	return !length || (str_starts(name, words) && (!name[length] || name[length] == ' '));
}

/* How many words of it are meant to be the verb: of "snap creat db@a" two, of "creat db" one. */
static int words_meant(const char *group, int argc, char *const *argv)
{
	char first[COMMAND_MAX];

	join(argc, argv, 1, first);
	for (size_t i = 0; i < ARRAY_SIZE(COMMANDS); i++)
		if (str_eq(group, COMMANDS[i].group) && begins_with(COMMANDS[i].name, first))
			return WORDS_MAX;
	return 1;
}

const char *command_nearest(const char *group, int argc, char *const *argv,
			    char ret_meant[COMMAND_MAX])
{
	const int words = words_meant(group, argc, argv);
	size_t least = SIZE_MAX;
	const char *nearest = "";

	join(argc, argv, words, ret_meant);
	for (size_t i = 0; i < ARRAY_SIZE(COMMANDS); i++) {
		const char *name = COMMANDS[i].name;
		size_t distance = str_distance(ret_meant, name);

		if (!str_eq(group, COMMANDS[i].group) || (strchr(name, ' ') && words == 1))
			continue;
		if (distance < least) {
			least = distance;
			nearest = name;
		}
	}
	return nearest;
}

bool command_list(const char *group, const char *words, struct text *output)
{
	bool found = false;

	for (size_t i = 0; i < ARRAY_SIZE(COMMANDS); i++) {
		const struct command *command = &COMMANDS[i];
		char use[2 * COMMAND_MAX];

		if (!str_eq(group, command->group) || !begins_with(command->name, words))
			continue;
		(void)snprintf(use, sizeof(use), "%s %s", command->name, command->operands);
		text_printf(output, "  %-36s %s\n", use, command->help);
		found = true;
	}
	return found;
}

void command_usage(const struct command *command, struct text *output)
{
	text_printf(output, "rbd-flexvolume %s %s%s%s", command->group, command->name,
		    *command->operands ? " " : "", command->operands);
	arguments_brief(command->flags, output);
	text_printf(output, "\n%s\n\n", command->help);
	if (command->flags)
		arguments_describe(command->flags, output);
	text_printf(output, "%sOf every verb:\n", command->flags ? "\n" : "");
	arguments_describe(FLAGS_OF_EVERY, output);
}

bool admin_help(const char *group, int argc, char *const *argv, struct text *output)
{
	int words = 0;
	const struct command *command = command_find(group, argc, argv, &words);
	_cleanup_text_ struct text list = {0};
	char name[COMMAND_MAX];

	if (command && words == argc) {
		command_usage(command, output);
		return true;
	}
	join(argc, argv, 1, name);
	if (command || argc > 1 || !command_list(group, name, &list))
		return false;
	text_printf(output,
		    "rbd-flexvolume %s VERB: images are named [POOL/[NAMESPACE/]]IMAGE[@SNAP], the "
		    "pool is rbd where none is named\n\n%s\n"
		    "`help %s VERB` tells the flags of each.\n",
		    group, list.data ? list.data : "", group);
	return true;
}
