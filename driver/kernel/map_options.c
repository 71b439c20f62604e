/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/map_options.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "base/str.h"

#define ITEM_MAX 256

/* NULL where the value is right, else what it has to be. */
typedef const char *(*value_check)(const char *value);

static bool number_in(const char *value, uint64_t least, uint64_t most)
{
	uint64_t number;

	return str_to_u64(value, 10, &number) == 0 && number >= least && number <= most;
}

/* rbd.c refuses 0, and blk-mq takes no more */
static const char *is_depth(const char *value)
{
	return number_in(value, 1, 10240) ? NULL : "a number from 1 to 10240";
}

static const char *is_seconds(const char *value)
{
	return number_in(value, 1, 86400) ? NULL : "seconds, from 1 to 86400";
}

static const char *is_seconds_or_0(const char *value)
{
	return number_in(value, 0, 86400) ? NULL : "seconds, at most 86400 (0: for ever)";
}

/* rbd.c: a power of two, no smaller than a sector; cut to the object size by the kernel */
static const char *is_alloc_size(const char *value)
{
	uint64_t number;

	if (number_in(value, 512, UINT64_C(1) << 25) && str_to_u64(value, 10, &number) == 0 &&
	    (number & (number - 1)) == 0)
		return NULL;
	return "bytes, a power of two from 512 to 33554432";
}

static const char *is_replica(const char *value)
{
	return str_eq(value, "no") || str_eq(value, "balance") || str_eq(value, "localize")
		       ? NULL
		       : "no, balance or localize";
}

static const char *is_compression(const char *value)
{
	return str_eq(value, "none") || str_eq(value, "compressible") ||
			       str_eq(value, "incompressible")
		       ? NULL
		       : "none, compressible or incompressible";
}

/* net/ceph/osdmap.c: ceph_parse_crush_location */
static const char *is_location(const char *value)
{
	bool bucket = false, name = false;

	for (; *value; value++) {
		if (*value == ':' && name && !bucket) {
			bucket = true;
			name = false;
		} else if (*value == '|' && name && bucket) {
			bucket = name = false;
		} else if (isalnum((unsigned char)*value) || strchr("._-", *value)) {
			name = true;
		} else {
			return "type:name, joined by | (rack:r1|host:n1)";
		}
	}
	return bucket && name ? NULL : "type:name, joined by | (rack:r1|host:n1)";
}

#define OWN_GUARD     "the option guard decides it (guard=exclusive)"
#define OWN_READ_ONLY "the option readOnly decides it"
#define OWN_USER      "the options user and keyring or the Secret decide it"
#define OWN_SHARE     "the driver decides it: clients are shared until one is blocklisted"
#define WEAKENS       "how the data is protected on its way is not the volume's to choose"
#define COMMANDS      "it is the rbd command's: here nobody waits for udev"

struct row {
	const char *name;
	unsigned int major, minor; /* the first kernel that has it; 0: all that count */
	value_check value;         /* NULL: it has none */
	const char *refused;       /* the reason; NULL: it may be given */
};

/* rbd.c: rbd_parameters; net/ceph/ceph_common.c: ceph_parameters */
static const struct row rows[] = {
	{"queue_depth", 4, 2, is_depth, NULL},
	{"lock_on_read", 4, 9, NULL, NULL},
	{"lock_timeout", 4, 17, is_seconds_or_0, NULL},
	{"notrim", 4, 17, NULL, NULL},
	{"abort_on_full", 5, 0, NULL, NULL},
	{"alloc_size", 5, 1, is_alloc_size, NULL},
	{"crush_location", 5, 8, is_location, NULL},
	{"read_from_replica", 5, 8, is_replica, NULL},
	{"compression_hint", 5, 8, is_compression, NULL},
	{"rxbounce", 5, 17, NULL, NULL},
	{"osdkeepalive", 0, 0, is_seconds, NULL},
	{"osd_idle_ttl", 0, 0, is_seconds, NULL},
	{"tcp_nodelay", 4, 0, NULL, NULL},
	{"notcp_nodelay", 4, 0, NULL, NULL},

	{"ro", 0, 0, NULL, OWN_READ_ONLY},
	{"rw", 0, 0, NULL, OWN_READ_ONLY},
	{"read_only", 0, 0, NULL, OWN_READ_ONLY},
	{"read_write", 0, 0, NULL, OWN_READ_ONLY},
	{"exclusive", 4, 12, NULL, OWN_GUARD},
	{"share", 0, 0, NULL, OWN_SHARE},
	{"noshare", 0, 0, NULL, OWN_SHARE},
	{"name", 0, 0, NULL, OWN_USER},
	{"key", 0, 0, NULL, OWN_USER},
	{"secret", 0, 0, NULL, OWN_USER},
	{"fsid", 0, 0, NULL, "the option fsid says it, and it is checked by the driver"},
	{"ip", 0, 0, NULL, "the kernel finds this node's address by itself"},
	{"ms_mode", 5, 11, NULL, "the configuration says it for the cluster (msMode)"},
	{"mount_timeout", 0, 0, NULL, "the configuration says it (deadlines, connect)"},
	{"_pool_ns", 4, 19, NULL, "the option namespace says it"},
	{"osd_request_timeout", 0, 0, NULL,
	 "it loses writes: a request that waits for an OSD longer than that fails, where it would "
	 "have been done later"},
	{"force", 0, 0, NULL, "the driver never unmaps by force: that loses writes"},
	{"crc", 0, 0, NULL, WEAKENS},
	{"nocrc", 0, 0, NULL, WEAKENS},
	{"cephx_require_signatures", 0, 0, NULL, WEAKENS},
	{"nocephx_require_signatures", 0, 0, NULL, WEAKENS},
	{"cephx_sign_messages", 0, 0, NULL, WEAKENS},
	{"nocephx_sign_messages", 0, 0, NULL, WEAKENS},
	{"udev", 0, 0, NULL, COMMANDS},
	{"noudev", 0, 0, NULL, COMMANDS},
};

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (str_eq(rows[i].name, name))
			return &rows[i];
	return NULL;
}

static int unknown(const char *name, struct error *error)
{
	const char *nearest = rows[0].name;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (!rows[i].refused &&
		    str_distance(name, rows[i].name) < str_distance(name, nearest))
			nearest = rows[i].name;
	error_set(error, -EINVAL, "mapOptions: \"%.64s\" is not a map option of the kernel", name);
	return error_advise(error, "did you mean %s?", nearest);
}

/* `item` is taken apart. */
static int check_item(char *item, struct error *error)
{
	char *value = strchr(item, '=');
	const struct row *row;
	const char *expected;

	if (value)
		*value++ = '\0';
	row = row_of(item);
	if (!row)
		return unknown(item, error);
	if (row->refused)
		return error_set(error, -EINVAL, "mapOptions: %s may not be given: %s", item,
				 row->refused);
	if (!row->value)
		return value ? error_set(error, -EINVAL, "mapOptions: %s has no value", item) : 0;
	if (!value)
		return error_set(error, -EINVAL, "mapOptions: %s needs a value: %s", item,
				 row->value(""));
	expected = row->value(value);
	return expected ? error_set(error, -EINVAL, "mapOptions: %s: \"%.120s\" is not %s", item,
				    value, expected)
			: 0;
}

/* The next item of the list; false at its end. One that is too long is cut, and known to nobody. */
static bool next_item(const char **list, char ret[ITEM_MAX])
{
	size_t length;

	if (!*list)
		return false;
	length = strcspn(*list, ",");
	(void)snprintf(ret, ITEM_MAX, "%.*s", (int)length, *list);
	*list = (*list)[length] ? *list + length + 1 : NULL;
	return true;
}

int map_options_check(const char *list, struct error *error)
{
	const char *rest = *list ? list : NULL;
	char item[ITEM_MAX];

	if (strlen(list) >= MAP_OPTIONS_MAX)
		return error_set(error, -EINVAL, "mapOptions: the list is longer than %d bytes",
				 MAP_OPTIONS_MAX - 1);
	while (next_item(&rest, item)) {
		int result = check_item(item, error);

		if (result < 0)
			return result;
	}
	return 0;
}

static bool is_later(const struct row *row, unsigned int major, unsigned int minor)
{
	return row->major > major || (row->major == major && row->minor > minor);
}

const char *map_options_later(const char *list, unsigned int major, unsigned int minor, char *ret,
			      size_t size)
{
	const char *rest = list;
	char item[ITEM_MAX];
	size_t at = 0;

	ret[0] = '\0';
	while (at < size && next_item(&rest, item)) {
		const struct row *row;
		int length;

		item[strcspn(item, "=")] = '\0';
		row = row_of(item);
		if (!row || !is_later(row, major, minor))
			continue;
		length = snprintf(ret + at, size - at, "%s%s (Linux %u.%u)", at ? ", " : "", item,
				  row->major, row->minor);
		at += length > 0 ? (size_t)length : size;
	}
	return ret;
}
