/* SPDX-License-Identifier: Apache-2.0 */
/* What is in force: the command line, else `rest` of the configuration, else the default. */
#pragma once

#include <sys/socket.h>

#include "kubelet/config.h"
#include "rest/arguments.h"

struct settings {
	const char *listen;
	const char *auth; /* NULL: without users */
	bool allow_pool_delete;
};

#define SETTINGS_LISTEN "127.0.0.1:8080"

/* An unknown key is refused with the nearest. Strings belong to arguments and configuration. */
int settings_take(const struct arguments *arguments, const struct config *config,
		  struct settings *ret, struct error *error);

struct address {
	struct sockaddr_storage address;
	socklen_t length;
	bool loopback;
	bool any; /* "*": as many as there are */
};

/* "127.0.0.1:8080", "[::1]:8080", "localhost:8080", "*:8080" (all, IPv6 too). */
int settings_address(const char *text, struct address *ret, struct error *error);
