/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/privileges.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/stat.h>

#include "base/cleanup.h"
#include "base/str.h"

#define NOBODY    "nobody"
#define NOBODY_ID 65534 /* where there is no /etc/passwd, as in a container */
#define CARRY_MAX 65536

int privileges_find(const char *name, struct identity *ret, struct error *error)
{
	const struct passwd *user;

	*ret = (struct identity){.change = geteuid() == 0};
	if (!ret->change && name)
		return error_set(error, -EPERM, "--user %s: only root can become somebody else",
				 name);
	if (!ret->change)
		return 0;
	user = getpwnam(name ? name : NOBODY); /* NOLINT(concurrency-mt-unsafe) */
	if (!user && name)
		return error_set(error, -ENOENT, "--user %s: there is no such user", name);
	if (user && user->pw_uid == 0)
		return error_set(error, -EPERM, "--user %s: that is root", name ? name : NOBODY);
	ret->user = user ? user->pw_uid : NOBODY_ID;
	ret->group = user ? user->pw_gid : NOBODY_ID;
	return str_copy(ret->name, sizeof(ret->name), name ? name : NOBODY);
}

static int copy_file(int from, int to)
{
	char bytes[4096];
	size_t total = 0;

	for (;;) {
		ssize_t count = read(from, bytes, sizeof(bytes));
		ssize_t written = count > 0 ? write(to, bytes, (size_t)count) : 0;

		explicit_bzero(bytes, sizeof(bytes));
		if (count < 0 || written != count)
			return count < 0 ? -errno : -EIO;
		total += (size_t)count;
		if (!count)
			return 0;
		if (total > CARRY_MAX)
			return -EFBIG;
	}
}

int privileges_carry(const struct identity *identity, const char *path, char ret[64],
		     struct error *error)
{
	_cleanup_close_ int from = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	_cleanup_close_ int to = -1;
	int r;

	if (from < 0)
		return error_errno(error, -errno, "open %s", path);
	to = memfd_create("rbd-rest", MFD_CLOEXEC);
	r = to < 0 ? -errno : copy_file(from, to);
	if (r == 0 && (fchmod(to, 0400) < 0 || fchown(to, identity->user, identity->group) < 0))
		r = -errno;
	if (r < 0)
		return error_errno(error, r, "keep %s in memory", path);
	(void)snprintf(ret, 64, "/proc/self/fd/%d", TAKE_FD(to));
	return 0;
}

int privileges_drop(const struct identity *identity, struct error *error)
{
	if (identity->change && (setgroups(0, NULL) < 0 ||
				 setresgid(identity->group, identity->group, identity->group) < 0 ||
				 setresuid(identity->user, identity->user, identity->user) < 0))
		return error_errno(error, -errno, "become user %s", identity->name);
	if (identity->change && (setuid(0) == 0 || geteuid() == 0))
		return error_set(error, -EPERM, "become user %s: root's rights are still there",
				 identity->name);
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return error_errno(error, -errno, "give up new privileges");
	/* passwords and the key are in memory: no core dump, no debugger of the same user's */
	(void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	return 0;
}
