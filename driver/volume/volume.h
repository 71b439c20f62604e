/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One volume during one call: what it is, what is held for it, what was found out. The steps of
 * its way (design §4) fill it in one after the other; the worker has its own copy from the moment
 * of the fork.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "base/names.h"
#include "base/worker.h"
#include "ceph/image.h"
#include "kernel/key.h"
#include "kernel/krbd.h"
#include "kernel/map_options.h"
#include "kubelet/config.h"
#include "kubelet/options.h"

#define VOLUME_FENCES_MAX 8

/* A watcher that did not acknowledge while it was awaited. */
struct silent {
	uint64_t client;
	uint64_t cookie;
	unsigned int looks; /* one after the other, without an answer */
	char address[96];   /* "" as long as it could not be learnt */
};

struct volume {
	const struct config *config;
	const struct options *options;
	const char *directory; /* where the file system is wanted; "" for attach */
	bool attach_mode;

	/* who it is */
	struct image_name image;
	char text[IMAGE_TEXT_MAX];  /* the image, for messages */
	char label[KRBD_LABEL_MAX]; /* of its mapping (design §6) */
	struct access access;
	char monitors[2048]; /* as written, from access or ceph.conf */
	char fsid[40];       /* "" as long as nothing says it */
	char key[KEY_TEXT_MAX];
	uint64_t features; /* a missing image is made with: the option, or the default */
	enum guard guard;  /* of the option, or of the configuration's pool */
	char map_options[MAP_OPTIONS_MAX]; /* the configuration's, then the volume's own */

	/* held; released by volume_close() */
	int lock;
	struct worker *worker;
	struct cluster *cluster;

	/* found out or done by this call */
	struct image_header header;
	bool created; /* the image, by this call: the one of created_id */
	char created_id[IMAGE_ID_MAX];
	bool format_begun; /* header.format is this call's own record */
	struct mapping mapping;
	bool mapped;                             /* by this call */
	bool hung;                               /* a mount at `directory`, by this call */
	bool repair_goes_on;                     /* the worker's: e2fsck outlived its deadline */
	int device_fd;                           /* the worker's: the verified block device */
	struct silent silent[VOLUME_FENCES_MAX]; /* who is awaited */
	size_t silent_count;
	size_t fenced;     /* clients, by this call */
	char remark[1536]; /* what the answer should say beside Success */
};

/* Puts together who it is and takes its lock. `ret` must be given to volume_close() in any
 * case. Waits for the lock as long as the configuration's `call` says. */
int volume_open(const struct config *config, const struct options *options, const char *directory,
		struct volume *ret, struct error *error);

/* The same for what is mounted at the directory already, without a look at the policy: that was
 * asked when it came up, and whose pod it is and the Secret's user are told with mount only
 * (contract §5). */
int volume_open_mounted(const struct config *config, const struct options *options,
			const char *directory, struct volume *ret, struct error *error);

/* Without the lock: for what only looks (waitforattach). */
int volume_identify(const struct config *config, const struct options *options,
		    const char *directory, struct volume *ret, struct error *error);

void volume_close(struct volume *volume);
#define _cleanup_volume_ __attribute__((cleanup(volume_close)))

/* The cluster, with the volume's pool; once. Refused where its fsid is not the wanted one. After
 * this no worker can be started. */
int volume_connect(struct volume *volume, struct error *error);

/* The key of the Secret or keyring into volume->key; before the worker is started that needs it. */
int volume_read_key(struct volume *volume, struct error *error);

/* Monitors, key and libraries are there: this host could speak to the cluster. */
bool volume_cluster_at_hand(struct volume *volume);

/* The deadlines of the configuration, as deadlines from now. */
static inline struct deadline volume_seconds(unsigned int seconds)
{
	return deadline_in((int64_t)seconds * 1000);
}
