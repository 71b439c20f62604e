/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/key.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"
#include "kernel/module.h"

#define KEYRING_MAX 65536 /* bytes of a keyring file */

/* What the base64 holds (net/ceph/crypto.c: ceph_crypto_key_decode), all little endian:
 * u16 type, u32 seconds and u32 nanoseconds of its making, u16 length, the key. */
#define KEY_HEADER     12
#define KEY_AES_LENGTH 16
#define KEY_BINARY_MAX (KEY_TEXT_MAX / 4 * 3)

enum { KEY_TYPE_NONE = 0, KEY_TYPE_AES = 1, KEY_TYPE_AES256 = 2 };

static unsigned int u16_at(const uint8_t *bytes)
{
	return bytes[0] | (unsigned int)bytes[1] << 8;
}

/* The number of bytes, or a negative errno that is said without the key. */
static ssize_t decode(const char *base64, uint8_t to[KEY_BINARY_MAX], struct error *error)
{
	ssize_t length = str_base64_decode(base64, to, KEY_BINARY_MAX);

	if (length < 0)
		return error_set(error, -EINVAL, "read the Ceph key: it is no base64 text");
	if (length < KEY_HEADER)
		return error_set(error, -EINVAL, "read the Ceph key: it is too short to be one");
	if (u16_at(to) == KEY_TYPE_NONE)
		return error_set(error, -EINVAL, "read the Ceph key: it is of type \"none\"");
	if (u16_at(to) != KEY_TYPE_AES) {
		error_set(
			error, -EKEYREJECTED,
			"read the Ceph key: it is of type %u%s; the kernel's client cannot use it: "
			"this driver and kernels before 7.0 know AES-128 keys (type 1) only",
			u16_at(to), u16_at(to) == KEY_TYPE_AES256 ? " (AES-256)" : "");
		return error_advise(error, "make the user a key of the older kind: ceph auth "
					   "get-or-create with --key-type aes");
	}
	if (u16_at(to + 10) != KEY_AES_LENGTH || length != KEY_HEADER + KEY_AES_LENGTH)
		return error_set(error, -EINVAL,
				 "read the Ceph key: an AES-128 key has 16 bytes, this one is cut "
				 "or has more");
	return length;
}

int key_check(const char *base64, struct error *error)
{
	uint8_t binary[KEY_BINARY_MAX];
	ssize_t length = decode(base64, binary, error);

	explicit_bzero(binary, sizeof(binary));
	if (length < 0)
		error_advise(error, "the key is what \"ceph auth get-key client.NAME\" prints, "
				    "copied whole");
	return length < 0 ? (int)length : 0;
}

/* One line of a keyring, white space at both ends taken off (a CR too); a comment becomes "". */
static char *trim(char *line)
{
	size_t length;

	line += strspn(line, " \t\r\f\v");
	line[strcspn(line, "#;")] = '\0';
	length = strlen(line);
	while (length && isspace((unsigned char)line[length - 1]))
		line[--length] = '\0';
	return line;
}

/* The value of "key = VALUE", or NULL. */
static const char *key_value(const char *line)
{
	if (!str_starts(line, "key"))
		return NULL;
	line += 3;
	line += strspn(line, " \t");
	if (*line != '=')
		return NULL;
	line++;
	return line + strspn(line, " \t");
}

/* 1: found. Of two entries the last counts, as for Ceph itself. */
static int find_key(char *text, const char *user, char ret[KEY_TEXT_MAX])
{
	bool here = false;
	int found = 0;
	char *rest = text, *line;

	while ((line = strsep(&rest, "\n"))) {
		const char *value;

		line = trim(line);
		if (*line == '[') {
			size_t length = strlen(line);

			here = length == strlen("[client.]") + strlen(user) &&
			       str_starts(line, "[client.") && line[length - 1] == ']' &&
			       memcmp(line + strlen("[client."), user, strlen(user)) == 0;
		} else if (here && (value = key_value(line))) {
			if (str_copy(ret, KEY_TEXT_MAX, value) < 0)
				return -EINVAL;
			found = 1;
		}
	}
	return found;
}

static int check_file(int fd, const char *path, int *ret_readable, struct error *error)
{
	struct stat status;

	if (fstat(fd, &status) < 0)
		return error_errno(error, -errno, "read the keyring %s", path);
	if (!S_ISREG(status.st_mode))
		return error_set(error, -EINVAL, "read the keyring %s: it is no regular file",
				 path);
	if (status.st_size > KEYRING_MAX)
		return error_set(error, -EFBIG, "read the keyring %s: it has more than %d bytes",
				 path, KEYRING_MAX);
	if ((status.st_mode & S_IWOTH) || ((status.st_mode & S_IWGRP) && status.st_gid != 0)) {
		error_set(error, -EPERM, "read the keyring %s: others can write it (mode %04o)",
			  path, status.st_mode & 07777);
		return error_advise(error, "chmod 600 %s", path);
	}
	*ret_readable = (status.st_mode & S_IROTH) != 0;
	return 0;
}

/* Terminated; the length or a negative errno. No stdio: its buffers would keep the key. */
static ssize_t read_all(int fd, char *to, size_t size)
{
	size_t done = 0;

	while (done < size - 1) {
		ssize_t count = read(fd, to + done, size - 1 - done);

		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return -errno;
		if (count == 0)
			break;
		done += (size_t)count;
	}
	to[done] = '\0';
	return (ssize_t)done;
}

int key_from_keyring(const char *path, const char *user, char ret[KEY_TEXT_MAX],
		     int *ret_readable_by_others, struct error *error)
{
	char text[KEYRING_MAX + 1];
	/* O_NONBLOCK: a FIFO must not hold us up */
	_cleanup_close_ int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	ssize_t length;
	int r;

	ret[0] = '\0';
	*ret_readable_by_others = 0;
	if (fd < 0)
		return error_errno(error, -errno, "open the keyring %s", path);
	r = check_file(fd, path, ret_readable_by_others, error);
	if (r < 0)
		return r;
	length = read_all(fd, text, sizeof(text));
	if (length < 0)
		return error_errno(error, (int)length, "read the keyring %s", path);
	r = find_key(text, user, ret);
	explicit_bzero(text, (size_t)length);
	if (r == 0) {
		error_set(error, -ENOKEY, "read the keyring %s: there is no key of client.%s in it",
			  path, user);
		return error_advise(error, "ceph auth get client.%s -o %s", user, path);
	}
	if (r < 0)
		return error_set(error, r, "read the keyring %s: the key of client.%s is too long",
				 path, user);
	r = key_check(ret, error);
	if (r < 0)
		explicit_bzero(ret, KEY_TEXT_MAX);
	return r < 0 ? error_prefix(error, "client.%s in %s", user, path) : 0;
}

/* keyutils has no wrapper in libc. The serial number or a negative errno. */
static int add_key(const char *description, const void *payload, size_t length)
{
	long serial = syscall(SYS_add_key, "ceph", description, payload, length,
			      KEY_SPEC_PROCESS_KEYRING);

	return serial < 0 ? -errno : (int)serial;
}

/* security/keys/keyctl.c and net/ceph/ceph_common.c: ceph_key_preparse */
static int explain(int code, const char *description, struct error *error)
{
	error_errno(error, code, "add the key %s to the kernel's keyring", description);
	switch (code) {
	case -ENODEV:
		error_append(error, " (the kernel does not know the key type \"ceph\")");
		return error_advise(error, "load the module libceph: modprobe rbd");
	case -ENOENT:
		error_append(error, " (the kernel has no cipher cbc(aes))");
		return error_advise(error, "modprobe -a cryptomgr ecb cbc aes_generic");
	case -EDQUOT:
		return error_advise(error, "raise /proc/sys/kernel/keys/root_maxkeys");
	case -ENOSYS:
		return error_advise(error, "the kernel has no keyrings (CONFIG_KEYS)");
	case -EPERM:
	case -EACCES:
		return error_advise(error, "a system call filter may stand in the way: run on the "
					   "host or in a privileged container");
	default:
		return error->code;
	}
}

int key_add(const char *description, const char *base64, struct error *error)
{
	uint8_t binary[KEY_BINARY_MAX];
	ssize_t length = decode(base64, binary, error);
	int r = (int)length;

	if (length < 0) {
		explicit_bzero(binary, sizeof(binary));
		return r;
	}
	r = add_key(description, binary, (size_t)length);
	if (r == -ENOENT) {
		module_load_cipher(deadline_in(10000));
		r = add_key(description, binary, (size_t)length);
	}
	explicit_bzero(binary, sizeof(binary));
	return r < 0 ? explain(r, description, error) : r;
}

/* Revoked first, so that nobody finds it even if the unlink fails; a mapping that was made with it
 * has its own copy (ceph_common.c: get_secret). */
void key_forget(int serial)
{
	if (serial <= 0)
		return;
	(void)syscall(SYS_keyctl, KEYCTL_REVOKE, serial, 0, 0, 0);
	(void)syscall(SYS_keyctl, KEYCTL_UNLINK, serial, KEY_SPEC_PROCESS_KEYRING, 0, 0);
}
