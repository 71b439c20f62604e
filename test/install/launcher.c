/* SPDX-License-Identifier: Apache-2.0 */
/* As the bundle's launcher does, for bundles of the host's own libraries: runs the driver in the
 * directory BUNDLE beside itself. */
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* the installer finds by it which version a launcher starts */
static const char *volatile bundle = BUNDLE;

int main(int argc, char *argv[])
{
	char path[2 * PATH_MAX];
	ssize_t length = readlink("/proc/self/exe", path, PATH_MAX - 1);
	char *slash;

	(void)argc;
	path[length < 0 ? 0 : length] = '\0';
	slash = strrchr(path, '/');
	if (!slash)
		return 1;
	sprintf(slash, "/%s/rbd-flexvolume", bundle);
	execv(path, argv);
	printf("{\"status\":\"Failure\",\"message\":\"start the driver\"}\n");
	return 0;
}
