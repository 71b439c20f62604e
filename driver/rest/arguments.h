/* SPDX-License-Identifier: Apache-2.0 */
/* The command line of rbd-rest. */
#pragma once

#include <stdbool.h>

#include "base/error.h"

enum command { COMMAND_SERVE, COMMAND_PASSWD, COMMAND_HELP, COMMAND_VERSION };

struct arguments {
	enum command command;
	/* NULL where not given */
	const char *listen;
	const char *auth;
	const char *conf;
	const char *id;
	const char *keyring;
	const char *config;
	const char *tls_cert;
	const char *tls_key;
	const char *run_as; /* --user */
	const char *user;   /* of passwd */
	bool read_only;
};

/* -EINVAL names what is wrong, with the nearest known option. */
int command_line_parse(int argc, char *const argv[], struct arguments *ret, struct error *error);

extern const char arguments_help[];
