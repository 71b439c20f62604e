/* SPDX-License-Identifier: Apache-2.0 */
/* status's other form. */
#pragma once

#include <stdbool.h>

#include "base/str.h"
#include "kernel/krbd.h"

/* status.c: "driver", "manual" (image map) or "foreign". */
const char *status_whose(const struct mapping *mapping);

void status_metrics(const struct mappings *mappings, bool attach_mode, struct text *output);
