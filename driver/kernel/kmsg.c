/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/kmsg.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

#define RECORD_MAX  8192 /* Documentation/ABI/testing/dev-kmsg; more is EINVAL */
#define RECORDS_MAX 4096 /* a flood must not hold us up */

int kmsg_begin(void)
{
	int fd = path_open(O_RDONLY | O_NONBLOCK, "/dev/kmsg");

	if (fd >= 0 && lseek(fd, 0, SEEK_END) < 0) {
		close(fd);
		return -1;
	}
	return fd < 0 ? -1 : fd;
}

/* "rbd0" in the text, not as a part of "rbd01" or "xrbd0" */
static bool names_device(const char *text, const char *device)
{
	const size_t length = strlen(device);

	for (const char *at = strstr(text, device); at; at = strstr(at + 1, device))
		if (!isdigit((unsigned char)at[length]) &&
		    (at == text || !isalnum((unsigned char)at[-1])))
			return true;
	return false;
}

/* "rbd: rbd3: ..." of another device than ours */
static bool of_another_device(const char *text, const char *device)
{
	const char *name = text + strlen("rbd: ");

	return device && str_starts(text, "rbd: rbd") && isdigit((unsigned char)name[3]) &&
	       !names_device(name, device);
}

static bool is_wanted(const char *text, const char *device)
{
	if (str_starts(text, "libceph:"))
		return true;
	if (str_starts(text, "rbd:"))
		return !of_another_device(text, device);
	if (str_starts(text, "rbd") && isdigit((unsigned char)text[3]))
		return !device || names_device(text, device);
	/* EXT4-fs (rbd0): ..., JBD2: ... rbd0-8, XFS (rbd0): ..., I/O error, dev rbd0, sector 8 */
	return device && names_device(text, device);
}

/* What a good map or mount says as well: never why something failed. */
static bool is_routine(const char *text)
{
	return str_starts(text, "libceph: loaded") || str_starts(text, "rbd: loaded") ||
	       (str_starts(text, "rbd: rbd") && strstr(text, ": capacity ")) ||
	       (str_starts(text, "EXT4-fs (") &&
		(strstr(text, "): mounted filesystem") ||
		 strstr(text, "): unmounting filesystem") || strstr(text, "): resiz")));
}

/* That the monitors were reached: worth a word only where nothing else was said. */
static bool is_noise(const char *text)
{
	return str_starts(text, "libceph:") &&
	       (strstr(text, "session established") || strstr(text, " fsid "));
}

/* Others' mappings may carry secret=; ours never do. */
static void hide_keys(char *text)
{
	static const char *const marks[] = {"secret=", "key=AQ"};

	for (size_t i = 0; i < ARRAY_SIZE(marks); i++) {
		char *at = strstr(text, marks[i]);

		if (!at)
			continue;
		at = strchr(at, '=') + 1;
		if (strlen(at) > strlen("...")) /* shorter is no key */
			memcpy(at, "...", sizeof("..."));
	}
}

/* Puts `line` behind what is there; the oldest lines make room. */
static void keep(char *to, size_t size, const char *line)
{
	const size_t length = strlen(line);
	const char *last = strrchr(to, ';');

	last = last ? last + 2 : to;
	if (!length || length + 1 > size || str_eq(last, line))
		return;
	while (*to && strlen(to) + 2 + length + 1 > size) {
		const char *next = strstr(to, "; ");

		if (next)
			memmove(to, next + 2, strlen(next + 2) + 1);
		else
			*to = '\0';
	}
	snprintf(to + strlen(to), size - strlen(to), "%s%s", *to ? "; " : "", line);
}

struct words {
	const char *device;
	char *telling;
	char *noise;
	size_t size;
};

/* "6,123,456789,-;text": level and facility, sequence, microseconds, flags */
static void take_line(struct words *words, char *line)
{
	char *text = strchr(line, ';');

	/* the lines of a record that begin with a space are its dictionary; facilities other than
	 * the kernel's (0) come from programs that write to /dev/kmsg */
	if (!isdigit((unsigned char)*line) || strtoul(line, NULL, 10) > 7 || !text)
		return;
	text++;
	str_one_line(text);
	for (char *c = text; *c; c++)
		if (*c == ';')
			*c = ','; /* ours stand between lines */
	if (!is_wanted(text, words->device) || is_routine(text))
		return;
	hide_keys(text);
	keep(is_noise(text) ? words->noise : words->telling, words->size, text);
}

void kmsg_words(int fd, const char *device, char *ret, size_t size)
{
	_cleanup_free_ char *noise = NULL;
	char record[RECORD_MAX + 1];
	struct words words = {
		.device = str_empty(device) ? NULL : device, .telling = ret, .size = size};

	ret[0] = '\0';
	noise = words.noise = calloc(1, size);
	if (fd < 0 || !noise)
		return;
	for (int i = 0; i < RECORDS_MAX; i++) {
		ssize_t length = read(fd, record, RECORD_MAX);
		char *rest = record, *line;

		/* EPIPE: records were overwritten before they were read; the next ones follow */
		if (length < 0 && (errno == EINTR || errno == EPIPE))
			continue;
		if (length <= 0)
			break;
		record[length] = '\0';
		while ((line = strsep(&rest, "\n")))
			take_line(&words, line);
	}
	if (!*ret)
		(void)str_copy(ret, size, noise);
}
