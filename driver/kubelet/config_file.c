/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/config_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "kubelet/config.h"

#define FILE_MAX (INT64_C(1) << 20)

static int read_text(int fd, off_t size, char **ret)
{
	_cleanup_free_ char *text = malloc((size_t)size + 1);
	size_t length = 0;

	if (!text)
		return -ENOMEM;
	while (length < (size_t)size) {
		ssize_t count = read(fd, text + length, (size_t)size - length);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (!count)
			break;
		length += (size_t)count;
	}
	text[length] = '\0';
	if (strlen(text) != length)
		return -EBADMSG; /* a zero byte: what is behind it would not be read */
	*ret = TAKE_PTR(text);
	return 0;
}

/* Whoever can write the file decides what runs as root here: whose keyring, which cluster. */
static int check_owner(const char *path, const struct stat *status, struct error *error)
{
	if (status->st_uid != 0 && status->st_uid != geteuid())
		error_set(error, -EPERM, "configuration %s: it belongs to user %u", path,
			  status->st_uid);
	else if (status->st_mode & (S_IWGRP | S_IWOTH))
		error_set(error, -EPERM, "configuration %s: others can write it (mode %04o)", path,
			  status->st_mode & 07777);
	else
		return 0;
	return error_advise(error, "chown root:root %s; chmod 0644 %s", path, path);
}

/* -ENOENT: there is none, nothing is said. */
static int read_file(struct config_file *file, struct error *error)
{
	/* a FIFO must not hold up the call; a link is followed, what was opened is judged */
	_cleanup_close_ int fd = open(file->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	struct stat status;
	int r;

	if (fd < 0 && (errno == ENOENT || errno == ENOTDIR))
		return -ENOENT;
	if (fd < 0)
		return error_errno(error, -errno, "configuration %s: open", file->path);
	if (fstat(fd, &status) < 0)
		return error_errno(error, -errno, "configuration %s: stat", file->path);
	if (!S_ISREG(status.st_mode))
		return error_set(error, -EINVAL, "configuration %s: it is no regular file",
				 file->path);
	if (status.st_size > FILE_MAX)
		return error_set(error, -EFBIG, "configuration %s: it is larger than 1 MiB",
				 file->path);
	r = read_text(fd, status.st_size, &file->text);
	if (r == -EBADMSG)
		return error_set(error, r, "configuration %s: it contains a zero byte", file->path);
	if (r < 0)
		return error_errno(error, r, "configuration %s: read", file->path);
	return check_owner(file->path, &status, error);
}

static int beside_executable(const char *name, char ret[PATH_MAX])
{
	char executable[PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", executable, sizeof(executable) - 1);
	char *slash;

	if (length <= 0)
		return -ENOENT;
	executable[length] = '\0';
	slash = strrchr(executable, '/');
	if (!slash)
		return -ENOENT;
	slash[1] = '\0';
	if (snprintf(ret, PATH_MAX, "%s%s", executable, name) >= PATH_MAX)
		return -ENOENT;
	return 0;
}

int config_file_beside(const char *name, struct config_file *ret, struct error *error)
{
	int r;

	*ret = (struct config_file){0};
	r = beside_executable(name, ret->path);
	if (r >= 0)
		r = read_file(ret, error);
	if (r != -ENOENT)
		return r;
	ret->path[0] = '\0';
	return 0;
}

/* The one that the environment names must be there: to go on without it could be to go on without
 * its limits. */
static int named_by_environment(const char *path, struct config_file *ret, struct error *error)
{
	int r = -ENAMETOOLONG;

	*ret = (struct config_file){0};
	if (str_copy(ret->path, sizeof(ret->path), path) >= 0)
		r = read_file(ret, error);
	if (r == -ENOENT || r == -ENAMETOOLONG)
		return error_errno(error, r, "configuration %.200s, named by " CONFIG_ENVIRONMENT,
				   path);
	return r;
}

int config_read_text(const char *path, char **ret, struct error *error)
{
	_cleanup_config_file_ struct config_file file = {0};
	int r = str_copy(file.path, sizeof(file.path), path);

	if (r >= 0)
		r = read_file(&file, error);
	if (r == -ENOENT || r == -ENAMETOOLONG)
		return error_errno(error, r, "configuration %.200s", path);
	if (r >= 0)
		*ret = TAKE_PTR(file.text);
	return r;
}

int config_file_find(struct config_file *ret, struct error *error)
{
	const char *named = getenv(CONFIG_ENVIRONMENT);
	int r;

	if (!str_empty(named))
		return named_by_environment(named, ret, error);
	r = config_file_beside(".config.json", ret, error);
	if (r < 0 || *ret->path)
		return r;
	r = path_format(ret->path, "/etc/rbd-flexvolume/config.json");
	if (r >= 0)
		r = read_file(ret, error);
	if (r != -ENOENT)
		return r;
	ret->path[0] = '\0';
	return 0;
}

void config_file_done(struct config_file *file)
{
	free(file->text);
	file->text = NULL;
}
