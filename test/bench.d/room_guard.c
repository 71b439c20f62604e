/* SPDX-License-Identifier: Apache-2.0 */
/* The driver's own look for other holders, alone: what floor_guard does, by driver/ceph.
 * room_guard CONF KEYRING USER POOL IMAGE */
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "ceph/image.h"
#include "ceph/watchers.h"
#include "kernel/key.h"

int main(int argc, char *argv[])
{
	struct cluster_access access = {.monitors = ""};
	static char key[KEY_TEXT_MAX];
	struct image_header header;
	struct watchers watchers;
	struct cluster *cluster;
	struct error error = {0};
	int readable, result;

	if (argc != 6)
		return 2;
	access.conf = argv[1];
	access.user = argv[3];
	access.key = key;
	result = key_from_keyring(argv[2], argv[3], key, &readable, &error);
	if (result == 0)
		result = cluster_connect(&access, 10000, &cluster, &error);
	if (result == 0)
		result = cluster_use_pool(cluster, argv[4], "", &error);
	if (result == 0)
		result = image_read_header(cluster, argv[5], &header, &error);
	if (result == 0)
		result = watchers_ask(cluster, header.id, 2000, &watchers, &error);
	if (result < 0)
		fprintf(stderr, "room_guard: %s\n", error.text);
	_exit(result < 0);
}
