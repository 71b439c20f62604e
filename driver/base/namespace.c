/* SPDX-License-Identifier: Apache-2.0 */
#include "base/namespace.h"

#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

/* The kernel's fixed number of it (include/linux/proc_ns.h: PROC_PID_INIT_INO), 0xEFFFFFFC. */
#define FIRST "pid:[4026531836]"

bool namespace_sees_all_processes(void)
{
	char path[PATH_MAX], name[64];
	ssize_t length = -1;

	if (path_format(path, "/proc/self/ns/pid") >= 0)
		length = readlink(path, name, sizeof(name) - 1);
	name[length < 0 ? 0 : length] = '\0';
	return str_eq(name, FIRST);
}
