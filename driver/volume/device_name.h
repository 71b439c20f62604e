/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /dev/rbd-flexvolume/<volume>: the device name that attach mode answers. A symlink that goes
 * before the unmap, because the kubelet opens that name after unmountdevice and a reused
 * /dev/rbdN would hold it up (contract §6.8, step 5).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "kernel/krbd.h"

void device_name(const char *volume, char *ret, size_t size);
/* Makes or replaces the link to /dev/rbd<id>. */
int device_name_make(const char *volume, int id, struct error *error);
/* Before the device goes: whatever name it has, unless its number is another mapping's by now. Had
 * it one? */
bool device_name_remove(const struct mapping *mapping);
