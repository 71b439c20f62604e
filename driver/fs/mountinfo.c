/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mountinfo.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"

/* "\040" is a space: the kernel escapes space, tab, newline, backslash and # as three octal digits
 * (fs/seq_file.c: mangle_path). In place. */
static void unescape(char *text)
{
	char *to = text;

	for (const char *from = text; *from; from++) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] >= '0' &&
		    from[2] <= '7' && from[3] >= '0' && from[3] <= '7') {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 3;
		} else {
			*to++ = *from;
		}
	}
	*to = '\0';
}

static bool has_word(const char *list, const char *word)
{
	const size_t length = strlen(word);

	for (; list; list = strchr(list, ',')) {
		list += *list == ',';
		if (strncmp(list, word, length) == 0 && (list[length] == ',' || !list[length]))
			return true;
	}
	return false;
}

static int parse_int(const char *text, int *ret)
{
	uint64_t number;

	if (!text || str_to_u64(text, 10, &number) < 0 || number > INT_MAX)
		return -EINVAL;
	*ret = (int)number;
	return 0;
}

static int parse_device(const char *text, dev_t *ret)
{
	unsigned int major_number, minor_number;
	int end = 0;

	if (!text || sscanf(text, "%u:%u%n", &major_number, &minor_number, &end) != 2 || text[end])
		return -EINVAL;
	*ret = makedev(major_number, minor_number);
	return 0;
}

/* 36 35 98:0 /root /directory rw,noatime master:1 - ext3 /dev/root rw,errors=continue
 * Cuts `line` in place; the strings of the entry point into it. */
static int parse_line(char *line, struct mount_entry *ret)
{
	char *rest = line, *word;

	line[strcspn(line, "\n")] = '\0';
	*ret = (struct mount_entry){0};
	if (parse_int(strsep(&rest, " "), &ret->id) < 0 ||
	    parse_int(strsep(&rest, " "), &ret->parent) < 0 ||
	    parse_device(strsep(&rest, " "), &ret->device) < 0)
		return -EINVAL;
	ret->root = strsep(&rest, " ");
	ret->directory = strsep(&rest, " ");
	ret->options = strsep(&rest, " ");
	do /* any number of optional fields, ended by a dash */
		word = strsep(&rest, " ");
	while (word && !str_eq(word, "-"));
	ret->fs_type = strsep(&rest, " ");
	ret->source = strsep(&rest, " ");
	ret->super_options = strsep(&rest, " ");
	if (!ret->super_options) /* none are shown */
		ret->super_options = line + strlen(line);
	if (str_empty(ret->root) || str_empty(ret->directory) || str_empty(ret->options) || !word ||
	    str_empty(ret->fs_type) || !ret->source)
		return -EINVAL;
	unescape(ret->root);
	unescape(ret->directory);
	unescape(ret->source);
	unescape(ret->fs_type);
	ret->read_only = has_word(ret->options, "ro");
	ret->super_read_only = has_word(ret->super_options, "ro");
	return 0;
}

/* The strings of an entry live in one allocation that begins with its root. */
static int table_add(struct mount_table *table, const struct mount_entry *entry)
{
	struct mount_entry copy = *entry;
	char **const strings[] = {&copy.root,   &copy.directory, &copy.fs_type,
				  &copy.source, &copy.options,   &copy.super_options};
	size_t size = 0;
	char *to;

	if (table->count % 64 == 0) {
		void *list = reallocarray(table->list, table->count + 64, sizeof(copy));

		if (!list)
			return -ENOMEM;
		table->list = list;
	}
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		size += strlen(*strings[i]) + 1;
	to = malloc(size);
	if (!to)
		return -ENOMEM;
	for (size_t i = 0; i < ARRAY_SIZE(strings); i++) {
		const char *from = *strings[i];

		*strings[i] = to;
		to = stpcpy(to, from) + 1;
	}
	table->list[table->count++] = copy;
	return 0;
}

int mountinfo_parse(FILE *file, struct mount_table *ret)
{
	_cleanup_mount_table_ struct mount_table table = {0};
	_cleanup_free_ char *line = NULL;
	struct mount_entry entry;
	size_t size = 0;
	ssize_t length;

	*ret = (struct mount_table){0};
	while ((errno = 0, length = getline(&line, &size, file)) > 0) {
		/* a line that is not of this form is none of a mount that we know how to judge */
		if (memchr(line, '\0', (size_t)length) || parse_line(line, &entry) < 0)
			continue;
		if (table_add(&table, &entry) < 0)
			return -ENOMEM;
	}
	if (ferror(file))
		return errno ? -errno : -EIO;
	*ret = table;
	table = (struct mount_table){0};
	return 0;
}

static int open_mountinfo(pid_t pid, FILE **ret)
{
	int fd = pid ? path_open(O_RDONLY, "/proc/%d/mountinfo", pid)
		     : path_open(O_RDONLY, "/proc/self/mountinfo");

	if (fd < 0)
		return fd;
	*ret = fdopen(fd, "r");
	if (!*ret) {
		close(fd);
		return -ENOMEM;
	}
	return 0;
}

int mountinfo_read(pid_t pid, struct mount_table *ret)
{
	/* the kernel gives a page at once, stdio alone would take 1 KiB (st_blksize of proc) */
	char buffer[2 * 4096];
	_cleanup_fclose_ FILE *file = NULL;
	int r;

	*ret = (struct mount_table){0};
	r = open_mountinfo(pid, &file);
	if (r < 0)
		return r;
	(void)setvbuf(file, buffer, _IOFBF, sizeof(buffer));
	return mountinfo_parse(file, ret);
}

void mount_table_done(struct mount_table *table)
{
	for (size_t i = 0; i < table->count; i++)
		free(table->list[i].root);
	free(table->list);
	*table = (struct mount_table){0};
}

static const struct mount_entry *find_last(const struct mount_table *table, const char *directory)
{
	for (size_t i = table->count; i > 0; i--)
		if (str_eq(table->list[i - 1].directory, directory))
			return &table->list[i - 1];
	return NULL;
}

/* "/var/lib/kubelet/x" where /var/lib/kubelet is a link: mountinfo knows the real path only. The
 * last part is not looked at: it may be a mount that hangs. */
static int resolve_parent(const char *directory, char ret[PATH_MAX])
{
	const char *slash = strrchr(directory, '/');
	_cleanup_free_ char *parent = NULL, *real = NULL;
	int length;

	if (!slash || slash == directory || !slash[1])
		return -EINVAL;
	parent = strndup(directory, (size_t)(slash - directory));
	real = parent ? realpath(parent, NULL) : NULL;
	if (!real)
		return -errno;
	length = snprintf(ret, PATH_MAX, "%s%s", str_eq(real, "/") ? "" : real, slash);
	return length < 0 || length >= PATH_MAX ? -ENAMETOOLONG : 0;
}

const struct mount_entry *mount_table_at(const struct mount_table *table, const char *directory)
{
	const struct mount_entry *entry = find_last(table, directory);
	char real[PATH_MAX];

	if (entry || resolve_parent(directory, real) < 0)
		return entry;
	return find_last(table, real);
}

const struct mount_entry *mount_table_next_of(const struct mount_table *table, dev_t device,
					      const struct mount_entry *after)
{
	for (size_t i = after ? (size_t)(after - table->list) + 1 : 0; i < table->count; i++)
		if (table->list[i].device == device)
			return &table->list[i];
	return NULL;
}
