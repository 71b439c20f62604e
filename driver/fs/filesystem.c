/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/filesystem.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/spawn.h"
#include "base/str.h"

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

static int run_mke2fs(int device_fd, const char *uuid, const char *options, int lock_fd,
		      struct deadline deadline, struct spawn_result *ret, struct error *error)
{
	char device[PROC_FD_SIZE];
	int keep[2];
	const char *const argv[] = {"mke2fs", "-q", "-t", "ext4",  "-m",   "0",
				    "-U",     uuid, "-E", options, device, NULL};
	const struct spawn spawn = {
		.argv = argv,
		.keep = keep,
		.keep_count = list_kept(device_fd, lock_fd, keep),
		.deadline = deadline,
	};

	snprintf(device, sizeof(device), "/proc/self/fd/%d", device_fd);
	return spawn_run(&spawn, ret, error);
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

int filesystem_make(int device_fd, const char *uuid, bool prezeroed, int lock_fd,
		    struct deadline deadline, struct error *error)
{
	const char *const *options = prezeroed ? options_prezeroed : options_used;
	const size_t count = prezeroed ? ARRAY_SIZE(options_prezeroed) : ARRAY_SIZE(options_used);
	struct spawn_result result = {0};

	for (size_t i = 0; i < count; i++) {
		int r = run_mke2fs(device_fd, uuid, options[i], lock_fd, deadline, &result, error);

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
	return error_advise(error, "see the kernel's log (dmesg) and the cluster's health (ceph "
				   "-s); the next call formats anew");
}

/* e2fsck(8): the exit code is a set of bits */
#define FSCK_GOOD        (1 | 2) /* corrected; corrected and "reboot", which only a root needs */
#define FSCK_UNCORRECTED 4

int filesystem_repair(int device_fd, int lock_fd, struct deadline deadline, struct error *error)
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

	snprintf(device, sizeof(device), "/proc/self/fd/%d", device_fd);
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

void filesystem_uuid(char ret[37])
{
	uint8_t bytes[16];
	char *to = ret;

	/* never given in part (random(4)); a signal may come first while the pool is young */
	while (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		continue;
	bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40); /* RFC 4122: version 4, random */
	bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
	for (int i = 0; i < 16; i++)
		to += snprintf(to, 4, "%s%02x", i == 4 || i == 6 || i == 8 || i == 10 ? "-" : "",
			       bytes[i]);
}
