/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who may ask: a file of crypt(3) hashes (rest/auth_file.h). A hash costs 20 to 200 ms, so a pair
 * that was right is remembered for five minutes, as a keyed hash of it.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define AUTH_USER_MAX     65
#define AUTH_PASSWORD_MAX 512

enum auth_verdict {
	AUTH_WRONG,
	AUTH_READER,
	AUTH_WRITER,
	AUTH_UNKNOWN, /* it takes auth_verify() to tell */
};

struct credentials {
	char user[AUTH_USER_MAX];
	char password[AUTH_PASSWORD_MAX];
};

static inline void cleanup_credentials(struct credentials *credentials)
{
	__builtin_memset(credentials, 0, sizeof(*credentials));
	__asm__ volatile("" : : "r"(credentials) : "memory");
}
#define _cleanup_credentials_ __attribute__((cleanup(cleanup_credentials)))

/* "Basic dXNlcjpwYXNzd29yZA=="; false: it is none, or too long to be any of ours. */
bool auth_parse_basic(const char *header, struct credentials *ret);

struct auth;

int auth_open(const char *path, struct auth **ret, struct error *error);
void auth_close(struct auth *auth); /* NULL is allowed */
size_t auth_users(struct auth *auth);

/* Reads the file again where it has changed; what cannot be read is refused, and the users stay as
 * they were. 1: it had changed. */
int auth_refresh(struct auth *auth, struct error *error);

/* Cheap: from memory only. */
enum auth_verdict auth_recall(struct auth *auth, const struct credentials *credentials);

/* Costs a hash, also for a user that is none. */
enum auth_verdict auth_verify(struct auth *auth, const struct credentials *credentials);
