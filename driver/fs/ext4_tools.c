/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/spawn.h"
#include "base/str.h"
#include "fs/arguments.h"
#include "fs/ext4.h"
#include "fs/mkfs_options.h"

/* nodiscard: a discard of a new image only costs time. packed_meta_blocks: the bitmaps and tables
 * of all groups together (100 GiB: 19 objects written instead of 67). None of these keeps the file
 * system from growing online, measured tenfold and more on 6.1 and 6.12 from 200 MiB, 1 GiB and
 * 100 GiB; num_backup_sb would (it means sparse_super2, whose growth the kernel refuses). */
#define COMMON "nodiscard,packed_meta_blocks=1"

static const char *const options_prezeroed[] = {
	/* e2fsprogs >= 1.47.0: the tables count as written, so that the kernel does not write
	 * zeroes after the mount either */
	COMMON ",lazy_itable_init=1,lazy_journal_init=1,assume_storage_prezeroed=1",
	/* older: the kernel writes them in the background */
	COMMON ",lazy_itable_init=1,lazy_journal_init=1",
};
/* What was there before must not be taken for a table. */
static const char *const options_used[] = {COMMON ",lazy_itable_init=0,lazy_journal_init=0"};

#define PROC_FD_SIZE 32

static size_t list_kept(int device_fd, int lock_fd, int ret[2])
{
	ret[0] = device_fd;
	ret[1] = lock_fd;
	return lock_fd >= 0 ? 2 : 1;
}

static int build(const struct filesystem_make *make, const char *extended, struct arguments *ret,
		 struct error *error)
{
	int result;

	arguments_add(ret, 'q', "");
	arguments_add(ret, 't', "ext4");
	arguments_add(ret, 'U', make->uuid);
	if (make->dry)
		arguments_add(ret, 'n', "");
	arguments_add(ret, 'E', extended);
	result = mkfs_options_add("ext4", make->options, ret, error);
	if (!arguments_have(ret, 'm'))
		arguments_add(ret, 'm', "0");
	return result;
}

static int run_mke2fs(const struct filesystem_make *make, const char *extended,
		      struct spawn_result *ret, struct error *error)
{
	char device[PROC_FD_SIZE];
	int keep[2], result;
	const char *argv[2 * ARGUMENTS_MAX + 3];
	struct arguments arguments = {.count = 0};
	const struct spawn spawn = {
		.argv = argv,
		.keep = keep,
		.keep_count = list_kept(make->device_fd, make->lock_fd, keep),
		.deadline = make->deadline,
	};

	result = build(make, extended, &arguments, error);
	if (result < 0)
		return result;
	(void)snprintf(device, sizeof(device), "/proc/self/fd/%d", make->device_fd);
	result = arguments_argv(&arguments, "mke2fs", device, argv);
	return result < 0 ? error_errno(error, result, "call mke2fs")
			  : spawn_run(&spawn, ret, error);
}

/* misc/mke2fs.c: parse_extended_opts */
static bool is_unknown_option(const struct spawn_result *result)
{
	return result->exit_code != 0 && strstr(result->output, "Bad option(s) specified");
}

static int advise_tools(int code, struct error *error)
{
	if (code == -ENOENT)
		error_advise(error, "install e2fsprogs on the node");
	return code;
}

int ext4_make(const struct filesystem_make *make, struct error *error)
{
	const char *const *options = make->prezeroed ? options_prezeroed : options_used;
	const size_t count =
		make->prezeroed ? ARRAY_SIZE(options_prezeroed) : ARRAY_SIZE(options_used);
	struct spawn_result result = {0};

	for (size_t i = 0; i < count; i++) {
		int r = run_mke2fs(make, options[i], &result, error);

		if (r < 0) {
			error_prefix(error, "make an ext4 file system");
			return advise_tools(r, error);
		}
		if (!is_unknown_option(&result))
			break;
	}
	if (result.exit_code == 0)
		return 0;
	error_set(error, -EIO, "make an ext4 file system: mke2fs ended with %d%s%s",
		  result.exit_code, *result.output ? ": " : "", result.output);
	if (make->dry)
		return error_advise(error, "correct mkfsOptions or the size: nothing was written");
	return error_advise(error, "see the kernel's log (dmesg) and the cluster's health (ceph "
				   "-s); the next call formats anew");
}

/* e2fsck(8): the exit code is a set of bits */
#define FSCK_GOOD        (1 | 2) /* corrected; corrected and "reboot", which only a root needs */
#define FSCK_UNCORRECTED 4

int ext4_repair(int device_fd, int lock_fd, struct deadline deadline, struct error *error)
{
	char device[PROC_FD_SIZE];
	int keep[2];
	const char *const argv[] = {"e2fsck", "-p", device, NULL};
	const struct spawn spawn = {
		.argv = argv,
		.keep = keep,
		.keep_count = list_kept(device_fd, lock_fd, keep),
		.deadline = deadline,
		.never_kill = true,
	};
	struct spawn_result result = {0};
	int r;

	(void)snprintf(device, sizeof(device), "/proc/self/fd/%d", device_fd);
	r = spawn_run(&spawn, &result, error);
	if (r < 0) {
		error_prefix(error, "check the ext4 file system");
		return advise_tools(r, error);
	}
	if ((result.exit_code & ~FSCK_GOOD) == 0)
		return 0;
	error_set(error, result.exit_code & FSCK_UNCORRECTED ? -EUCLEAN : -EIO,
		  "check the ext4 file system: e2fsck ended with %d%s%s", result.exit_code,
		  *result.output ? ": " : "", result.output);
	return error_advise(error, "nothing was mounted; map the image by hand, copy it (rbd snap "
				   "create), and run e2fsck without -p");
}
