/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /sys/bus/rbd (Documentation/ABI/testing/sysfs-bus-rbd; krbd-and-peers.md §3): the mappings of
 * this node, and the writes that make and remove one. Writing may sleep uninterruptibly: only the
 * worker calls krbd_map() and krbd_unmap().
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/names.h"

#define KRBD_LABEL_PREFIX        "rbd-flexvolume/"
#define KRBD_LABEL_PREFIX_MANUAL "rbd-flexvolume.manual/"
#define KRBD_LABEL_MAX           320

/* Strings longer than their field (nobody's who was checked by us) are cut and end in a tab: they
 * never equal a name. */
struct mapping {
	int id; /* the N of /dev/rbdN */
	dev_t device;
	char pool[256];
	char name_space[256];
	char image[256];
	char snapshot[256]; /* "" is the head (sysfs says "-") */
	char image_id[128];
	char fsid[40];
	char label[KRBD_LABEL_MAX]; /* the name after key= in config_info; "" where none */
	char user[128];             /* after name= in config_info; "" where none */
	char monitors[1024];        /* the first word of config_info */
	char client_address[96];    /* "10.77.0.11:0/123456", what a blocklist takes */
	uint64_t client;            /* global id, from client_id */
	uint64_t size;              /* bytes */
	bool read_only;
	bool exclusive; /* guard=exclusive: nobody else can change the image meanwhile */
};

struct mappings {
	struct mapping *list;
	size_t count;
};

/* All mappings that are fully set up; an entry that vanishes or is being set up while it is read
 * is passed over. No /sys/bus/rbd: none. */
int krbd_list(struct mappings *ret, struct error *error);
/* The same of one image alone, whatever the snapshot: of the other mappings the names are read. */
int krbd_list_image(const struct image_name *image, struct mappings *ret, struct error *error);
/* The same with id, device and what config_info says only: a quarter of the reads. */
int krbd_list_labels(struct mappings *ret, struct error *error);
void mappings_done(struct mappings *mappings);
#define _cleanup_mappings_ __attribute__((cleanup(mappings_done)))

/* One mapping again, by its id. -ENOENT where it is gone. */
int krbd_read(int id, struct mapping *ret);
/* Only pool, namespace, image and snapshot of it: enough to take the image's lock. */
int krbd_read_names(int id, struct mapping *ret);

/* The mapping of a device number. -ENOENT or -ENODEV where it is no rbd device. */
int krbd_by_device(dev_t device, struct mapping *ret);
int krbd_names_by_device(dev_t device, struct mapping *ret);

/* NULL where none. */
const struct mapping *mappings_by_device(const struct mappings *mappings, dev_t device);

void mapping_name(const struct mapping *mapping, struct image_name *ret);
/* The same entry still, and not another one under the same id. */
bool mapping_same(const struct mapping *a, const struct mapping *b);
/* Ours by the exact prefix (not a manual one). */
bool mapping_is_ours(const struct mapping *mapping);
/* The volume's name in our label: without prefix and "#hash". Returns `ret`; "" if not ours. */
const char *mapping_volume(const struct mapping *mapping, char ret[KRBD_LABEL_MAX]);

struct krbd_map {
	struct image_name image;
	char monitors[2048]; /* numeric, comma list */
	const char *ms_mode; /* "prefer-crc", ...; NULL or "": the first protocol */
	const char *user;
	const char *label; /* name of the key that was added to the process keyring */
	bool read_only;
	bool no_share; /* a client of its own: this node's shared one was blocklisted */
	bool exclusive;
	unsigned int mount_timeout; /* seconds for the session; 0: the kernel's own (60) */
	const char *options;        /* further ones, a checked comma list; NULL or "": none */
};

/* Writes the add string, once. 0, or the kernel's negative errno: the error says what it means
 * (krbd-and-peers.md §3.9) and what to do. Never contains a key. */
int krbd_map(const struct krbd_map *map, struct error *error);

/* Finds what krbd_map() made: the one mapping with that label and name that was not in `before`.
 * -ENODEV: none, -ENOTUNIQ: two. */
int krbd_find_new(const struct krbd_map *map, const struct mappings *before, struct mapping *ret,
		  struct error *error);

/* Removes; never with force. -EBUSY while it is open or mounted, -EINPROGRESS while somebody else
 * removes it; -ENOENT (gone already) is success. */
int krbd_unmap(int id, struct error *error);
