/* SPDX-License-Identifier: Apache-2.0 */
/* The two lines of a ceph.conf that we need (format: ceph doc/rados/configuration/ceph-conf). */
#include <ctype.h>
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/monitors.h"

#define LINE_MAX_LENGTH 8192

static void trim(char *text)
{
	size_t length = strlen(text), skip = strspn(text, " \t\r\n");

	while (length > skip && isspace((unsigned char)text[length - 1]))
		length--;
	memmove(text, text + skip, length - skip);
	text[length - skip] = '\0';
}

/* '#' and ';' start a comment where a line begins or a blank is before them: a list of monitors
 * may be separated by ';'. */
static void cut_comment(char *line)
{
	for (char *c = line; *c; c++)
		if ((*c == '#' || *c == ';') && (c == line || isspace((unsigned char)c[-1]))) {
			*c = '\0';
			return;
		}
}

/* "mon host", "mon-host" and "Mon_Host" are the same key. */
static void normalise_key(char *key)
{
	trim(key);
	for (; *key; key++)
		*key = (char)(strchr(" -", *key) ? '_' : tolower((unsigned char)*key));
}

/* A line with those that a backslash joins to it. */
static bool next_line(FILE *file, char *line, size_t size)
{
	size_t length = 0;

	while (length + 1 < size && fgets(line + length, (int)(size - length), file)) {
		length += strlen(line + length);
		if (length < 2 || line[length - 1] != '\n' || line[length - 2] != '\\')
			return true;
		length -= 2;
		line[length] = '\0';
	}
	return length > 0;
}

static int take_value(const char *path, const char *key, char *value, char *ret, size_t size,
		      struct error *error)
{
	size_t length;

	trim(value);
	length = strlen(value);
	if (length >= 2 && (*value == '"' || *value == '\'') && value[length - 1] == *value) {
		value[length - 1] = '\0';
		value++;
	}
	if (str_copy(ret, size, value) < 0)
		return error_set(error, -ENAMETOOLONG, "%s: %s is too long", path, key);
	return 0;
}

/* As the cluster says it, and as options and configuration are read. */
static void lower(char *text)
{
	for (; *text; text++)
		*text = (char)tolower((unsigned char)*text);
}

struct wanted {
	const char *key;
	char *ret;
	size_t size;
};

static int read_lines(FILE *file, const char *path, const struct wanted wanted[2],
		      struct error *error)
{
	char line[LINE_MAX_LENGTH];
	bool global = true;

	while (next_line(file, line, sizeof(line))) {
		char *equals;

		cut_comment(line);
		trim(line);
		if (*line == '[')
			global = str_eq(line, "[global]");
		equals = strchr(line, '=');
		if (!global || !equals)
			continue;
		*equals = '\0';
		normalise_key(line);
		for (int i = 0; i < 2; i++)
			if (str_eq(line, wanted[i].key) &&
			    take_value(path, line, equals + 1, wanted[i].ret, wanted[i].size,
				       error) < 0)
				return error->code;
	}
	return 0;
}

int monitors_from_conf(const char *path, char *ret_monitors, size_t monitors_size, char *ret_fsid,
		       size_t fsid_size, struct error *error)
{
	const struct wanted wanted[2] = {{"mon_host", ret_monitors, monitors_size},
					 {"fsid", ret_fsid, fsid_size}};
	_cleanup_fclose_ FILE *file = fopen(path, "re");

	*ret_monitors = *ret_fsid = '\0';
	if (!file) {
		error_errno(error, -errno, "read %s", path);
		return error_advise(error, "give the option \"monitors\", or put the cluster's "
					   "ceph.conf there");
	}
	if (read_lines(file, path, wanted, error) < 0)
		return error->code;
	lower(ret_fsid);
	if (!*ret_monitors) {
		error_set(error, -ENOENT, "%s: there is no \"mon host\" in [global]", path);
		return error_advise(error, "give the option \"monitors\", or add the line");
	}
	return 0;
}
