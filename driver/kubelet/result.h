/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The answer of one call: the only room that writes to the caller. One JSON object, one write,
 * also when memory is short (nothing is allocated).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "kubelet/config.h"

enum result_status { RESULT_FAILURE, RESULT_SUCCESS, RESULT_NOT_SUPPORTED };

struct result {
	enum result_status status;
	char message[4096]; /* of a failure, or a remark beside a success */
	char device[512];   /* "" : not said */
	bool has_attached;  /* say "attached" */
	bool attached;
	bool has_capabilities;
	struct config_capabilities capabilities;
};

void result_success(struct result *result);
void result_not_supported(struct result *result, const char *verb);
/* "<text>; <advice>" becomes the message. */
void result_failure(struct result *result, const struct error *error);
/* Writes it as one line to `fd`. 0 or a negative errno. */
int result_write(const struct result *result, int fd);

/* Manual verbs: prints text as it is. 0 or a negative errno. */
int result_print(const char *text, size_t length, int fd);

/* Manual verbs: "rbd-flexvolume: <text>; <advice>" as one line. */
int result_explain(const struct error *error, int fd);
