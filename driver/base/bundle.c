/* SPDX-License-Identifier: Apache-2.0 */
#include "base/bundle.h"

#include <errno.h>
#include <nss.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

#define LOADER "ld.so"
#define DRIVER "rbd-flexvolume"

static char directory[PATH_MAX]; /* "" where this is no bundle */

/* Run by the bundle's loader, the kernel takes that for the executable. */
static bool find_directory(void)
{
	char link[PATH_MAX];
	ssize_t length = -1;
	char *slash;

	if (path_format(link, "/proc/self/exe") == 0)
		length = readlink(link, directory, sizeof(directory) - 1);
	directory[length < 0 ? 0 : length] = '\0';
	slash = strrchr(directory, '/');
	/* an upgrade may have taken the file away meanwhile */
	if (!slash || (!str_eq(slash, "/" LOADER) && !str_eq(slash, "/" LOADER " (deleted)"))) {
		directory[0] = '\0';
		return false;
	}
	*slash = '\0';
	return true;
}

static void point(const char *variable, const char *file)
{
	char path[PATH_MAX];

	if (bundle_file(file, path) == 0)
		(void)setenv(variable, path, 1);
}

void bundle_enter(void)
{
	if (!find_directory())
		return;
	(void)prctl(PR_SET_NAME, DRIVER);
	point("OPENSSL_CONF", "etc/openssl.cnf");
	point("OPENSSL_MODULES", "lib/ossl-modules");
	point("OPENSSL_ENGINES", "lib/ossl-engines");
	point("CEPH_LIB", "lib/ceph");
	/* what the C library has built in; others of nsswitch.conf are modules of the host's */
	(void)__nss_configure_lookup("hosts", "files dns");
	(void)__nss_configure_lookup("passwd", "files");
	(void)__nss_configure_lookup("group", "files");
}

int bundle_file(const char *file, char ret[PATH_MAX])
{
	if (!*directory || snprintf(ret, PATH_MAX, "%s/%s", directory, file) >= PATH_MAX)
		return -ENOENT;
	return 0;
}

static int find(const char *name, const char *loaders, const char *programs,
		struct bundle_program *ret)
{
	char loader[NAME_MAX + 8], file[NAME_MAX + 8];

	if (!*directory || strlen(name) > NAME_MAX)
		return -ENOENT;
	(void)snprintf(loader, sizeof(loader), "%s%s", loaders, name);
	(void)snprintf(file, sizeof(file), "%s%s", programs, name);
	if (bundle_file(loader, ret->loader) < 0 || bundle_file("lib", ret->library) < 0 ||
	    bundle_file(file, ret->file) < 0 || access(ret->file, R_OK) < 0)
		return -ENOENT;
	return 0;
}

int bundle_find(const char *name, struct bundle_program *ret)
{
	int r;

	if (!str_eq(name, DRIVER))
		return find(name, "ld/", "bin/", ret);
	r = find(name, "", "", ret);
	return r < 0 ? r : bundle_file(LOADER, ret->loader);
}
