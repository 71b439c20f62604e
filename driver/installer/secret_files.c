/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A Secret as Kubernetes mounts it: a file per entry, through the link ..data, which is swapped
 * when the Secret changes. The directory is opened through it once, so that all entries are of one
 * state.
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "installer/desired.h"
#include "kubelet/grammar.h"
#include "kubelet/secret.h"

#define ENTRY_MAX 1024

/* Its length; -ENOENT where there is none. */
static ssize_t read_entry(int fd, const char *name, char ret[ENTRY_MAX], struct error *error)
{
	_cleanup_close_ int opened = openat(fd, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	ssize_t length;

	if (opened < 0 && errno == ENOENT)
		return -ENOENT;
	length = opened < 0 ? -1 : pread(opened, ret, ENTRY_MAX, 0);
	if (length < 0)
		return error_errno(error, -errno, "Secret: read the entry %s", name);
	if (length == ENTRY_MAX)
		return error_set(error, -EFBIG, "Secret: the entry %s is too long", name);
	ret[length] = '\0';
	return length;
}

static int read_known(int fd, struct secret *secret, struct error *error)
{
	static const char *const NAMES[] = {"key", "userKey", "user", "userID"};
	char bytes[ENTRY_MAX];
	int r = 0;

	for (size_t i = 0; r >= 0 && i < ARRAY_SIZE(NAMES); i++) {
		ssize_t length = read_entry(fd, NAMES[i], bytes, error);

		if (length >= 0)
			r = secret_take_bytes(secret, NAMES[i], bytes, (size_t)length, error);
		else if (length != -ENOENT)
			r = (int)length;
	}
	explicit_bzero(bytes, sizeof(bytes));
	return r;
}

static int read_text(int fd, const char *name, grammar_function grammar, char *ret, size_t size,
		     struct error *error)
{
	char bytes[ENTRY_MAX];
	ssize_t length = read_entry(fd, name, bytes, error);
	int r;

	*ret = '\0';
	if (length == -ENOENT)
		return 0;
	if (length < 0)
		return (int)length;
	str_one_line(bytes);
	r = grammar_check(grammar, name, bytes, error);
	if (r >= 0 && str_copy(ret, size, bytes) < 0)
		r = error_set(error, -EFBIG, "the entry %s is too long", name);
	return r < 0 ? error_prefix(error, "Secret") : 0;
}

int secret_files_read(const char *directory, struct secret_files *ret, struct error *error)
{
	_cleanup_close_ int named = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC), data = -1;
	struct secret secret = {0};
	int fd, r;

	*ret = (struct secret_files){0};
	if (named < 0)
		return error_errno(error, -errno, "Secret %s: open", directory);
	data = openat(named, "..data", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	fd = data < 0 ? named : data;
	r = read_known(fd, &secret, error);
	if (r >= 0)
		r = read_text(fd, "monitors", grammar_monitors, ret->monitors,
			      sizeof(ret->monitors), error);
	if (r >= 0)
		r = read_text(fd, "fsid", grammar_uuid, ret->fsid, sizeof(ret->fsid), error);
	(void)str_copy(ret->key, sizeof(ret->key), secret.key);
	(void)str_copy(ret->user, sizeof(ret->user), secret.user);
	explicit_bzero(&secret, sizeof(secret));
	return r < 0 ? error_prefix(error, "%s", directory) : 0;
}

void secret_files_done(struct secret_files *files)
{
	explicit_bzero(files, sizeof(*files));
}
