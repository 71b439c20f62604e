/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/auth_file.h"

#include <crypt.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "kubelet/grammar.h"

#define READ_ONLY "read-only"
#define USERS_MAX 10000

void auth_file_done(struct auth_file *file)
{
	for (size_t i = 0; i < file->count; i++) {
		free(file->entries[i].user);
		free(file->entries[i].hash);
	}
	free(file->entries);
	*file = (struct auth_file){0};
}

const char *auth_grammar_user(const char *value)
{
	size_t length = strlen(value);

	if (length >= 1 && length <= 64 &&
	    strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._@-") ==
		    length &&
	    value[0] != '-')
		return NULL;
	return "a user of 1 to 64 characters A-Z a-z 0-9 . _ @ -, not starting with -";
}

/* The strong ones; what else crypt(3) can (DES, MD5) is broken by now. */
static bool hash_is_known(const char *hash)
{
	static const char *const KINDS[] = {"$y$", "$gy$", "$7$", "$2a$", "$2b$", "$2y$", "$6$"};

	for (size_t i = 0; i < ARRAY_SIZE(KINDS); i++)
		if (str_starts(hash, KINDS[i]))
			return crypt_checksalt(hash) == CRYPT_SALT_OK ||
			       crypt_checksalt(hash) == CRYPT_SALT_TOO_CHEAP ||
			       crypt_checksalt(hash) == CRYPT_SALT_METHOD_LEGACY;
	return false;
}

/* "USER:HASH[:read-only]"; what is wrong with it, or NULL. */
static const char *parse_line(char *line, struct auth_entry *ret)
{
	char *hash = strchr(line, ':'), *more;

	if (!hash)
		return "USER:HASH was expected";
	*hash++ = '\0';
	more = strchr(hash, ':');
	if (more)
		*more++ = '\0';
	if (auth_grammar_user(line))
		return "the user's name has characters that are none of A-Z a-z 0-9 . _ @ -";
	if (!hash_is_known(hash))
		return "the hash is none of yescrypt, bcrypt, scrypt, SHA-512";
	if (more && *more && !str_eq(more, READ_ONLY))
		return "behind the hash only \"" READ_ONLY "\" may stand";
	*ret = (struct auth_entry){
		.user = strdup(line), .hash = strdup(hash), .read_only = more && *more};
	return ret->user && ret->hash ? NULL : "not enough memory";
}

static const char *take_line(char *line, struct auth_file *file)
{
	struct auth_entry *entries, entry = {0};
	const char *wrong;

	line[strcspn(line, "\r\n")] = '\0';
	if (!*line || *line == '#')
		return NULL;
	if (file->count == USERS_MAX)
		return "there are too many users";
	wrong = parse_line(line, &entry);
	for (size_t i = 0; !wrong && i < file->count; i++)
		if (str_eq(file->entries[i].user, entry.user))
			wrong = "this user stands there twice";
	entries = wrong ? NULL : realloc(file->entries, (file->count + 1) * sizeof(*file->entries));
	if (!entries) {
		free(entry.user);
		free(entry.hash);
		return wrong ? wrong : "not enough memory";
	}
	file->entries = entries;
	file->entries[file->count++] = entry;
	return NULL;
}

static int check_status(const char *path, const struct stat *status, struct error *error)
{
	if (!S_ISREG(status->st_mode))
		return error_set(error, -EINVAL, "users %s: it is no regular file", path);
	if (!(status->st_mode & (S_IWGRP | S_IWOTH)))
		return 0;
	error_set(error, -EPERM, "users %s: others can write it (mode %04o)", path,
		  status->st_mode & 07777);
	return error_advise(error, "chmod 0600 %s", path);
}

int auth_file_read(const char *path, struct auth_file *ret, struct error *error)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_fclose_ FILE *stream = fd < 0 ? NULL : fdopen(fd, "r");
	_cleanup_free_ char *line = NULL;
	size_t size = 0, number = 0;
	int r = -errno;

	*ret = (struct auth_file){0};
	if (!stream && fd >= 0)
		close(fd);
	if (!stream)
		return error_errno(error, r, "users %s: open", path);
	if (fstat(fd, &ret->status) < 0)
		return error_errno(error, -errno, "users %s: stat", path);
	if (check_status(path, &ret->status, error) < 0)
		return error->code;
	while (getline(&line, &size, stream) >= 0) {
		const char *wrong = take_line(line, ret);

		number++;
		if (wrong)
			return error_set(error, -EINVAL, "users %s: line %zu: %s", path, number,
					 wrong);
	}
	return ferror(stream) ? error_errno(error, -EIO, "users %s: read", path) : 0;
}

static void add_line(struct text *text, const struct auth_entry *entry)
{
	text_printf(text, "%s:%s%s\n", entry->user, entry->hash,
		    entry->read_only ? ":" READ_ONLY : "");
}

static int write_all(int fd, const struct text *text)
{
	for (size_t done = 0; done < text->length;) {
		ssize_t count = write(fd, text->data + done, text->length - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		done += (size_t)count;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int replace(const char *path, const struct text *text, const struct stat *before,
		   struct error *error)
{
	_cleanup_free_ char *temporary = NULL;
	_cleanup_close_ int fd = -1;
	int r = 0;

	if (asprintf(&temporary, "%s.XXXXXX", path) < 0)
		return error_set(error, -ENOMEM, "not enough memory");
	fd = mkostemp(temporary, O_CLOEXEC);
	if (fd < 0)
		return error_errno(error, -errno, "users %s: make a file beside it", path);
	/* mkostemp made it 0600 */
	if (before && (fchown(fd, before->st_uid, before->st_gid) < 0 ||
		       fchmod(fd, before->st_mode & 07777) < 0))
		r = -errno;
	if (r == 0)
		r = write_all(fd, text);
	if (r == 0 && rename(temporary, path) < 0)
		r = -errno;
	if (r < 0)
		(void)unlink(temporary);
	return r < 0 ? error_errno(error, r, "users %s: write", path) : 0;
}

int auth_file_put(const char *path, const struct auth_entry *entry, struct error *error)
{
	_cleanup_auth_file_ struct auth_file file = {0};
	_cleanup_text_ struct text text = {0};
	const bool there = access(path, F_OK) == 0;
	bool put = false;

	if (there && auth_file_read(path, &file, error) < 0)
		return error->code;
	for (size_t i = 0; i < file.count; i++) {
		const bool same = str_eq(file.entries[i].user, entry->user);

		add_line(&text, same ? entry : &file.entries[i]);
		put = put || same;
	}
	if (!put)
		add_line(&text, entry);
	if (text.failed)
		return error_set(error, -ENOMEM, "not enough memory");
	return replace(path, &text, there ? &file.status : NULL, error);
}
