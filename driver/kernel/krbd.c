/* SPDX-License-Identifier: Apache-2.0 */
/* Reading /sys/bus/rbd/devices. The writes are in krbd_map.c. */
#include "kernel/krbd.h"

#include <ctype.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysmacros.h>

#include "base/path.h"
#include "base/str.h"

#define DEVICES        "/sys/bus/rbd/devices"
#define ATTRIBUTE_SIZE 4097 /* a sysfs attribute is at most one page */
#define WHITE_SPACE    " \f\n\r\t\v"

/* A value longer than its field is cut, and ends in a tab then: no name can have one (the add
 * string has no escape), so it never equals what a request names. */
static void take(char *to, size_t size, const char *from, size_t length)
{
	bool cut = length >= size;

	if (cut)
		length = size - 1;
	memcpy(to, from, length);
	to[length] = '\0';
	if (cut)
		to[length - 1] = '\t';
}

/* 0 or a negative errno: -ENOENT and -ENODEV for an entry that is gone, or has no such attribute */
static int read_attribute(int id, const char *attribute, char *to, size_t size)
{
	char value[ATTRIBUTE_SIZE];
	ssize_t length = path_read_attribute(value, sizeof(value), DEVICES "/%d/%s", id, attribute);

	if (length < 0)
		return (int)length;
	take(to, size, value, (size_t)length);
	return 0;
}

static int read_number(int id, const char *attribute, uint64_t *ret)
{
	char value[32];
	int r = read_attribute(id, attribute, value, sizeof(value));

	if (r < 0)
		return r;
	/* "(none)" while the entry is being set up (rbd.c: rbd_major_show) */
	return str_to_u64(value, 10, ret) < 0 ? -EAGAIN : 0;
}

static bool is_word(const char *option, size_t length, const char *word)
{
	return length == strlen(word) && memcmp(option, word, length) == 0;
}

static void take_option(struct mapping *mapping, const char *option, size_t length)
{
	if (length >= 4 && memcmp(option, "key=", 4) == 0)
		take(mapping->label, sizeof(mapping->label), option + 4, length - 4);
	else if (length >= 5 && memcmp(option, "name=", 5) == 0)
		take(mapping->user, sizeof(mapping->user), option + 5, length - 5);
	else if (is_word(option, length, "ro") || is_word(option, length, "read_only"))
		mapping->read_only = true;
	else if (is_word(option, length, "rw") || is_word(option, length, "read_write"))
		mapping->read_only = false;
	else if (is_word(option, length, "exclusive"))
		mapping->exclusive = true;
}

/* config_info is the add string as it was written (rbd.c: do_rbd_add): monitors, options, pool,
 * image, snapshot. A secret= of somebody else may be in it: nothing but what is looked for is
 * copied. */
static void take_config(struct mapping *mapping, const char *config)
{
	size_t length;

	config += strspn(config, WHITE_SPACE);
	length = strcspn(config, WHITE_SPACE);
	take(mapping->monitors, sizeof(mapping->monitors), config, length);
	config += length;
	config += strspn(config, WHITE_SPACE);
	while (*config && !strchr(WHITE_SPACE, *config)) {
		length = strcspn(config, "," WHITE_SPACE);
		take_option(mapping, config, length);
		config += length;
		config += *config == ',';
	}
}

/* Since 4.9, and for root only (CAP_SYS_ADMIN): without it there is no label, and whether it is
 * read-only is asked of the block device. */
static int read_config(int id, struct mapping *ret)
{
	char config[ATTRIBUTE_SIZE];
	char read_only[8];
	ssize_t length = path_read_attribute(config, sizeof(config), DEVICES "/%d/config_info", id);

	if (length >= 0) {
		take_config(ret, config);
		explicit_bzero(config, sizeof(config));
	} else if (length != -ENOENT && length != -EACCES && length != -EPERM) {
		return (int)length;
	} else if (path_read_attribute(read_only, sizeof(read_only), "/sys/block/rbd%d/ro", id) >
		   0) {
		ret->read_only = str_eq(read_only, "1");
	}
	if (*ret->snapshot)
		ret->read_only = true;
	return 0;
}

/* What came with later kernels (krbd-and-peers.md §3.5) is "" where it is missing. */
static int read_optional(int id, const char *attribute, char *to, size_t size)
{
	int r = read_attribute(id, attribute, to, size);

	return r == -ENOENT ? 0 : r;
}

static int read_names(int id, struct mapping *ret)
{
	int r = read_attribute(id, "pool", ret->pool, sizeof(ret->pool));

	if (r >= 0)
		r = read_optional(id, "pool_ns", ret->name_space, sizeof(ret->name_space));
	if (r >= 0)
		r = read_attribute(id, "name", ret->image, sizeof(ret->image));
	if (r >= 0)
		r = read_attribute(id, "current_snap", ret->snapshot, sizeof(ret->snapshot));
	if (r < 0)
		return r;
	if (str_eq(ret->snapshot, "-"))
		ret->snapshot[0] = '\0';
	/* rbd.c: rbd_name_show, while the image is not known yet */
	return str_eq(ret->image, "(unknown)") ? -EAGAIN : 0;
}

static int read_identity(int id, struct mapping *ret)
{
	int r = read_optional(id, "image_id", ret->image_id, sizeof(ret->image_id));

	if (r >= 0)
		r = read_optional(id, "cluster_fsid", ret->fsid, sizeof(ret->fsid));
	if (r >= 0)
		r = read_optional(id, "client_addr", ret->client_address,
				  sizeof(ret->client_address));
	return r;
}

static int read_device(int id, struct mapping *ret)
{
	uint64_t major_number = 0, minor_number = 0;
	int r = read_number(id, "major", &major_number);

	if (r >= 0)
		r = read_number(id, "minor", &minor_number);
	if (r == -ENOENT && major_number)
		r = 0; /* before 3.14: one major for each mapping */
	if (r >= 0)
		ret->device = makedev((unsigned int)major_number, (unsigned int)minor_number);
	return r;
}

static int read_size_and_client(int id, struct mapping *ret)
{
	char client[64] = "";
	int r = read_number(id, "size", &ret->size);

	/* the block device has whole sectors only (block/genhd.c: set_capacity) */
	ret->size &= ~UINT64_C(511);
	if (r >= 0)
		r = read_attribute(id, "client_id", client, sizeof(client));
	if (r >= 0 && str_starts(client, "client"))
		(void)str_to_u64(client + strlen("client"), 10, &ret->client);
	return r;
}

/* -EAGAIN: is being set up; -ENOENT: is gone, or is no image that is asked for */
typedef int (*mapping_reader)(int id, const struct image_name *only, struct mapping *ret);

static bool is_asked_for(const struct mapping *mapping, const struct image_name *only)
{
	return !only || (str_eq(mapping->image, only->image) && str_eq(mapping->pool, only->pool) &&
			 str_eq(mapping->name_space, only->name_space));
}

/* The names first: of an image that nobody asks for no more is read. */
static int read_all(int id, const struct image_name *only, struct mapping *ret)
{
	int r = read_names(id, ret);

	if (r >= 0 && !is_asked_for(ret, only))
		return -ENOENT;
	if (r >= 0)
		r = read_device(id, ret);
	if (r >= 0)
		r = read_size_and_client(id, ret);
	if (r >= 0)
		r = read_identity(id, ret);
	if (r >= 0)
		r = read_config(id, ret);
	return r;
}

static int read_label(int id, const struct image_name *only, struct mapping *ret)
{
	int r = read_device(id, ret);

	(void)only;
	return r < 0 ? r : read_config(id, ret);
}

static int read_names_alone(int id, const struct image_name *only, struct mapping *ret)
{
	(void)only;
	return read_names(id, ret);
}

static int read_by(mapping_reader reader, int id, const struct image_name *only,
		   struct mapping *ret)
{
	int r;

	*ret = (struct mapping){.id = id};
	r = reader(id, only, ret);
	return r == -EAGAIN || r == -ENODEV ? -ENOENT : r;
}

int krbd_read(int id, struct mapping *ret)
{
	return read_by(read_all, id, NULL, ret);
}

int krbd_read_names(int id, struct mapping *ret)
{
	return read_by(read_names_alone, id, NULL, ret);
}

static int mappings_add(struct mappings *mappings, mapping_reader reader, int id,
			const struct image_name *only, struct error *error)
{
	struct mapping *list = reallocarray(mappings->list, mappings->count + 1, sizeof(*list));
	int r;

	if (!list)
		return error_errno(error, -ENOMEM, "list the mappings of this node");
	mappings->list = list;
	r = read_by(reader, id, only, &list[mappings->count]);
	if (r == -ENOENT)
		return 0;
	if (r < 0) /* "cannot be read" must never become "is not mapped" */
		return error_errno(error, r, "list the mappings of this node: read " DEVICES "/%d",
				   id);
	mappings->count++;
	return 0;
}

static int list_by(mapping_reader reader, const struct image_name *only, struct mappings *ret,
		   struct error *error)
{
	_cleanup_mappings_ struct mappings mappings = {0};
	_cleanup_closedir_ DIR *dir = path_opendir(DEVICES);
	const struct dirent *entry;
	uint64_t id;
	int r;

	*ret = (struct mappings){0};
	if (!dir)
		return errno == ENOENT ? 0 : error_errno(error, -errno, "open " DEVICES);
	while ((errno = 0, entry = readdir(dir))) {
		if (str_to_u64(entry->d_name, 10, &id) < 0 || id > INT_MAX)
			continue;
		r = mappings_add(&mappings, reader, (int)id, only, error);
		if (r < 0)
			return r;
	}
	if (errno)
		return error_errno(error, -errno, "read " DEVICES);
	*ret = mappings;
	mappings = (struct mappings){0};
	return 0;
}

int krbd_list(struct mappings *ret, struct error *error)
{
	return list_by(read_all, NULL, ret, error);
}

int krbd_list_image(const struct image_name *image, struct mappings *ret, struct error *error)
{
	return list_by(read_all, image, ret, error);
}

int krbd_list_labels(struct mappings *ret, struct error *error)
{
	return list_by(read_label, NULL, ret, error);
}
