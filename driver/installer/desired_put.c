/* SPDX-License-Identifier: Apache-2.0 */
/* The files beside the driver. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "installer/desired.h"
#include "installer/tree.h"

static int put(int version, const char *name, const char *text, mode_t mode, struct error *error)
{
	int r = small_holds(version, name, text, mode);

	if (r == 0)
		r = small_put(version, name, text, mode);
	return r < 0 ? error_errno(error, r, "write %s", name) : 0;
}

static int write_init(const struct desired *desired, int version, struct error *error)
{
	int r = small_put(version, STATE_INIT, desired->init, 0644);

	return r < 0 ? error_errno(error, r, "write %s", STATE_INIT) : 0;
}

/* What is in it, terminated; 0 where there is none, or it is none of ours. */
static size_t read_keyring(int version, char *to, size_t size)
{
	_cleanup_close_ int fd =
		openat(version, STATE_KEYRING, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
	ssize_t length = fd < 0 ? -1 : read(fd, to, size - 1);

	if (length < 0 || (size_t)length == size - 1)
		length = 0;
	to[length] = '\0';
	return (size_t)length;
}

static int put_keyring(const struct desired *desired, int version, struct error *error)
{
	return put(version, STATE_KEYRING, desired->keyring, 0600, error);
}

/* While the configuration changes, a call may go by the one or the other: until the new one is in
 * place each finds its user's key. Where a user has two sections, the last one counts. */
static int put_both_keys(const struct desired *desired, int version, struct error *error)
{
	char text[8192];
	size_t length = read_keyring(version, text, sizeof(text) / 2);
	int r = 0;

	if (!strstr(text, desired->keyring)) {
		if (length)
			text[length++] = '\n';
		r = str_copy(text + length, sizeof(text) - length, desired->keyring);
		r = put(version, STATE_KEYRING, r < 0 ? desired->keyring : text, 0600, error);
	}
	explicit_bzero(text, sizeof(text));
	return r;
}

int desired_put(const struct desired *desired, int version, bool anew, struct error *error)
{
	bool changes = small_holds(version, STATE_CONFIG, desired->config, 0644) != 1;
	int r = 0;

	if (desired->keyring)
		r = changes ? put_both_keys(desired, version, error)
			    : put_keyring(desired, version, error);
	if (r >= 0)
		r = put(version, STATE_CONFIG, desired->config, 0644, error);
	if (r >= 0 && desired->keyring)
		r = put_keyring(desired, version, error);
	if (r >= 0 && anew)
		r = write_init(desired, version, error);
	else if (r >= 0)
		r = put(version, STATE_INIT, desired->init, 0644, error);
	/* last: until then the configuration may have named it */
	if (r >= 0 && !desired->keyring && unlinkat(version, STATE_KEYRING, 0) < 0 &&
	    errno != ENOENT)
		r = error_errno(error, -errno, "remove %s", STATE_KEYRING);
	return r;
}

static int holds_no_keyring(int version)
{
	if (faccessat(version, STATE_KEYRING, F_OK, AT_SYMLINK_NOFOLLOW) == 0)
		return 0;
	return errno == ENOENT ? 1 : -errno;
}

int desired_holds(const struct desired *desired, int version)
{
	int r = desired->keyring ? small_holds(version, STATE_KEYRING, desired->keyring, 0600)
				 : holds_no_keyring(version);

	if (r > 0)
		r = small_holds(version, STATE_CONFIG, desired->config, 0644);
	return r > 0 ? small_holds(version, STATE_INIT, desired->init, 0644) : r;
}
