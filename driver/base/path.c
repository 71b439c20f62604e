/* SPDX-License-Identifier: Apache-2.0 */
#include "base/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"

static const char *root = "";

void path_set_root(const char *directory)
{
	root = directory ? directory : "";
}

__attribute__((format(printf, 2, 0))) static int path_build(char ret[PATH_MAX], const char *format,
							    va_list arguments)
{
	int before = snprintf(ret, PATH_MAX, "%s", root);
	int length;

	if (before < 0 || before >= PATH_MAX)
		return -ENAMETOOLONG;
	length = vsnprintf(ret + before, (size_t)(PATH_MAX - before), format, arguments);
	return length < 0 || length >= PATH_MAX - before ? -ENAMETOOLONG : 0;
}

int path_format(char ret[PATH_MAX], const char *format, ...)
{
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = path_build(ret, format, arguments);
	va_end(arguments);
	return result;
}

__attribute__((format(printf, 2, 0))) static int open_built(int flags, const char *format,
							    va_list arguments)
{
	char path[PATH_MAX];
	int result = path_build(path, format, arguments);

	if (result < 0)
		return result;
	do
		result = open(path, flags | O_CLOEXEC, 0600);
	while (result < 0 && errno == EINTR);
	return result < 0 ? -errno : result;
}

int path_open(int flags, const char *format, ...)
{
	va_list arguments;
	int fd;

	va_start(arguments, format);
	fd = open_built(flags, format, arguments);
	va_end(arguments);
	return fd;
}

/* Fills `to` from the descriptor; the number of bytes, -EFBIG where something is left. */
static ssize_t read_whole(int fd, char *to, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t count = read(fd, to + done, size - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			return (ssize_t)done;
		done += (size_t)count;
	}
	return -EFBIG;
}

/* The same for a file that gives all of it to one read. */
static ssize_t read_once(int fd, char *to, size_t size)
{
	ssize_t count;

	do
		count = read(fd, to, size);
	while (count < 0 && errno == EINTR);
	if (count < 0)
		return -errno;
	return (size_t)count < size ? count : -EFBIG;
}

typedef ssize_t (*text_reader)(int fd, char *to, size_t size);

__attribute__((format(printf, 4, 0))) static ssize_t
read_text(text_reader reader, char *to, size_t size, const char *format, va_list arguments)
{
	_cleanup_close_ int fd = open_built(O_RDONLY, format, arguments);
	ssize_t length;

	to[0] = '\0';
	if (fd < 0)
		return fd;
	length = reader(fd, to, size);
	if (length < 0) {
		to[0] = '\0';
		return length;
	}
	if (length > 0 && to[length - 1] == '\n')
		length--;
	to[length] = '\0';
	return length;
}

ssize_t path_read(char *to, size_t size, const char *format, ...)
{
	va_list arguments;
	ssize_t length;

	va_start(arguments, format);
	length = read_text(read_whole, to, size, format, arguments);
	va_end(arguments);
	return length;
}

ssize_t path_read_attribute(char *to, size_t size, const char *format, ...)
{
	va_list arguments;
	ssize_t length;

	va_start(arguments, format);
	length = read_text(read_once, to, size, format, arguments);
	va_end(arguments);
	return length;
}

int path_write(const void *bytes, size_t length, const char *format, ...)
{
	_cleanup_close_ int fd = -1;
	va_list arguments;
	ssize_t written;

	va_start(arguments, format);
	fd = open_built(O_WRONLY, format, arguments);
	va_end(arguments);
	if (fd < 0)
		return fd;
	/* not repeated after EINTR: sysfs may have acted on it */
	written = write(fd, bytes, length);
	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

DIR *path_opendir(const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = path_build(path, format, arguments);
	va_end(arguments);
	if (result < 0) {
		errno = -result;
		return NULL;
	}
	return opendir(path);
}

bool path_exists(const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = path_build(path, format, arguments);
	va_end(arguments);
	return result == 0 && access(path, F_OK) == 0;
}

int path_make_directories(mode_t mode, const char *format, ...)
{
	char path[PATH_MAX];
	va_list arguments;
	int result;

	va_start(arguments, format);
	result = path_build(path, format, arguments);
	va_end(arguments);
	if (result < 0)
		return result;
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (mkdir(path, mode) < 0 && errno != EEXIST)
			return -errno;
		*slash = '/';
	}
	return mkdir(path, mode) < 0 && errno != EEXIST ? -errno : 0;
}
