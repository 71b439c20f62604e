/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retries while a device or a mount is busy for a moment (a process that is just ending, udev's
 * look at a new device). In the worker.
 */
#pragma once

#include "base/deadline.h"
#include "base/error.h"

int patience_unmap(int id, struct deadline deadline, struct error *error);
int patience_umount(const char *directory, struct deadline deadline, struct error *error);
