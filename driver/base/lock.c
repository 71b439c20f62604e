/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/time.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/str.h"

#define LOCK_DIRECTORY "/run/rbd-flexvolume/lock"

static int lock_open(const char *name)
{
	int result = path_open(O_RDWR | O_CREAT | O_NOFOLLOW, LOCK_DIRECTORY "/%s", name);

	if (result != -ENOENT)
		return result;
	result = path_make_directories(0700, LOCK_DIRECTORY);
	if (result < 0)
		return result;
	return path_open(O_RDWR | O_CREAT | O_NOFOLLOW, LOCK_DIRECTORY "/%s", name);
}

static void alarm_noticed(int signal_number)
{
	(void)signal_number;
}

/* A blocking flock(2) that a timer interrupts; the timer repeats, since its first signal may come
 * before the call. */
static int flock_until(int fd, struct deadline deadline)
{
	struct sigaction action = {.sa_handler = alarm_noticed}, before;
	struct itimerval timer = {.it_interval = {.tv_usec = 20000}}, off = {0};
	int left = deadline_left(deadline);
	int result;

	timer.it_value = (struct timeval){.tv_sec = left / 1000, .tv_usec = left % 1000 * 1000 + 1};
	(void)sigaction(SIGALRM, &action, &before);
	(void)setitimer(ITIMER_REAL, &timer, NULL);
	do
		result = flock(fd, LOCK_EX) < 0 ? -errno : 0;
	while (result == -EINTR && !deadline_passed(deadline));
	(void)setitimer(ITIMER_REAL, &off, NULL);
	(void)sigaction(SIGALRM, &before, NULL);
	return result;
}

/* Does this process have the lock's file open? */
static bool has_open(uint64_t pid, const char *lock)
{
	_cleanup_closedir_ DIR *dir = path_opendir("/proc/%" PRIu64 "/fd", pid);
	const struct dirent *entry;
	char link[PATH_MAX], target[PATH_MAX];

	while (dir && (entry = readdir(dir))) {
		ssize_t length = -1;

		if (path_format(link, "/proc/%" PRIu64 "/fd/%s", pid, entry->d_name) == 0)
			length = readlink(link, target, sizeof(target) - 1);
		if (length < 0)
			continue;
		target[length] = '\0';
		if (str_eq(target, lock))
			return true;
	}
	return false;
}

static void name_of(uint64_t pid, char ret[32])
{
	if (path_read(ret, 32, "/proc/%" PRIu64 "/comm", pid) <= 0)
		ret[0] = '\0';
}

/* Who took the lock has gone, and whoever got it from him has it: the worker, mke2fs, e2fsck. Those
 * that wait have it open too, and are called as we are. */
static uint64_t find_heir(const char *lock, char ret_name[32])
{
	_cleanup_closedir_ DIR *dir = path_opendir("/proc");
	const struct dirent *entry;
	char own[32];
	uint64_t pid;

	name_of((uint64_t)getpid(), own);
	while (dir && (entry = readdir(dir))) {
		if (str_to_u64(entry->d_name, 10, &pid) < 0)
			continue;
		name_of(pid, ret_name);
		if (*ret_name && !str_eq(ret_name, own) && has_open(pid, lock))
			return pid;
	}
	return 0;
}

/* The note tells who took the lock and what for; "pid 12 (e2fsck): ..." where that one has gone. */
static void correct_note(const char *name, char *note, size_t size)
{
	_cleanup_text_ struct text text = {0};
	char lock[PATH_MAX], heir_name[32];
	uint64_t pid, heir;
	int at = 0;

	if (sscanf(note, "pid %" SCNu64 ":%n", &pid, &at) != 1 || !at ||
	    path_format(lock, LOCK_DIRECTORY "/%s", name) < 0 || has_open(pid, lock))
		return;
	heir = find_heir(lock, heir_name);
	if (!heir)
		return;
	str_one_line(heir_name);
	text_printf(&text, "pid %" PRIu64 " (%s):%s", heir, heir_name, note + at);
	if (text.data)
		(void)str_copy(note, size, text.data);
}

static int say_holder(const char *name, struct error *error)
{
	char holder[320];

	if (path_read(holder, sizeof(holder), LOCK_DIRECTORY "/%s", name) <= 0)
		(void)str_copy(holder, sizeof(holder), "another call");
	correct_note(name, holder, sizeof(holder));
	str_one_line(holder);
	error_set(error, -EBUSY, "waiting for the lock of this image: %s is still at work on it",
		  holder);
	return error_advise(error, "the kubelet asks again by itself; if this stays, look at that "
				   "process (ps, /proc/PID/stack) and at the cluster's health");
}

int lock_take(const char *name, struct deadline deadline, struct error *error)
{
	_cleanup_close_ int fd = lock_open(name);
	int result;

	if (fd < 0)
		return error_errno(error, fd, "open the lock %s/%s", LOCK_DIRECTORY, name);
	result = flock(fd, LOCK_EX | LOCK_NB) < 0 ? -errno : 0;
	if (result == -EWOULDBLOCK || result == -EINTR)
		result = flock_until(fd, deadline);
	if (result == -EINTR)
		return say_holder(name, error);
	if (result < 0)
		return error_errno(error, result, "take the lock %s/%s", LOCK_DIRECTORY, name);
	return TAKE_FD(fd);
}

int lock_try(const char *name)
{
	_cleanup_close_ int fd = lock_open(name);

	if (fd < 0)
		return fd;
	if (flock(fd, LOCK_EX | LOCK_NB) < 0)
		return errno == EWOULDBLOCK ? -EBUSY : -errno;
	return TAKE_FD(fd);
}

void lock_note(int fd, const char *format, ...)
{
	char note[240];
	va_list arguments;
	int length;

	length = snprintf(note, sizeof(note), "pid %d: ", getpid());
	va_start(arguments, format);
	(void)vsnprintf(note + length, sizeof(note) - (size_t)length, format, arguments);
	va_end(arguments);
	if (ftruncate(fd, 0) == 0)
		(void)!pwrite(fd, note, strlen(note), 0);
}
