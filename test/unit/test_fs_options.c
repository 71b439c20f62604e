/* SPDX-License-Identifier: Apache-2.0 */
/* mkfsOptions and mountOptions: the tables, and what is made of a list. */
#include <errno.h>

#include "unit.h"

#include "base/str.h"
#include "fs/arguments.h"
#include "fs/mkfs_options.h"
#include "fs/mount_options.h"

static struct error error;

/* The words of the tool's argv, separated by spaces. */
static const char *tool_words(const char *fs_type, const char *list)
{
	static char text[1024];
	const char *argv[2 * ARGUMENTS_MAX + 3];
	struct arguments arguments = {.count = 0};

	text[0] = '\0';
	arguments_add(&arguments, 'E', "nodiscard");
	if (mkfs_options_add(fs_type, list, &arguments, &error) < 0)
		fail_msg("%s", error.text);
	assert_int_equal(arguments_argv(&arguments, "mkfs", "/dev/x", argv), 0);
	for (size_t i = 0; argv[i]; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "%s%s", i ? " " : "",
			 argv[i]);
	return text;
}

static void words_of_one_letter_become_one_list(void **state)
{
	(void)state;
	assert_string_equal(tool_words("ext4", "stride=4,blocksize=4096,stripeWidth=16,reserved=2"),
			    "mkfs -E nodiscard,stride=4,stripe_width=16 -b 4096 -m 2 /dev/x");
	assert_string_equal(tool_words("ext4", "metadata_csum=off,project=on,large_dir=on"),
			    "mkfs -E nodiscard -O ^metadata_csum,project,quota,large_dir /dev/x");
	assert_string_equal(
		tool_words("xfs", "reflink=off,sunit=16,bigtime=on,swidth=32"),
		"mkfs -E nodiscard -m reflink=0,bigtime=1 -d sunit=16,swidth=32 /dev/x");
}

static void every_option_of_ext4_has_its_words(void **state)
{
	(void)state;
	assert_string_equal(tool_words("ext4", "inodes=1000,inodeSize=512,journalSize=8,label=a.b"),
			    "mkfs -E nodiscard -N 1000 -I 512 -J size=8 -L a.b /dev/x");
	assert_string_equal(tool_words("ext4", "inodeRatio=4096,inline_data=on"),
			    "mkfs -E nodiscard -i 4096 -O inline_data /dev/x");
}

static void every_option_of_xfs_has_its_words(void **state)
{
	(void)state;
	assert_string_equal(tool_words("xfs", "blocksize=1024,inodeSize=512,inodePercent=5"),
			    "mkfs -E nodiscard -b size=1024 -i size=512,maxpct=5 /dev/x");
	assert_string_equal(tool_words("xfs", "agcount=4,logSize=64,label=db,nrext64=off"),
			    "mkfs -E nodiscard -d agcount=4 -l size=64m -L db -i nrext64=0 /dev/x");
	assert_string_equal(tool_words("xfs", "rmapbt=on,inobtcount=off"),
			    "mkfs -E nodiscard -m rmapbt=1,inobtcount=0 /dev/x");
}

static void too_many_words_are_an_error(void **state)
{
	struct arguments arguments = {.count = 0};
	const char *argv[2 * ARGUMENTS_MAX + 3];

	(void)state;
	for (int i = 0; i < 40; i++)
		arguments_add(&arguments, 'E', "word=value");
	assert_int_equal(arguments_argv(&arguments, "mkfs", "/dev/x", argv), -E2BIG);
}

typedef int (*checker)(const char *fs_type, const char *list, struct error *error);

static void refuses(checker check, const char *fs_type, const char *list, const char *words)
{
	memset(&error, 0, sizeof(error));
	if (check(fs_type, list, &error) != -EINVAL)
		fail_msg("%s with \"%s\" was taken", fs_type, list);
	assert_contains(error.text, words);
}

static void accepts(checker check, const char *fs_type, const char *list)
{
	if (check(fs_type, list, &error) != 0)
		fail_msg("%s: %s", fs_type, error.text);
}

static void nothing_and_what_the_table_has_is_taken(void **state)
{
	(void)state;
	accepts(mkfs_options_check, "ext4", "");
	accepts(mkfs_options_check, "ext4", NULL);
	accepts(mkfs_options_check, "xfs", "blocksize=4096");
	accepts(mount_options_check, "ext4",
		"noatime,nodiratime,lazytime,nosuid,nodev,noexec,sync,dirsync,discard,"
		"errors=remount-ro,commit=30,data=writeback,nodelalloc,noauto_da_alloc,stripe=16,"
		"prjquota");
	accepts(mount_options_check, "xfs",
		"relatime,nodiscard,logbufs=8,logbsize=256k,allocsize=1m,inode32,largeio,noquota");
}

static void an_unknown_word_is_refused_and_the_nearest_offered(void **state)
{
	(void)state;
	refuses(mkfs_options_check, "ext4", "blocksise=4096",
		"mkfsOptions: ext4 has no option \"blocksise\" (did you mean \"blocksize\"?)");
	refuses(mount_options_check, "xfs", "noatme",
		"mountOptions: xfs has no option \"noatme\" (did you mean \"noatime\"?)");
	refuses(mount_options_check, "ext4", "journal_dev=8:1",
		"ext4 has no option \"journal_dev\"");
	assert_null(strstr(error.text, "did you mean"));
	assert_contains(error.advice, "docs/options.md");
}

static void an_option_of_the_other_type_is_refused(void **state)
{
	(void)state;
	refuses(mkfs_options_check, "ext4", "agcount=4", "ext4 has no option \"agcount\"");
	refuses(mkfs_options_check, "xfs", "reserved=1", "xfs has no option \"reserved\"");
	refuses(mount_options_check, "xfs", "data=journal", "xfs has no option \"data\"");
	refuses(mount_options_check, "btrfs", "", "fsType: \"btrfs\" is not ext4 or xfs");
	refuses(mkfs_options_check, "ext3", "", "fsType: \"ext3\" is not ext4 or xfs");
}

static void a_value_out_of_bounds_is_refused_with_the_bounds(void **state)
{
	(void)state;
	refuses(mkfs_options_check, "ext4", "blocksize=3000",
		"blocksize: \"3000\" is not a power of two from 1024 to 4096");
	refuses(mkfs_options_check, "ext4", "blocksize=8192", "from 1024 to 4096");
	refuses(mkfs_options_check, "ext4", "reserved=51",
		"reserved: \"51\" is not a number from 0 to 50");
	refuses(mkfs_options_check, "ext4", "reserved=-1", "is not a number");
	refuses(mkfs_options_check, "ext4", "reserved=1%", "is not a number");
	refuses(mkfs_options_check, "ext4", "reserved", "\"\" is not a number");
	refuses(mkfs_options_check, "ext4", "inodes=99999999999999999999", "is not a number");
	refuses(mkfs_options_check, "ext4", "metadata_csum=yes", "is not one of: on off");
	refuses(mkfs_options_check, "ext4", "metadata_csum=on off", "is not one of: on off");
	refuses(mkfs_options_check, "ext4", "label=a-very-long-label",
		"made of at most 16 letters");
	refuses(mkfs_options_check, "xfs", "label=thirteen-char", "made of at most 12 letters");
	refuses(mkfs_options_check, "ext4", "label=-d", "made of at most 16 letters");
	refuses(mkfs_options_check, "ext4", "label=a b", "made of at most 16 letters");
	refuses(mount_options_check, "xfs", "logbsize=48k", "a power of two like 64k");
	refuses(mount_options_check, "xfs", "logbsize=65536", "a power of two like 64k");
	refuses(mount_options_check, "xfs", "logbsize=512k", "from 16k to 256k");
	refuses(mount_options_check, "xfs", "allocsize=18014398509481984k", "a power of two");
	refuses(mount_options_check, "ext4", "noatime=1", "noatime takes no value");
}

static void a_list_out_of_form_is_refused(void **state)
{
	(void)state;
	refuses(mkfs_options_check, "ext4", ",blocksize=4096", "does not begin with a name");
	refuses(mkfs_options_check, "ext4", "blocksize=4096,", "it ends in a comma");
	refuses(mkfs_options_check, "ext4", "blocksize=4096,,reserved=1",
		"does not begin with a name");
	refuses(mkfs_options_check, "ext4", "=4096", "does not begin with a name");
	refuses(mkfs_options_check, "ext4", "blocksize=", "does not begin with a name");
	refuses(mkfs_options_check, "ext4", "-d /etc", "has no option \"-d /etc\"");
	refuses(mkfs_options_check, "ext4", "/dev/sda", "has no option \"/dev/sda\"");
}

static void twice_and_against_each_other_is_refused(void **state)
{
	(void)state;
	refuses(mkfs_options_check, "ext4", "reserved=1,reserved=2", "reserved is given twice");
	refuses(mkfs_options_check, "ext4", "inodes=99,inodeRatio=4096",
		"inodes and inodeRatio contradict each other");
	refuses(mkfs_options_check, "xfs", "sunit=16", "sunit and swidth are given together");
	refuses(mkfs_options_check, "xfs", "swidth=16", "sunit and swidth are given together");
	refuses(mount_options_check, "ext4", "noatime,relatime",
		"noatime and relatime contradict each other");
	refuses(mount_options_check, "ext4", "discard,nodiscard", "contradict each other");
}

static void what_costs_data_or_growth_is_refused_with_the_reason(void **state)
{
	(void)state;
	refuses(mount_options_check, "ext4", "nobarrier", "it loses data at a power cut");
	refuses(mount_options_check, "ext4", "barrier=0", "it loses data at a power cut");
	refuses(mount_options_check, "ext4", "errors=continue", "a damaged file system");
	refuses(mount_options_check, "ext4", "errors=panic", "take the whole node down");
	refuses(mount_options_check, "xfs", "norecovery", "the driver adds it");
	refuses(mount_options_check, "ext4", "ro", "the option readOnly");
	refuses(mkfs_options_check, "ext4", "bigalloc=on", "cannot grow online");
	refuses(mkfs_options_check, "ext4", "resize=1G", "how far the file system can grow");
	refuses(mkfs_options_check, "ext4", "64bit=off", "beyond 16 TiB");
	refuses(mkfs_options_check, "xfs", "uuid=x", "the driver chooses it");
}

static const char *all(const char *fs_type, const char *list, bool read_only)
{
	static char text[MOUNT_OPTIONS_MAX];

	if (mount_options_all(fs_type, list, read_only, text, &error) < 0)
		fail_msg("%s", error.text);
	return text;
}

static void the_drivers_own_options_come_first_and_once(void **state)
{
	(void)state;
	assert_string_equal(all("ext4", "", false), "errors=remount-ro");
	assert_string_equal(all("ext4", "errors=remount-ro,noatime", false),
			    "errors=remount-ro,noatime");
	assert_string_equal(all("ext4", "commit=30", true), "errors=remount-ro,noload,commit=30");
	assert_string_equal(all("xfs", NULL, false), "nouuid");
	assert_string_equal(all("xfs", "logbsize=64k", true), "nouuid,norecovery,logbsize=64k");
}

static const char *again(const char *fs_type, const char *shown, const char *shown_super,
			 bool read_only)
{
	static char text[MOUNT_OPTIONS_MAX];

	if (mount_options_again(fs_type, shown, shown_super, read_only, text, &error) < 0)
		fail_msg("%s", error.text);
	return text;
}

static void a_mount_is_made_again_with_what_it_showed(void **state)
{
	(void)state;
	assert_string_equal(again("ext4", "rw,nosuid,noatime",
				  "rw,lazytime,errors=remount-ro,stripe=1024,commit=30", false),
			    "errors=remount-ro,nosuid,noatime,lazytime,stripe=1024,commit=30");
	assert_string_equal(again("ext4", "ro,relatime", "ro,norecovery,errors=remount-ro", true),
			    "errors=remount-ro,noload,relatime");
	/* what no table has is the kernel's own choice, and not passed back */
	assert_string_equal(
		again("xfs", "rw,relatime",
		      "rw,nouuid,attr2,inode64,logbufs=8,logbsize=32k,sunit=128,noquota", false),
		"nouuid,relatime,inode64,logbufs=8,logbsize=32k,noquota");
	assert_int_equal(mount_options_again("tmpfs", "rw", "rw", false, (char[1024]){""}, &error),
			 -EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(words_of_one_letter_become_one_list),
		cmocka_unit_test(every_option_of_ext4_has_its_words),
		cmocka_unit_test(every_option_of_xfs_has_its_words),
		cmocka_unit_test(too_many_words_are_an_error),
		cmocka_unit_test(nothing_and_what_the_table_has_is_taken),
		cmocka_unit_test(an_unknown_word_is_refused_and_the_nearest_offered),
		cmocka_unit_test(an_option_of_the_other_type_is_refused),
		cmocka_unit_test(a_value_out_of_bounds_is_refused_with_the_bounds),
		cmocka_unit_test(a_list_out_of_form_is_refused),
		cmocka_unit_test(twice_and_against_each_other_is_refused),
		cmocka_unit_test(what_costs_data_or_growth_is_refused_with_the_reason),
		cmocka_unit_test(the_drivers_own_options_come_first_and_once),
		cmocka_unit_test(a_mount_is_made_again_with_what_it_showed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
