/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of an unmount: umount(2), and the number to the bus. floor_unmap DIRECTORY NUMBER */
#include "floor.h"

int main(int argc, char *argv[])
{
	if (argc != 3)
		return 2;
	check(umount(argv[1]), "umount");
	write_bus(bus("/sys/bus/rbd/remove_single_major", "/sys/bus/rbd/remove"), argv[2]);
	return 0;
}
