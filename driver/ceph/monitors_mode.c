/* SPDX-License-Identifier: Apache-2.0 */
/* Which of the monitors' addresses a messenger mode of the kernel is for. */
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/monitors.h"

/* "10.0.0.1:6789" to "10.0.0.1:3300": a bare address stands for both. */
static void use_v2(struct monitor *monitor)
{
	char *port = strrchr(monitor->text, ':');

	(void)snprintf(port, sizeof(monitor->text) - (size_t)(port - monitor->text), ":3300");
	monitor->messenger_v2 = true;
}

static bool is_listed(const struct monitors *monitors, const struct monitor *monitor)
{
	for (size_t i = 0; i < monitors->count; i++)
		if (str_eq(monitors->list[i].text, monitor->text))
			return true;
	return false;
}

int monitors_for_mode(struct monitors *monitors, const char *mode, struct error *error)
{
	const bool v2 = !str_eq(mode, "legacy");
	struct monitors kept = {0};

	if (str_eq(mode, "auto"))
		return 0;
	for (size_t i = 0; i < monitors->count; i++) {
		struct monitor *monitor = &monitors->list[i];

		if (v2 && monitor->bare)
			use_v2(monitor);
		if (monitor->messenger_v2 == v2 && !is_listed(&kept, monitor))
			kept.list[kept.count++] = *monitor;
	}
	*monitors = kept;
	if (kept.count)
		return 0;
	error_set(error, -EINVAL,
		  "msMode \"%s\" needs monitors of the %s protocol (port %s), and none is listed",
		  mode, v2 ? "second" : "first", v2 ? "3300" : "6789");
	return error_advise(error, "write the monitors with that port, or as "
				   "[v2:10.0.0.1:3300,v1:10.0.0.1:6789], or without a port");
}
