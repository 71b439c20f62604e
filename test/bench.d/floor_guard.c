/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of the look for other holders: connect, the image's id, a notify on its header.
 * floor_guard CONF KEYRING USER POOL IMAGE. Nothing is closed: the process ends. */
#include <rados/librados.h>

#include "floor.h"

int main(int argc, char *argv[])
{
	char object[256], id[128] = "", *reply;
	size_t length;
	rados_t cluster;
	rados_ioctx_t io;
	int n;

	if (argc != 6)
		return 2;
	check(rados_create(&cluster, argv[3]), "create");
	check(rados_conf_read_file(cluster, argv[1]), argv[1]);
	check(rados_conf_set(cluster, "keyring", argv[2]), "keyring");
	check(rados_connect(cluster), "connect");
	check(rados_ioctx_create(cluster, argv[4], &io), argv[4]);
	snprintf(object, sizeof(object), "rbd_id.%s", argv[5]);
	n = rados_read(io, object, id, sizeof(id), 0);
	check(n - 5, object);
	snprintf(object, sizeof(object), "rbd_header.%.*s", n - 4, id + 4);
	check(rados_notify2(io, object, "", 0, 2000, &reply, &length), object);
	_exit(0);
}
