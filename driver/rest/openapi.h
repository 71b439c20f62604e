/* SPDX-License-Identifier: Apache-2.0 */
/* The OpenAPI 3.1 document, made from the table of routes. */
#pragma once

#include <cjson/cJSON.h>

/* NULL: not enough memory. */
cJSON *openapi_make(void);

/* "components"."schemas", as JSON. */
extern const char openapi_schemas[];
