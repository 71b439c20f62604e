/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Retries while a device or a mount is busy for a moment (a process that is just ending, udev's
 * look at a new device). In the worker.
 */
#pragma once

#include "base/deadline.h"
#include "base/error.h"
#include "kernel/krbd.h"

/* Before each retry it is looked whether the id is still that mapping's: the kernel gives freed ids
 * away again. Gone already is success. */
int patience_unmap(const struct mapping *mapping, struct deadline deadline, struct error *error);
int patience_umount(const char *directory, struct deadline deadline, struct error *error);
