/* SPDX-License-Identifier: Apache-2.0 */
/* From a device number to its mapping, without reading all the others. */
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "kernel/krbd.h"

static int id_of(dev_t device)
{
	char link[PATH_MAX], target[PATH_MAX];
	const char *name;
	uint64_t id;
	ssize_t length;
	int result = path_format(link, "/sys/dev/block/%u:%u", major(device), minor(device));

	if (result < 0)
		return result;
	/* ../../devices/virtual/block/rbd0 (or .../devices/rbd/0/block/rbd0) */
	length = readlink(link, target, sizeof(target) - 1);
	if (length < 0)
		return -errno;
	target[length] = '\0';
	name = strrchr(target, '/');
	name = name ? name + 1 : target;
	if (!str_starts(name, "rbd") || str_to_u64(name + strlen("rbd"), 10, &id) < 0 ||
	    id > INT_MAX)
		return -ENODEV;
	return (int)id;
}

int krbd_by_device(dev_t device, struct mapping *ret)
{
	int result = id_of(device);

	if (result >= 0)
		result = krbd_read(result, ret);
	if (result < 0)
		return result;
	return ret->device == device ? 0 : -ENODEV;
}

int krbd_names_by_device(dev_t device, struct mapping *ret)
{
	int id = id_of(device);

	return id < 0 ? id : krbd_read_names(id, ret);
}
