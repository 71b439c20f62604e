/* SPDX-License-Identifier: Apache-2.0 */
/* The journal's own protocol (systemd.io/JOURNAL_NATIVE_PROTOCOL) and syslog's. */
#include <endian.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/log_targets.h"
#include "base/path.h"
#include "base/str.h"

#define FACILITY_DAEMON 3

static bool send_to(const char *socket_path, const struct text *datagram)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	_cleanup_close_ int fd = -1;
	char path[PATH_MAX];

	if (!datagram->data || datagram->failed || path_format(path, "%s", socket_path) < 0 ||
	    str_copy(address.sun_path, sizeof(address.sun_path), path) < 0)
		return false;
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	return fd >= 0 && sendto(fd, datagram->data, datagram->length, MSG_DONTWAIT | MSG_NOSIGNAL,
				 (struct sockaddr *)&address, sizeof(address)) >= 0;
}

/* A value of several lines is told by its length: else its second line would be a field. */
static void add_field(struct text *datagram, const char *name, const char *value)
{
	const uint64_t length = htole64(strlen(value));

	if (!strchr(value, '\n')) {
		text_printf(datagram, "%s=%s\n", name, value);
		return;
	}
	text_printf(datagram, "%s\n", name);
	text_add(datagram, (const char *)&length, sizeof(length));
	text_printf(datagram, "%s\n", value);
}

bool log_to_journal(const struct log_line *line)
{
	_cleanup_text_ struct text datagram = {0};

	text_printf(&datagram,
		    "PRIORITY=%d\nSYSLOG_FACILITY=%d\nSYSLOG_IDENTIFIER=" LOG_IDENTIFIER
		    "\nSYSLOG_PID=%d\n",
		    line->level, FACILITY_DAEMON, getpid());
	add_field(&datagram, "MESSAGE", line->message);
	for (size_t i = 0; i < line->pair_count; i++)
		add_field(&datagram, line->pairs[i].name, line->pairs[i].value);
	return send_to("/run/systemd/journal/socket", &datagram);
}

bool log_to_syslog(const struct log_line *line)
{
	_cleanup_text_ struct text datagram = {0};

	text_printf(&datagram, "<%d>" LOG_IDENTIFIER "[%d]: %s", FACILITY_DAEMON << 3 | line->level,
		    getpid(), line->message);
	return send_to("/dev/log", &datagram);
}
