/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has an image open (design §5 rule 2). Asked by a notify on its header object: the living
 * acknowledge, the dead run into the timeout; a kernel's cookie is >= 0xffff000000000000
 * (measured, krbd-and-peers.md §6).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ceph/cluster.h"

#define WATCHERS_MAX 64

/* krbd counts its cookies down from here (measured; librbd's are pointers) */
static inline bool watcher_is_kernel(uint64_t cookie)
{
	return cookie >= 0xffff000000000000ULL;
}

struct watcher {
	uint64_t client; /* global id: sysfs' client_id is "client<id>" */
	uint64_t cookie;
	bool alive;       /* it acknowledged */
	bool kernel;      /* a krbd mapping, else librbd */
	char address[96]; /* "" until watchers_name() */
};

struct watchers {
	struct watcher list[WATCHERS_MAX];
	size_t count;
};

/* One notify, `timeout` milliseconds (rounded up to seconds, as librados has it) for those that do
 * not answer. -ETIMEDOUT: the OSD itself is silent. */
int watchers_ask(struct cluster *cluster, const char *image_id, uint64_t timeout,
		 struct watchers *ret, struct error *error);

/* Fills in the addresses ("10.77.0.11:0/1234"), with librbd; those that are gone meanwhile stay
 * without. */
int watchers_name(struct cluster *cluster, const char *image, struct watchers *watchers,
		  struct error *error);
