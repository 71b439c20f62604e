/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/spawn.h"
#include "base/str.h"
#include "fs/arguments.h"
#include "fs/mkfs_options.h"
#include "fs/xfs.h"

#define PROC_FD_SIZE 32

static int advise_tools(int code, struct error *error)
{
	if (code == -ENOENT)
		error_advise(error, "install xfsprogs on the node");
	return code;
}

static int build(const struct filesystem_make *make, struct arguments *ret, struct error *error)
{
	char uuid[64];

	(void)snprintf(uuid, sizeof(uuid), "uuid=%s", make->uuid);
	arguments_add(ret, 'q', "");
	arguments_add(ret, 'K', ""); /* a discard of a new image only costs time */
	if (make->dry)
		arguments_add(ret, 'N', "");
	/* its own look at what is there is one more guard, but where it is our own debris */
	if (!make->prezeroed)
		arguments_add(ret, 'f', "");
	arguments_add(ret, 'm', uuid);
	return mkfs_options_add("xfs", make->options, ret, error);
}

/* It says what is wrong, and then how it is used, at length. */
static void cut_usage(char *output)
{
	char *usage = strstr(output, "Usage: mkfs.xfs");

	if (usage)
		*usage = '\0';
	str_one_line(output);
}

static int explain(const struct filesystem_make *make, struct spawn_result *result,
		   struct error *error)
{
	cut_usage(result->output);
	error_set(error, -EIO, "make an xfs file system: mkfs.xfs ended with %d%s%s",
		  result->exit_code, *result->output ? ": " : "", result->output);
	if (make->dry)
		return error_advise(error, "correct mkfsOptions or the size: nothing was written");
	return error_advise(error, "see the kernel's log (dmesg) and the cluster's health (ceph "
				   "-s); the next call formats anew");
}

int xfs_make(const struct filesystem_make *make, struct error *error)
{
	char device[PROC_FD_SIZE];
	const int keep[2] = {make->device_fd, make->lock_fd};
	const char *argv[2 * ARGUMENTS_MAX + 3];
	struct arguments arguments = {.count = 0};
	const struct spawn spawn = {
		.argv = argv,
		.keep = keep,
		.keep_count = make->lock_fd >= 0 ? 2 : 1,
		.deadline = make->deadline,
	};
	struct spawn_result result;
	int r = build(make, &arguments, error);

	(void)snprintf(device, sizeof(device), "/proc/self/fd/%d", make->device_fd);
	if (r == 0)
		r = arguments_argv(&arguments, "mkfs.xfs", device, argv);
	if (r < 0)
		return error_prefix(error, "make an xfs file system");
	r = spawn_run(&spawn, &result, error);
	if (r < 0) {
		error_prefix(error, "make an xfs file system");
		return advise_tools(r, error);
	}
	return result.exit_code == 0 ? 0 : explain(make, &result, error);
}

/* logprint/log_print_trans.c: its first lines end in the state; where that is dirty, all that waits
 * in the log follows, which nobody wants to read to its end. */
static bool says(const struct spawn_result *result, const char *state)
{
	const char *said = strstr(result->output, " state: <");

	return str_starts(result->output, "xfs_logprint:") && said && str_starts(said, state);
}

int xfs_find_clean(int device_fd, int lock_fd, struct deadline deadline, struct super *super,
		   struct error *error)
{
	char device[PROC_FD_SIZE];
	const int keep[2] = {device_fd, lock_fd};
	const char *const argv[] = {"xfs_logprint", "-t", device, NULL};
	const struct spawn spawn = {
		.argv = argv,
		.keep = keep,
		.keep_count = lock_fd >= 0 ? 2 : 1,
		.deadline = deadline,
		.beginning = true,
	};
	struct spawn_result result;
	int r;

	(void)snprintf(device, sizeof(device), "/proc/self/fd/%d", device_fd);
	r = spawn_run(&spawn, &result, error);
	if (r < 0) {
		error_prefix(error, "look at the log of the xfs file system");
		return advise_tools(r, error);
	}
	super->clean = says(&result, " state: <CLEAN>");
	if (super->clean || says(&result, " state: <DIRTY>"))
		return 0;
	error_set(error, -EUCLEAN,
		  "look at the log of the xfs file system: xfs_logprint ended with %d%s%s",
		  result.exit_code, *result.output ? ": " : "", result.output);
	return error_advise(error, "nothing was mounted; map the image by hand, copy it (rbd snap "
				   "create), and look at it with xfs_repair -n");
}
