/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/say.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "base/str.h"

/* A pipe that poll(2) calls writable has room for PIPE_BUF (4096) bytes: for one line, so that no
 * other may come between the question and the write. */
int say_line(int fd, const char *line, size_t length)
{
	static pthread_mutex_t one_at_a_time = PTHREAD_MUTEX_INITIALIZER;
	struct pollfd room = {.fd = fd, .events = POLLOUT};
	int r = -EAGAIN;

	pthread_mutex_lock(&one_at_a_time);
	if (poll(&room, 1, 0) > 0 && room.revents & POLLOUT &&
	    write(fd, line, length) == (ssize_t)length)
		r = 0;
	pthread_mutex_unlock(&one_at_a_time);
	return r;
}

void say(const char *format, ...)
{
	char line[2600] = "rbd-rest: ";
	const size_t start = strlen(line);
	va_list arguments;
	size_t length;

	va_start(arguments, format);
	(void)vsnprintf(line + start, sizeof(line) - start - 1, format, arguments);
	va_end(arguments);
	str_one_line(line);
	length = strlen(line);
	line[length] = '\n';
	(void)say_line(STDERR_FILENO, line, length + 1);
}

void say_error(const struct error *error)
{
	say("%s%s%s", error->text, *error->advice ? "; " : "", error->advice);
}
