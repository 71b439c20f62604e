/* SPDX-License-Identifier: Apache-2.0 */
/* For the room: what each call of manage_*.h begins with, its own pool on a connection that others
 * use at the same time. */
#pragma once

#include "ceph/manage.h"
#include "ceph/room.h"
#include "ceph/watchers.h"

/* A place on `cluster`, with the pool and namespace of `name`, which is not opened yet. All of the
 * room's functions take it; the connection lives as long. To be given to cluster_close(). */
int place_new(struct cluster *cluster, const struct image_name *name, struct cluster **ret,
	      struct error *error);

/* librbd. The library's absence is not to be taken for an image's: -ENOSYS. */
int place_load(struct error *error);

/* bounded_run_way() at a new place, with librbd loaded; the work begins with place_open() or
 * place_begin_image(). `what` begins the sentence of a call that never came back: "resize image".
 */
int place_run(struct cluster *cluster, const struct image_name *name, const char *what,
	      const struct bounded_way *way, bounded_work work, void *data, size_t size,
	      struct error *error);

/* Opens the place's pool. May wait for the newest osdmap: only in bounded_run(). */
int place_open(struct cluster *place, struct error *error);

/* A short call: the connection's time-out and `more` milliseconds. */
struct bounded_way place_briefly(const struct cluster *cluster, int64_t more);
/* A long one, as the caller wants it (may be NULL). */
struct bounded_way place_as_long(const struct cluster *cluster, const struct manage_way *way);

/* Names of a call in its `data`. */
struct place_names {
	char image[MANAGE_NAME_MAX];
	char snapshot[MANAGE_NAME_MAX];
};
/* -ENAMETOOLONG, and -EINVAL where there is no image's name. */
int place_take_names(const struct image_name *name, struct place_names *ret, struct error *error);
/* "kube/db", "kube/db@a" of them. Returns `ret`. */
const char *place_text(const struct cluster *place, const struct place_names *names,
		       char ret[IMAGE_TEXT_MAX]);
/* The image's alone. */
const char *place_image_text(const struct cluster *place, const struct place_names *names,
			     char ret[IMAGE_TEXT_MAX]);

/* image_open(), -ENOENT being "does not exist"; where `names` has a snapshot, that is set. */
int place_open_image(struct cluster *place, const struct place_names *names, bool writable,
		     rbd_image_t *ret, struct error *error);

/* place_open(), then place_open_image(): what the work on one image begins with. */
int place_begin_image(struct cluster *place, const struct place_names *names, bool writable,
		      rbd_image_t *ret, struct error *error);

/* Progress of librbd for the caller: librbd_progress_fn_t with a struct teller, and by hand. */
struct teller {
	void *data; /* the work's */
	const struct manage_way *way;
};
int place_told(uint64_t done, uint64_t total, void *teller);

/* The image's watchers but (`writable`: it was opened so) our own. */
int place_watchers(struct cluster *place, rbd_image_t image, bool writable, const char *text,
		   struct watchers *ret, struct error *error);
/* -EBUSY where there is one: "VERB image kube/db: it is open elsewhere: ...". */
int place_refuse_watched(struct cluster *place, rbd_image_t image, bool writable, const char *verb,
			 const char *text, struct error *error);

/* cluster_error(), and -EROFS: somebody owns the exclusive lock and does not give it away. */
__attribute__((format(printf, 4, 5))) int
place_error(const struct cluster *place, struct error *error, int code, const char *format, ...);
