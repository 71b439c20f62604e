/* SPDX-License-Identifier: Apache-2.0 */
/* What the kernel means by the errno of a write to /sys/bus/rbd, and what a person can do. Used by
 * krbd_map.c only. */
#pragma once

#include "base/error.h"
#include "kernel/krbd.h"

/* Both return `code`. */
int krbd_explain_map(int code, const struct krbd_map *map, struct error *error);
int krbd_explain_unmap(int code, int id, struct error *error);
