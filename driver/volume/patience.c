/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/patience.h"

#include <errno.h>

#include "fs/mount.h"
#include "kernel/krbd.h"

static int try_unmap(const void *what, void *context)
{
	const struct mapping *mapping = what;
	struct mapping now;
	int result = krbd_read(mapping->id, &now);

	if (result == -ENOENT || (result == 0 && !mapping_same(mapping, &now)))
		return 0;
	return krbd_unmap(mapping->id, context);
}

int patience_unmap(const struct mapping *mapping, struct deadline deadline, struct error *error)
{
	return deadline_retry_busy(try_unmap, mapping, error, deadline);
}

static int try_umount(const void *what, void *context)
{
	return mount_undo(what, context);
}

int patience_umount(const char *directory, struct deadline deadline, struct error *error)
{
	return deadline_retry_busy(try_umount, directory, error, deadline);
}
