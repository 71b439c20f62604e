/* SPDX-License-Identifier: Apache-2.0 */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
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

static int say_holder(const char *name, struct error *error)
{
	char holder[256];

	if (path_read(holder, sizeof(holder), LOCK_DIRECTORY "/%s", name) <= 0)
		(void)str_copy(holder, sizeof(holder), "another call");
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
