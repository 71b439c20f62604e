/* SPDX-License-Identifier: Apache-2.0 */
/* The stand-in where no syslog listens: /var/log/rbd-flexvolume.log, at most 1 MiB, and as much
 * again in .1 beside it. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log_targets.h"
#include "base/path.h"
#include "base/str.h"
#include "base/utc.h"

#define LOG_FILE      "/var/log/rbd-flexvolume.log"
#define LOG_FILE_MAX  (1024 * 1024)
#define LOG_FILE_OVER (64 * 1024) /* what others may write while one turns it over */

/* Neither a link nor a pipe that somebody put there is written to, nor waited for. */
static int open_file(struct stat *ret)
{
	_cleanup_close_ int fd = path_open(
		O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, LOG_FILE);

	if (fd < 0 || fstat(fd, ret) < 0 || !S_ISREG(ret->st_mode))
		return -1;
	return TAKE_FD(fd);
}

/* One of several writers that find it full renames it, once: whoever has its lock, and only if it
 * still has that name. The others write a few lines more. */
static bool turn_over(int fd, const struct stat *status)
{
	char from[PATH_MAX], to[PATH_MAX];
	struct stat now;

	return flock(fd, LOCK_EX | LOCK_NB) == 0 && path_format(from, LOG_FILE) == 0 &&
	       path_format(to, LOG_FILE ".1") == 0 && lstat(from, &now) == 0 &&
	       now.st_ino == status->st_ino && now.st_dev == status->st_dev &&
	       rename(from, to) == 0;
}

static void add_time(struct text *text)
{
	struct timespec now;
	char words[UTC_TEXT_MAX];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	text_printf(text, "%s.%03ldZ ", utc_text(now.tv_sec, words), now.tv_nsec / 1000000);
}

bool log_to_file(const struct log_line *line)
{
	static const char *const levels[] = {
		[3] = "error", [4] = "warning", [6] = "info", [7] = "debug"};
	_cleanup_text_ struct text text = {0};
	struct stat status;
	_cleanup_close_ int full = open_file(&status);
	_cleanup_close_ int fresh = -1;

	if (full < 0)
		return false;
	add_time(&text);
	text_printf(&text, LOG_IDENTIFIER "[%d] %s: %s\n", getpid(), levels[line->level],
		    line->message);
	if (!text.data || text.failed)
		return false;
	if (status.st_size + (off_t)text.length > LOG_FILE_MAX && turn_over(full, &status))
		fresh = open_file(&status);
	if (status.st_size > LOG_FILE_MAX + LOG_FILE_OVER)
		return false;
	/* one write: lines of others do not get between */
	return write(fresh < 0 ? full : fresh, text.data, text.length) == (ssize_t)text.length;
}
