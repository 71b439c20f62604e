/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A failure as a number and a sentence. The caller provides the struct; a function that fails
 * returns a negative errno and has filled it in: what was attempted, on which object, why, and
 * (advice) what a person can do. No secret ever enters it. It is plain data: the worker sends it
 * through a socket as it is.
 */
#pragma once

#include <stdarg.h>

struct error {
	int code;         /* negative errno; 0 while nothing failed */
	char text[1536];  /* "map image kube/db: the kernel refused: ..." */
	char advice[512]; /* "create the pool ..."; empty: nothing to add */
};

/* Replaces whatever was said before. `code` is a negative errno and is returned. */
__attribute__((format(printf, 3, 4))) int error_set(struct error *error, int code,
						    const char *format, ...);

/* The same, followed by ": " and the system's words for `code`. */
__attribute__((format(printf, 3, 4))) int error_errno(struct error *error, int code,
						      const char *format, ...);

/* Puts "context: " before what was said. Returns error->code. */
__attribute__((format(printf, 2, 3))) int error_prefix(struct error *error, const char *format,
						       ...);

/* Puts more behind what was said ("; ..."). Returns error->code. */
__attribute__((format(printf, 2, 3))) int error_append(struct error *error, const char *format,
						       ...);

/* Says what to do, unless something below has said it already. Returns error->code. */
__attribute__((format(printf, 2, 3))) int error_advise(struct error *error, const char *format,
						       ...);
