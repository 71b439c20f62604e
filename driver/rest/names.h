/* SPDX-License-Identifier: Apache-2.0 */
/* The names of the parameters, what their values have to be, and the words on them for OpenAPI. */
#pragma once

#include "rest/request.h"

struct name_row {
	const char *name;
	const char *description;
	const char *schema; /* JSON Schema of the value */
	/* takes the value into the request; -EDOM with a sentence where it is outside its grammar
	 */
	int (*take)(const struct name_row *row, const char *value, struct rest_request *request,
		    struct error *error);
	size_t offset; /* of what is set in struct rest_request */
};

extern const struct name_row names[NAMES];
