/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/path.h"
#include "base/str.h"

static int log_connect(void)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];

	if (path_format(path, "/dev/log") < 0 ||
	    str_copy(address.sun_path, sizeof(address.sun_path), path) < 0)
		return -1;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) < 0)
		return -1;
	return TAKE_FD(fd);
}

void log_say(enum log_level level, const char *format, ...)
{
	enum { FACILITY_DAEMON = 3 << 3 };
	_cleanup_close_ int fd = log_connect();
	char line[2048];
	va_list arguments;
	int length;

	if (fd < 0)
		return;
	length = snprintf(line, sizeof(line),
			  "<%d>rbd-flexvolume[%d]: ", FACILITY_DAEMON | (int)level, getpid());
	va_start(arguments, format);
	(void)vsnprintf(line + length, sizeof(line) - (size_t)length, format, arguments);
	va_end(arguments);
	str_one_line(line);
	/* what cannot be taken at once is dropped: the log never delays a call */
	(void)send(fd, line, strlen(line), MSG_DONTWAIT | MSG_NOSIGNAL);
}
