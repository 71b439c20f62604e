/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/auth.h"

#include <crypt.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>
#include <sys/random.h>

#include "base/deadline.h"
#include "base/siphash.h"
#include "base/str.h"
#include "rest/auth_file.h"

#define REMEMBER_MS (INT64_C(5) * 60 * 1000)
#define REMEMBERED  256

/* A pair that was right, as two keyed hashes: 128 bits that nobody outside can compute. */
struct remembered {
	uint64_t hash[2];
	int64_t until; /* 0: empty */
	enum auth_verdict verdict;
};

struct auth {
	char *path;
	pthread_mutex_t lock;
	struct auth_file file;
	struct remembered remembered[REMEMBERED];
	size_t next;
	unsigned char keys[2][16];
};

bool auth_parse_basic(const char *header, struct credentials *ret)
{
	char decoded[sizeof(ret->user) + sizeof(ret->password)];
	bool good = false;
	ssize_t length;
	char *colon;

	if (!header || strncasecmp(header, "Basic ", 6) != 0)
		return false;
	length = str_base64_decode(header + 6 + strspn(header + 6, " "), decoded,
				   sizeof(decoded) - 1);
	if (length > 0) {
		decoded[length] = '\0';
		colon = strchr(decoded, ':');
		if (colon && strlen(decoded) == (size_t)length) {
			*colon = '\0';
			good = str_copy(ret->user, sizeof(ret->user), decoded) == 0 &&
			       str_copy(ret->password, sizeof(ret->password), colon + 1) == 0;
		}
	}
	explicit_bzero(decoded, sizeof(decoded));
	return good;
}

int auth_open(const char *path, struct auth **ret, struct error *error)
{
	struct auth *auth = calloc(1, sizeof(*auth));
	int r = 0;

	if (!auth)
		return error_set(error, -ENOMEM, "not enough memory");
	auth->path = strdup(path);
	pthread_mutex_init(&auth->lock, NULL);
	if (!auth->path)
		r = error_set(error, -ENOMEM, "not enough memory");
	else if (getrandom(auth->keys, sizeof(auth->keys), 0) != sizeof(auth->keys))
		r = error_errno(error, -EIO, "get random bytes");
	if (r >= 0)
		r = auth_file_read(path, &auth->file, error);
	if (r < 0)
		auth_close(auth);
	else
		*ret = auth;
	return r;
}

void auth_close(struct auth *auth)
{
	if (!auth)
		return;
	auth_file_done(&auth->file);
	free(auth->path);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

size_t auth_users(struct auth *auth)
{
	size_t count;

	pthread_mutex_lock(&auth->lock);
	count = auth->file.count;
	pthread_mutex_unlock(&auth->lock);
	return count;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_dev == b->st_dev && a->st_size == b->st_size &&
	       a->st_mtim.tv_sec == b->st_mtim.tv_sec && a->st_mtim.tv_nsec == b->st_mtim.tv_nsec;
}

int auth_refresh(struct auth *auth, struct error *error)
{
	_cleanup_auth_file_ struct auth_file file = {0};
	struct auth_file old;
	struct stat status;
	bool same;

	if (stat(auth->path, &status) < 0)
		return error_errno(error, -errno, "users %s", auth->path);
	pthread_mutex_lock(&auth->lock);
	same = same_file(&status, &auth->file.status);
	pthread_mutex_unlock(&auth->lock);
	if (same)
		return 0;
	if (auth_file_read(auth->path, &file, error) < 0)
		return error->code;
	pthread_mutex_lock(&auth->lock);
	old = auth->file;
	auth->file = file;
	file = old;
	memset(auth->remembered, 0, sizeof(auth->remembered));
	pthread_mutex_unlock(&auth->lock);
	return 1;
}

static void hash_pair(const struct auth *auth, const struct credentials *credentials,
		      uint64_t ret[2])
{
	char pair[sizeof(*credentials)];
	const size_t user = strlen(credentials->user) + 1;
	const size_t length = user + strlen(credentials->password);

	memcpy(pair, credentials->user, user);
	memcpy(pair + user, credentials->password, length - user);
	for (int i = 0; i < 2; i++)
		ret[i] = siphash(auth->keys[i], pair, length);
	explicit_bzero(pair, sizeof(pair));
}

enum auth_verdict auth_recall(struct auth *auth, const struct credentials *credentials)
{
	enum auth_verdict verdict = AUTH_UNKNOWN;
	const int64_t now = deadline_now();
	uint64_t hash[2];

	hash_pair(auth, credentials, hash);
	pthread_mutex_lock(&auth->lock);
	for (size_t i = 0; i < REMEMBERED; i++) {
		const struct remembered *row = &auth->remembered[i];

		/* no early end within a row: how much of a hash is right is told to nobody */
		if (row->until > now && ((row->hash[0] ^ hash[0]) | (row->hash[1] ^ hash[1])) == 0)
			verdict = row->verdict;
	}
	pthread_mutex_unlock(&auth->lock);
	return verdict;
}

static void remember(struct auth *auth, const struct credentials *credentials,
		     enum auth_verdict verdict)
{
	struct remembered *row = &auth->remembered[auth->next++ % REMEMBERED];

	hash_pair(auth, credentials, row->hash);
	row->until = deadline_now() + REMEMBER_MS;
	row->verdict = verdict;
}

static bool equal(const char *a, const char *b)
{
	const size_t length = strlen(a);
	unsigned char difference = 0;

	if (strlen(b) != length)
		return false;
	for (size_t i = 0; i < length; i++)
		difference |= (unsigned char)(a[i] ^ b[i]);
	return difference == 0;
}

/* With the lock held. */
static const struct auth_entry *find_user(const struct auth *auth, const char *user)
{
	for (size_t i = 0; i < auth->file.count; i++)
		if (str_eq(auth->file.entries[i].user, user))
			return &auth->file.entries[i];
	return NULL;
}

/* The hash that the user has, else another user's: the answer takes as long. */
static char *hash_of(struct auth *auth, const char *user, bool *ret_there, bool *ret_read_only)
{
	const struct auth_entry *found;
	char *hash = NULL;

	pthread_mutex_lock(&auth->lock);
	found = find_user(auth, user);
	*ret_there = found;
	*ret_read_only = found && found->read_only;
	if (!found && auth->file.count)
		found = &auth->file.entries[0];
	if (found)
		hash = strdup(found->hash);
	pthread_mutex_unlock(&auth->lock);
	return hash;
}

enum auth_verdict auth_verify(struct auth *auth, const struct credentials *credentials)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	enum auth_verdict verdict = AUTH_WRONG;
	_cleanup_free_ char *hash = NULL;
	const struct auth_entry *found;
	bool there, read_only;
	const char *made;

	hash = hash_of(auth, credentials->user, &there, &read_only);
	made = data && hash ? crypt_r(credentials->password, hash, data) : NULL;
	if (made && *made != '*' && equal(made, hash) && there)
		verdict = read_only ? AUTH_READER : AUTH_WRITER;
	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	if (verdict == AUTH_WRONG)
		return verdict;
	pthread_mutex_lock(&auth->lock);
	/* a password that was changed in the meantime is not remembered */
	found = find_user(auth, credentials->user);
	if (found && str_eq(found->hash, hash) && found->read_only == read_only)
		remember(auth, credentials, verdict);
	pthread_mutex_unlock(&auth->lock);
	return verdict;
}
