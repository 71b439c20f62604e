/* SPDX-License-Identifier: Apache-2.0 */
/* How an image is named, in all rooms. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

/* All strings are the owner's; never NULL: "" is "none". Its cluster is known by other means. */
struct image_name {
	const char *pool;
	const char *name_space; /* a RADOS namespace; "" is the default one */
	const char *image;
	const char *snapshot; /* "" is the head */
};

#define IMAGE_TEXT_MAX 1024

/* "pool[/namespace]/image[@snapshot]", cut to IMAGE_TEXT_MAX; returns `ret`. */
const char *image_name_text(const struct image_name *name, char ret[IMAGE_TEXT_MAX]);

/* Same pool, namespace, image and snapshot. */
bool image_name_same(const struct image_name *a, const struct image_name *b);

/* The name of the lock that serialises calls on this image on this node: pool, namespace and
 * image (not the snapshot), usable as one file name. */
void image_name_lock(const struct image_name *name, char *ret, size_t size);
