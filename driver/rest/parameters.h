/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Names and values out of a query, a form (application/x-www-form-urlencoded) or a JSON object, as
 * they were sent: what they mean is the business of rest/request.h. Nothing here knows HTTP.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

#define PARAMETERS_MAX 32 /* in one request; there are no more names than that */

struct parameter {
	char *name;
	char *value;
};

struct parameters {
	struct parameter list[PARAMETERS_MAX];
	size_t count;
};

void parameters_done(struct parameters *parameters);
#define _cleanup_parameters_ __attribute__((cleanup(parameters_done)))

/* "a=1&b=2", percent-encoded; "+" is a space. `length` bytes, a zero byte is refused. Adds to what
 * is there; a name that is there already is refused, whatever its value. -EINVAL, -ENOMEM; no
 * message repeats a value. */
int parameters_add_form(struct parameters *parameters, const char *text, size_t length,
			struct error *error);

/* A flat object; strings, whole numbers, true and false. */
int parameters_add_json(struct parameters *parameters, const char *text, size_t length,
			struct error *error);

/* Percent-decoded into `to` (of at least length + 1 bytes), valid UTF-8, no zero byte. `plus`: a
 * "+" is a space. -EINVAL. */
int parameters_decode(const char *text, size_t length, bool plus, char *to, struct error *error);
