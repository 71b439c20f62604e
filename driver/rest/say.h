/* SPDX-License-Identifier: Apache-2.0 */
/* What the server says of itself, on stderr: one line each. Requests are in the access log. */
#pragma once

#include <stddef.h>

#include "base/error.h"

__attribute__((format(printf, 1, 2))) void say(const char *format, ...);
void say_error(const struct error *error);

/* Writes one line (below 4096 bytes) at once or not at all: whoever reads slowly holds up nobody.
 * 0 or -EAGAIN. */
int say_line(int fd, const char *line, size_t length);
