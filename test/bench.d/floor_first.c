/* SPDX-License-Identifier: Apache-2.0 */
/* The floor of a first mount: librbd makes the image, the kernel maps it, mke2fs formats, mount(2).
 * floor_first CONF KEYRING USER POOL IMAGE MIB [MONITORS DEVICE DIRECTORY]; without the last three
 * it only makes the image. */
#include <rbd/librbd.h>
#include <spawn.h>
#include <sys/wait.h>

#include "floor.h"

static void create(char *argv[])
{
	rbd_image_options_t options;
	rados_t cluster;
	rados_ioctx_t io;

	check(rados_create(&cluster, argv[3]), "create");
	check(rados_conf_read_file(cluster, argv[1]), argv[1]);
	check(rados_conf_set(cluster, "keyring", argv[2]), "keyring");
	check(rados_connect(cluster), "connect");
	check(rados_ioctx_create(cluster, argv[4], &io), argv[4]);
	rbd_image_options_create(&options);
	rbd_image_options_set_uint64(options, RBD_IMAGE_OPTION_FEATURES, 1 | 4);
	check(rbd_create4(io, argv[5], strtoull(argv[6], NULL, 10) << 20, options), "rbd_create");
}

static void format(char *device)
{
	char *const line[] = {
		"mke2fs", "-q", "-t", "ext4",
		"-m",     "0",  "-E", "nodiscard,lazy_itable_init=1,lazy_journal_init=1",
		device,   NULL};
	int status = -1;
	pid_t pid;

	check(-posix_spawnp(&pid, line[0], NULL, NULL, line, NULL), line[0]);
	check(waitpid(pid, &status, 0), "wait");
	check(-status, line[0]);
}

int main(int argc, char *argv[])
{
	if (argc != 7 && argc != 10)
		return 2;
	create(argv);
	if (argc == 7)
		_exit(0);
	map(argv[7], argv[3], argv[2], argv[4], argv[5]);
	format(argv[8]);
	check(mount(argv[8], argv[9], "ext4", 0, NULL), "mount");
	_exit(0);
}
