/* SPDX-License-Identifier: Apache-2.0 */
/* For the room: what stands against the removal of an image, of one in the trash too. */
#pragma once

#include "base/str.h"
#include "ceph/place.h"

/* Clones of the image's snapshots, or of the one that is set; to be given to children_done(). What
 * librbd says, plain. */
int children_list(rbd_image_t image, rbd_linked_image_spec_t **ret, size_t *ret_count);
void children_done(rbd_linked_image_spec_t *list, size_t count);
/* ", kube/db", as long as the list is not too long for a sentence. */
void children_add_name(struct text *names, const rbd_linked_image_spec_t *child);

/* -EBUSY: watched; -ENOTEMPTY: clones, snapshots. The image is opened read-only. */
int remove_refused(struct cluster *place, rbd_image_t image, const char *text, struct error *error);
/* What librbd said of a removal. */
int remove_explain(const struct cluster *place, int code, const char *text, struct error *error);
