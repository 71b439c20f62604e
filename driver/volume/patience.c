/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/patience.h"

#include "fs/mount.h"
#include "kernel/krbd.h"

static int try_unmap(const void *what, void *context)
{
	return krbd_unmap(*(const int *)what, context);
}

int patience_unmap(int id, struct deadline deadline, struct error *error)
{
	return deadline_retry_busy(try_unmap, &id, error, deadline);
}

static int try_umount(const void *what, void *context)
{
	return mount_undo(what, context);
}

int patience_umount(const char *directory, struct deadline deadline, struct error *error)
{
	return deadline_retry_busy(try_umount, directory, error, deadline);
}
