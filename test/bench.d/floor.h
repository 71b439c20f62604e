/* SPDX-License-Identifier: Apache-2.0 */
/* What the floor programs share. They do the least that can be done, and check no more than that it
 * worked. The key comes from a keyring's file and goes into the kernel's keyring only. */
#pragma once

#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

static inline void check(long result, const char *what)
{
	if (result < 0) {
		perror(what);
		_exit(1);
	}
}

/* Of a keyring with one entry: what stands behind "key = ". 28 bytes in base64. */
static inline void read_key(const char *keyring, unsigned char key[30])
{
	static const char alphabet[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	char text[4096] = "";
	int fd = open(keyring, O_RDONLY);
	const char *at;

	check(read(fd, text, sizeof(text) - 1), keyring);
	at = strstr(text, "key = ");
	check(at ? 0 : -1, keyring);
	at += 6;
	for (int i = 0; i < 40; i += 4) {
		unsigned int bits = 0;

		for (int j = 0; j < 4; j++) {
			const char *place = strchr(alphabet, at[i + j]);

			bits = bits << 6 |
			       (unsigned int)(at[i + j] != '=' && place ? place - alphabet : 0);
		}
		key[i / 4 * 3] = (unsigned char)(bits >> 16);
		key[i / 4 * 3 + 1] = (unsigned char)(bits >> 8);
		key[i / 4 * 3 + 2] = (unsigned char)bits;
	}
}

static inline void write_bus(const char *file, const char *text)
{
	int fd = open(file, O_WRONLY);

	check(write(fd, text, strlen(text)), file);
	close(fd);
}

static inline const char *bus(const char *single_major, const char *plain)
{
	return access(single_major, W_OK) == 0 ? single_major : plain;
}

/* "MONITORS name=USER,key=floor POOL IMAGE -" */
static inline void map(const char *monitors, const char *user, const char *keyring,
		       const char *pool, const char *image)
{
	unsigned char key[30];
	char add[512];

	read_key(keyring, key);
	check(syscall(SYS_add_key, "ceph", "floor", key, 28, KEY_SPEC_PROCESS_KEYRING), "add_key");
	snprintf(add, sizeof(add), "%s name=%s,key=floor %s %s -", monitors, user, pool, image);
	write_bus(bus("/sys/bus/rbd/add_single_major", "/sys/bus/rbd/add"), add);
}
