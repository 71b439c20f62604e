/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/launcher.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "installer/tree.h"

bool launcher_exists(int home)
{
	return faccessat(home, INSTALLER_LAUNCHER, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

int launcher_is_of(const struct bundle *bundle, int home)
{
	_cleanup_close_ int launcher =
		openat(home, INSTALLER_LAUNCHER, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);

	if (launcher < 0)
		return errno == ENOENT || errno == ELOOP ? 0 : -errno;
	return tree_same_file(bundle->launcher, launcher, TREE_BYTES);
}
