/* SPDX-License-Identifier: Apache-2.0 */
/* What the tests of manage_*.h share: a pool of their own, and its user. */
#pragma once

#include "cluster.h"

#include "base/str.h"
#include "ceph/manage_change.h"
#include "ceph/manage_image.h"
#include "ceph/manage_pool.h"
#include "ceph/manage_snapshot.h"
#include "ceph/manage_trash.h"

#define MANAGED "managed" /* a pool and its user, with the profile rbd there */

/* A connection of that user, without a pool in use. Made with the first call. */
struct cluster *manager(void);
/* The same of another user. */
struct cluster *connected_as(const char *user);

/* "db", "db@snapshot", "space/db", "space/db@snapshot" in that pool. Of one or two calls at once.
 */
struct image_name in_pool(const char *text);

/* What `rbd info --format json` has under that name. */
const char *rbd_says(const char *image, const char *field);

/* image_make() with layering and exclusive-lock. */
int make_managed(struct cluster *cluster, const char *text, uint64_t size, struct error *error);

/* Writes so many bytes into an image of that pool. */
void write_to(const char *image, uint64_t offset, size_t bytes);
