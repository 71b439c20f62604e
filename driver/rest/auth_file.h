/* SPDX-License-Identifier: Apache-2.0 */
/* The file of users: "USER:HASH" or "USER:HASH:read-only" a line; empty lines and such that begin
 * with # are passed over. htpasswd's files (-B) are of this form. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

struct auth_entry {
	char *user;
	char *hash;
	bool read_only;
};

struct auth_file {
	struct auth_entry *entries;
	size_t count;
	struct stat status;
};

/* NULL where it is a user's name, else what it has to be. */
const char *auth_grammar_user(const char *value);

/* Refused: a file that others can write, a line that is none, a hash that crypt(3) does not know, a
 * user twice. The errors name the line, never what stands in it. */
int auth_file_read(const char *path, struct auth_file *ret, struct error *error);
void auth_file_done(struct auth_file *file);
#define _cleanup_auth_file_ __attribute__((cleanup(auth_file_done)))

/* Puts the user in, or in the place of the one of that name; the file is made (0600) or replaced as
 * a whole, with its owner and mode. */
int auth_file_put(const char *path, const struct auth_entry *entry, struct error *error);
