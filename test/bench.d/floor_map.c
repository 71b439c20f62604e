/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of a mount: the key, the add string, mount(2).
 * floor_map MONITORS USER KEYRING POOL IMAGE DEVICE DIRECTORY */
#include "floor.h"

int main(int argc, char *argv[])
{
	if (argc != 8)
		return 2;
	map(argv[1], argv[2], argv[3], argv[4], argv[5]);
	check(mount(argv[6], argv[7], "ext4", 0, NULL), "mount");
	return 0;
}
