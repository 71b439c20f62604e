/* SPDX-License-Identifier: Apache-2.0 */
/* The writes to /sys/bus/rbd that make and remove a mapping. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/path.h"
#include "base/str.h"
#include "kernel/krbd.h"
#include "kernel/krbd_errno.h"

#define BUS "/sys/bus/rbd"

/* kernfs gives the handler one page and cuts what is longer without a word
 * (fs/kernfs/file.c: kernfs_fop_write_iter). */
#define ADD_MAX 4095

/* The last line of defence: the add string has no escape, so white space starts the next word and
 * a comma the next option. */
static bool is_plain(const char *value, bool comma_allowed)
{
	for (const unsigned char *c = (const unsigned char *)value; *c; c++)
		if (*c <= ' ' || *c == 0x7f || (*c == ',' && !comma_allowed))
			return false;
	return true;
}

static int refuse(const char *what, const char *why, struct error *error)
{
	return error_set(error, -EINVAL, "write the kernel's add string: the %s %s", what, why);
}

static int check_names(const struct krbd_map *map, struct error *error)
{
	const struct {
		const char *what;
		const char *value;
		bool optional;
		bool list;
	} fields[] = {
		{"monitor list", map->monitors, false, true},
		{"user", map->user, false, false},
		{"label", map->label, false, false},
		{"pool", map->image.pool, false, false},
		{"namespace", map->image.name_space, true, false},
		{"image", map->image.image, false, false},
		{"snapshot", map->image.snapshot, true, false},
		{"messenger mode", map->ms_mode, true, false},
		{"list of map options", map->options, true, true},
	};

	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		if (str_empty(fields[i].value)) {
			if (!fields[i].optional)
				return refuse(fields[i].what, "is empty", error);
		} else if (!is_plain(fields[i].value, fields[i].list)) {
			return refuse(fields[i].what, "has a white space, control or comma in it",
				      error);
		}
	}
	return 0;
}

/* Snapshots are read-only by themselves; `rw` is never written: old kernels refuse it (ceph PR
 * 807). */
static void add_text(const struct krbd_map *map, struct text *text)
{
	text_printf(text, "%s name=%s,key=%s", map->monitors, map->user, map->label);
	if (map->read_only || !str_empty(map->image.snapshot))
		text_printf(text, ",ro");
	if (map->no_share)
		text_printf(text, ",noshare");
	if (map->exclusive)
		text_printf(text, ",exclusive");
	if (!str_empty(map->ms_mode))
		text_printf(text, ",ms_mode=%s", map->ms_mode);
	if (map->mount_timeout)
		text_printf(text, ",mount_timeout=%u", map->mount_timeout);
	if (!str_empty(map->options))
		text_printf(text, ",%s", map->options);
	if (!str_empty(map->image.name_space))
		text_printf(text, ",_pool_ns=%s", map->image.name_space);
	text_printf(text, " %s %s %s", map->image.pool, map->image.image,
		    str_empty(map->image.snapshot) ? "-" : map->image.snapshot);
}

/* The file with single_major exists only where that is on, and then the plain one answers EINVAL
 * (rbd.c: add_store, remove_store). The descriptor, so that a refusal to open is told apart from
 * the kernel's answer to the command. */
static int open_command(const char *command, struct error *error)
{
	int fd = path_open(O_WRONLY, BUS "/%s_single_major", command);

	if (fd == -ENOENT)
		fd = path_open(O_WRONLY, BUS "/%s", command);
	if (fd >= 0)
		return fd;
	error_errno(error, fd, "open " BUS "/%s", command);
	if (fd == -ENOENT)
		error_advise(error, "the kernel module rbd is not loaded: modprobe rbd");
	else if (fd == -EROFS)
		error_advise(error, "/sys is mounted read-only here: run on the host, or in a "
				    "privileged container");
	else if (fd == -EACCES || fd == -EPERM)
		error_advise(error, "run as root");
	return fd;
}

/* One write(2) is one command; 0 or the kernel's answer. */
static int command(int fd, const char *bytes, size_t length)
{
	ssize_t written = write(fd, bytes, length);

	if (written < 0)
		return -errno;
	return (size_t)written == length ? 0 : -EIO;
}

int krbd_map(const struct krbd_map *map, struct error *error)
{
	_cleanup_text_ struct text text = {0};
	_cleanup_close_ int fd = -1;
	char name[IMAGE_TEXT_MAX];
	int r = check_names(map, error);

	if (r >= 0) {
		add_text(map, &text);
		if (text.failed)
			r = error_errno(error, -ENOMEM, "write the kernel's add string");
		else if (text.length >= ADD_MAX)
			r = error_set(error, -E2BIG,
				      "write the kernel's add string: %zu bytes, the kernel reads "
				      "%d at most",
				      text.length, ADD_MAX - 1);
	}
	if (r >= 0)
		r = fd = open_command("add", error);
	if (r < 0)
		return error_prefix(error, "map image %s", image_name_text(&map->image, name));
	r = command(fd, text.data, text.length);
	return r < 0 ? krbd_explain_map(r, map, error) : 0;
}

static bool was_there(const struct mappings *before, const struct mapping *mapping)
{
	struct image_name old, new;

	mapping_name(mapping, &new);
	for (size_t i = 0; i < before->count; i++) {
		mapping_name(&before->list[i], &old);
		/* by name and label too: the kernel gives freed ids away again */
		if (before->list[i].id == mapping->id && image_name_same(&old, &new) &&
		    str_eq(before->list[i].label, mapping->label))
			return true;
	}
	return false;
}

int krbd_find_new(const struct krbd_map *map, const struct mappings *before, struct mapping *ret,
		  struct error *error)
{
	_cleanup_mappings_ struct mappings now = {0};
	const struct mapping *found = NULL;
	struct image_name name;
	char text[IMAGE_TEXT_MAX];
	int r = krbd_list(&now, error);

	image_name_text(&map->image, text);
	if (r < 0)
		return error_prefix(error, "find the new mapping of image %s", text);
	for (size_t i = 0; i < now.count; i++) {
		mapping_name(&now.list[i], &name);
		if (!str_eq(now.list[i].label, map->label) ||
		    !image_name_same(&name, &map->image) || was_there(before, &now.list[i]))
			continue;
		if (found)
			return error_set(error, -ENOTUNIQ,
					 "find the new mapping of image %s: rbd%d and rbd%d both "
					 "came with the label %s",
					 text, found->id, now.list[i].id, map->label);
		found = &now.list[i];
	}
	if (!found)
		return error_set(error, -ENODEV,
				 "find the new mapping of image %s: the kernel took the command, "
				 "but " BUS "/devices has no new entry with the label %s",
				 text, map->label);
	*ret = *found;
	return 0;
}

int krbd_unmap(int id, struct error *error)
{
	_cleanup_close_ int fd = -1;
	char text[16];
	int length = snprintf(text, sizeof(text), "%d", id);
	int r = fd = open_command("remove", error);

	if (r < 0)
		return error_prefix(error, "unmap rbd%d", id);
	r = command(fd, text, (size_t)length);
	return r < 0 && r != -ENOENT ? krbd_explain_unmap(r, id, error) : 0;
}
