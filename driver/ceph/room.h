/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share; nobody else includes it. */
#pragma once

#include "ceph/cluster.h"
#include "ceph/library.h"

/* A connection; or (with `base`) a place, that is a connection's pool for one call: see place.h. */
struct cluster {
	rados_t rados;
	rados_ioctx_t io;
	char fsid[64];
	char user[128];
	char pool[256];
	char name_space[256];
	int64_t timeout; /* milliseconds that one answer of the cluster may take */
	bool connected;
	bool stuck; /* a call into the library never came back */
	struct cluster *base;
	_Atomic int owners; /* cluster_keep(), and each call in work */
	_Atomic int lost;   /* of a connection: calls that were given up and have not come back */
	_Atomic bool asked; /* of a connection: cluster_ping() waits for an answer */
};

/*
 * Not every wait inside librados and librbd has an end: the options rados_*_op_timeout cover
 * operations, but neither linger operations (the watch of an image opened for writing; Objecter::
 * _send_linger) nor the wait for the newest osdmap (Objecter::wait_for_latest_osdmap). So what
 * leads there runs in a thread of its own, which is left behind when its time is up.
 *
 * `data` (of `size` bytes) is copied for the thread and copied back when it came back in time; it
 * must point to nothing but the cluster, which is then kept (`stuck`). -ETIMEDOUT is said.
 */
typedef int (*bounded_work)(struct cluster *cluster, void *data, struct error *error);
int bounded_run(struct cluster *cluster, struct deadline deadline, bounded_work work, void *data,
		size_t size, struct error *error);

/* With all that can be said about it. */
struct bounded_way {
	struct deadline deadline; /* {0}: none */
	int64_t silence;          /* milliseconds without bounded_tell(); 0: any */
	/* frees what `data` owns where the caller has gone meanwhile; the caller's copy is zeroed
	 */
	void (*drop)(void *data);
};
int bounded_run_way(struct cluster *cluster, const struct bounded_way *way, bounded_work work,
		    void *data, size_t size, struct error *error);
/* From within the work, with its `data`: a sign of progress. heard() (NULL: nobody) is the caller's
 * and is called while the caller waits; what it returned. -ECANCELED: the caller has gone. */
typedef int (*bounded_heard)(void *context, const void *what);
int bounded_tell(void *data, bounded_heard heard, void *context, const void *what);

/* As much as one call may take: a connection's time-out and some more. */
struct deadline bounded_deadline(const struct cluster *cluster, int64_t more);

/* "image kube/db" with namespace, for sentences. Returns `ret`. */
const char *cluster_image_text(const struct cluster *cluster, const char *image,
			       char ret[IMAGE_TEXT_MAX]);

/* Who has answered: the OSDs, for a pool and a namespace in it; the monitors, where pool is NULL.
 */
struct asked {
	const char *pool;
	const char *name_space;
	bool reads; /* nothing more is needed there: profile rbd-read-only */
};

/* A sentence for what they answered on an object ("read header of kube/db"), with advice for the
 * usual reasons: the cap that client.USER lacks, a full pool, a blocklisted client. Returns
 * `code`. */
__attribute__((format(printf, 5, 6))) int cluster_error_of(const struct cluster *cluster,
							   struct error *error, int code,
							   const struct asked *asked,
							   const char *format, ...);
/* The same for the OSDs and the cluster's own pool. */
__attribute__((format(printf, 4, 5))) int cluster_error(const struct cluster *cluster,
							struct error *error, int code,
							const char *format, ...);

/* Another pool of the same cluster, with the namespace; -ENOENT, plain, where there is none. May
 * wait for the newest osdmap without a limit: only in bounded_run(). */
int pool_open(struct cluster *cluster, const char *pool, const char *name_space,
	      rados_ioctx_t *ret);
/* The same, said; -ENOENT also for a namespace that was not made. */
int pool_use(struct cluster *cluster, const char *pool, const char *name_space, rados_ioctx_t *ret,
	     struct error *error);
/* 0: this user may write there; or what the OSD says. Writes nothing. */
int pool_try_writing(rados_ioctx_t io);
/* The same for the note of a child (format 2) in an image there. */
int pool_try_child_attach(rados_ioctx_t io);
static inline void cleanup_io(rados_ioctx_t *io)
{
	if (*io)
		rados.rados_ioctx_destroy(*io);
}
#define _cleanup_io_ __attribute__((cleanup(cleanup_io)))

/* What image_read_header() finds, of an image whose id is known (which is not set); plain. */
struct image_header;
int header_look(struct cluster *cluster, const char *id, struct image_header *ret);

/* An image opened with librbd. Opened for writing it has a watch (looks like a second node). */
int image_open(struct cluster *cluster, const char *image, bool writable, rbd_image_t *ret,
	       struct error *error);

/* How a call on one image by librbd begins and ends, around its bounded_run(). */
#define IMAGE_WORK_NAME_MAX 256
/* Loads librbd and copies the name for the work. */
int image_begin(const char *image, char ret[IMAGE_WORK_NAME_MAX], struct error *error);
/* Returns `result`, bounded_run()'s; `what` begins the sentence of a call that never came back:
 * "grow". */
int image_end(const struct cluster *cluster, int result, const char *what, const char *image,
	      struct error *error);

static inline void cleanup_image(rbd_image_t *image)
{
	if (*image)
		rbd.rbd_close(*image);
}
#define _cleanup_image_ __attribute__((cleanup(cleanup_image)))

/* -ENOENT names the snapshot and those that the image has. `text` is the image's. */
int snapshot_find(struct cluster *cluster, rbd_image_t image, const char *text,
		  const char *snapshot, uint64_t *size, struct error *error);

/* All snapshots, in *ret, to be freed after rbd_snap_list_end() where there is one; their number,
 * or what librbd says. */
int snapshot_list_all(rbd_image_t image, rbd_snap_info_t **ret);

/* The whole trash, to be given to trash_done() in any case. 0, or what librbd says. */
struct trash {
	rbd_trash_image_info_t *list;
	size_t count;
};
int trash_read(rados_ioctx_t io, struct trash *ret);
void trash_done(struct trash *trash);
#define _cleanup_trash_ __attribute__((cleanup(trash_done)))

/* -EBUSY: an image of that name is the source of a migration. With librbd. */
int trash_refuse_migrating(struct cluster *cluster, const char *image, const char *text,
			   struct error *error);

/* What is to be cloned, opened and looked at. */
struct parent {
	struct asked asked;
	const char *image;
	const char *snapshot;
	rados_ioctx_t io;
	rbd_image_t opened; /* read-only, its head */
	char text[IMAGE_TEXT_MAX];
	uint64_t size; /* of the snapshot */
	bool is_protected;
	bool takes_notes; /* a clone of format 2 may be written down in its header */
};
/* Refused by name: a missing pool, image, snapshot; what cannot be cloned, or what a kernel with
 * `supported` could not read through the clone. `parent` holds the names, is given to
 * parent_close() in any case. */
int parent_open(struct cluster *cluster, uint64_t supported, struct parent *parent,
		struct error *error);
void parent_close(struct parent *parent);
#define _cleanup_parent_ __attribute__((cleanup(parent_close)))

/* 1: it has no allocated object, with_parent: nor do its parents; 0; or a negative errno, plain. */
int image_scan(rbd_image_t image, bool with_parent);

/* -ENOTSUP: the image is mirrored. */
int image_refuse_mirrored(struct cluster *cluster, rbd_image_t image, const char *text,
			  struct error *error);
/* 1, 0, or a negative errno, plain. */
int image_has_parent(rbd_image_t image);

static inline void cleanup_read_op(rados_read_op_t *op)
{
	if (*op)
		rados.rados_release_read_op(*op);
}
#define _cleanup_read_op_ __attribute__((cleanup(cleanup_read_op)))

struct feature {
	uint64_t bit; /* 0 ends the list */
	const char *name;
	const char *fixed; /* why it cannot be taken away; NULL: it can */
	const char *made;  /* why it cannot be asked for; NULL: it can */
};
extern const struct feature features_known[];

/* Methods of Ceph's class "rbd" take and give little-endian integers (src/include/encoding.h). */
uint64_t le64_read(const char *bytes);
void le64_write(char *bytes, uint64_t value);
#define NOSNAP ((uint64_t)-2) /* CEPH_NOSNAP: the head, not a snapshot */
