/* SPDX-License-Identifier: Apache-2.0 */
/* Failures as problem JSON (RFC 9457). */
#pragma once

#include "rest/request.h"
#include "rest/response.h"

#define RETRY_AFTER 5 /* seconds, while the cluster is away or too much is asked at once */

/* "Not Found" */
const char *problem_title(unsigned int status);

/* The whole answer; `request` may be NULL, what it names is told along. */
void problem(struct response *response, unsigned int status, const struct rest_request *request,
	     const char *detail, const char *advice);

/* The same for what a function said: its errno decides the status. */
void problem_of(struct response *response, const struct rest_request *request,
		const struct error *error);

/* 404 for -ENOENT and so on. */
unsigned int problem_status(int code);
