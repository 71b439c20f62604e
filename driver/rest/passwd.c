/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/passwd.h"

#include <crypt.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <termios.h>

#include "base/str.h"
#include "kubelet/grammar.h"
#include "rest/auth.h"
#include "rest/auth_file.h"

/* One line without its end. */
static int read_line(char ret[AUTH_PASSWORD_MAX], struct error *error)
{
	size_t length = 0;

	for (;;) {
		char byte;
		ssize_t count = read(STDIN_FILENO, &byte, 1);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_errno(error, -errno, "read the password");
		if (!count || byte == '\n')
			break;
		if (length == AUTH_PASSWORD_MAX - 1 || !byte)
			return error_set(error, -EINVAL,
					 "the password is longer than %d bytes, or has a zero byte",
					 AUTH_PASSWORD_MAX - 1);
		ret[length++] = byte;
	}
	ret[length] = '\0';
	return length ? 0 : error_set(error, -EINVAL, "the password is empty");
}

static int ask(const char *question, char ret[AUTH_PASSWORD_MAX], struct error *error)
{
	struct termios before, silent;
	int r;

	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return error_errno(error, -errno, "ask for the password");
	silent = before;
	silent.c_lflag &= ~(tcflag_t)ECHO;
	(void)fputs(question, stderr);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent);
	r = read_line(ret, error);
	(void)tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	(void)fputc('\n', stderr);
	return r;
}

static int get_password(const char *user, char ret[AUTH_PASSWORD_MAX], struct error *error)
{
	char again[AUTH_PASSWORD_MAX] = "", question[128];
	int r;

	if (!isatty(STDIN_FILENO))
		return read_line(ret, error);
	(void)snprintf(question, sizeof(question), "Password for %s: ", user);
	r = ask(question, ret, error);
	if (r >= 0)
		r = ask("Once more: ", again, error);
	if (r >= 0 && !str_eq(ret, again))
		r = error_set(error, -EINVAL, "the two passwords differ");
	explicit_bzero(again, sizeof(again));
	return r;
}

static int put(const struct arguments *arguments, const char *password, struct error *error)
{
	struct crypt_data *data = calloc(1, sizeof(*data));
	char salt[CRYPT_GENSALT_OUTPUT_SIZE];
	char *hash = NULL;
	int r;

	if (data && crypt_gensalt_rn("$y$", 0, NULL, 0, salt, sizeof(salt)))
		hash = crypt_r(password, salt, data);
	if (!hash || *hash == '*') {
		r = error_set(error, -EIO, "crypt(3) makes no yescrypt hash here");
	} else {
		struct auth_entry entry = {.user = (char *)arguments->user,
					   .hash = hash,
					   .read_only = arguments->read_only};

		r = auth_file_put(arguments->auth, &entry, error);
	}
	if (data)
		explicit_bzero(data, sizeof(*data));
	free(data);
	return r;
}

int passwd_run(const struct arguments *arguments, struct error *error)
{
	char password[AUTH_PASSWORD_MAX] = "";
	int r = grammar_check(auth_grammar_user, "user", arguments->user, error);

	if (r >= 0)
		r = get_password(arguments->user, password, error);
	if (r >= 0)
		r = put(arguments, password, error);
	explicit_bzero(password, sizeof(password));
	return r;
}
