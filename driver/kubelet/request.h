/* SPDX-License-Identifier: Apache-2.0 */
/* One call of the kubelet, parsed once; const for everybody below main. */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "kubelet/options.h"

/* What stands at argv[2], argv[3], ...: a row of the verb table lists them. */
enum argument {
	ARGUMENT_END,
	ARGUMENT_JSON,
	ARGUMENT_DIRECTORY,
	ARGUMENT_DEVICE, /* may be empty or stale; kept, never trusted */
	ARGUMENT_NODE,
	ARGUMENT_VOLUME,
	ARGUMENT_NEW_SIZE,
	ARGUMENT_OLD_SIZE,
};

#define REQUEST_ARGUMENTS_MAX 6

/* "JSON", "DIR", ...: for messages and help. */
const char *request_argument_name(enum argument argument);

struct request {
	const char *verb;
	const char
		*directory; /* absolute, no "." or ".." component, no trailing slash; "" if none */
	const char *device;
	const char *node;
	const char *volume; /* of detach, else the options' */
	uint64_t new_size;  /* bytes */
	uint64_t old_size;
	struct options options; /* zero where the verb has no JSON (all strings "") */
	char directory_memory[4096];
};

/* The verb alone, all else "". */
void request_init(const char *verb, struct request *ret);

/* Checks the arity and every argument. Errors name verb and argument (-EINVAL). `ret` must be
 * given to request_done() in any case. */
int request_parse(const char *verb, const enum argument arguments[REQUEST_ARGUMENTS_MAX], int argc,
		  char *const argv[], struct request *ret, struct error *error);
void request_done(struct request *request);
#define _cleanup_request_ __attribute__((cleanup(request_done)))
