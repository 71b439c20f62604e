/* SPDX-License-Identifier: Apache-2.0 */
/* The files beside the executable and under /etc: found, trusted, read. Within this room only. */
#pragma once

#include <limits.h>

#include "base/error.h"

struct config_file {
	char path[PATH_MAX]; /* "" where there is none */
	char *text;          /* NULL where it could not be read */
};

/* $RBD_FLEXVOLUME_CONFIG, else .config.json beside the executable, else
 * /etc/rbd-flexvolume/config.json. 0 also where there is none. A file that others can write is
 * refused, its text is there nevertheless (see config_capabilities_load). `ret` must be given to
 * config_file_done() in any case. */
int config_file_find(struct config_file *ret, struct error *error);

/* NAME beside the executable; 0 also where there is none. */
int config_file_beside(const char *name, struct config_file *ret, struct error *error);

void config_file_done(struct config_file *file);
#define _cleanup_config_file_ __attribute__((cleanup(config_file_done)))
