/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the worker does for a volume: everything that may sleep uninterruptibly (design §5 rule
 * 8). Each function asks the worker and waits until the deadline. Should the caller go away, the
 * worker undoes a mapping that it made and that is mounted nowhere.
 */
#pragma once

#include "base/deadline.h"
#include "fs/probe.h"
#include "fs/super.h"
#include "volume/volume.h"

/* Starts the worker, once; before volume_connect(). */
int hands_start(struct volume *volume, struct error *error);

/* Adds the key, maps, finds the mapping, opens and verifies its device. Sets volume->mapping and
 * ->mapped. Nothing stays mapped after a failure. */
int hands_map(struct volume *volume, const struct krbd_map *map, struct error *error);

/* Closes the device and unmaps, with retries while somebody has it open for a moment. */
int hands_unmap(struct volume *volume, const struct mapping *mapping, struct error *error);

/* What is on the verified device. */
struct look {
	struct probe probe;
	bool has_super; /* of a file system that the driver knows, wanted or not */
	struct super super;
};
int hands_look(struct volume *volume, struct look *ret, struct error *error);

/* `dry`: nothing is written, it is only asked whether it would work. */
int hands_make(struct volume *volume, const char *uuid, bool prezeroed, bool dry,
	       struct error *error);
/* Where the kernel repairs at the mount, only what was read before is forgotten. -ETIMEDOUT: e2fsck
 * goes on alone; the worker stays with it and unmaps after it. */
int hands_repair(struct volume *volume, struct error *error);

/* Mounts the verified device at volume->directory. Sets volume->hung. */
int hands_mount(struct volume *volume, struct error *error);
/* Binds the mount at `from` to volume->directory. Sets volume->hung. */
int hands_bind(struct volume *volume, const char *from, bool read_only, struct error *error);
/* A direct read from a mapping that is up. */
int hands_alive(struct volume *volume, const struct mapping *mapping, struct error *error);
/* Grows the file system mounted at `directory` to `size`. */
int hands_grow(struct volume *volume, const char *directory, uint64_t size, struct error *error);
/* Notes for systemd that the mount at volume->directory needs the network (fs/utab.h). The worker's
 * last step, which goes on while the caller answers. */
void hands_note(struct volume *volume, const struct mapping *mapping);
/* Takes the mount that this call hung up down again. */
int hands_unhang(struct volume *volume, struct error *error);
