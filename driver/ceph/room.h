/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of this room share; nobody else includes it. */
#pragma once

#include "ceph/cluster.h"
#include "ceph/library.h"

struct cluster {
	rados_t rados;
	rados_ioctx_t io;
	char fsid[64];
	char user[128];
	char pool[256];
	char name_space[256];
	int64_t timeout; /* milliseconds that one answer of the cluster may take */
	bool connected;
	bool stuck; /* a call into the library never came back: nothing may be torn down */
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

/* As much as one call may take: a connection's time-out and some more. */
struct deadline bounded_deadline(const struct cluster *cluster, int64_t more);

/* "image kube/db" with namespace, for sentences. Returns `ret`. */
const char *cluster_image_text(const struct cluster *cluster, const char *image,
			       char ret[IMAGE_TEXT_MAX]);

/* A sentence for what an OSD or a monitor answered on `object` ("read header of kube/db"), with
 * advice for the usual reasons. Returns `code`. */
__attribute__((format(printf, 4, 5))) int cluster_error(const struct cluster *cluster,
							struct error *error, int code,
							const char *format, ...);

/* An image opened with librbd. Opened for writing it has a watch (looks like a second node). */
int image_open(struct cluster *cluster, const char *image, bool writable, rbd_image_t *ret,
	       struct error *error);

static inline void cleanup_image(rbd_image_t *image)
{
	if (*image)
		rbd.rbd_close(*image);
}
#define _cleanup_image_ __attribute__((cleanup(cleanup_image)))

/* 1: it has no allocated object, with_parent: nor do its parents; 0; or a negative errno, plain. */
int image_scan(rbd_image_t image, bool with_parent);

static inline void cleanup_read_op(rados_read_op_t *op)
{
	if (*op)
		rados.rados_release_read_op(*op);
}
#define _cleanup_read_op_ __attribute__((cleanup(cleanup_read_op)))

/* Methods of Ceph's class "rbd" take and give little-endian integers (src/include/encoding.h). */
uint64_t le64_read(const char *bytes);
void le64_write(char *bytes, uint64_t value);
#define NOSNAP ((uint64_t)-2) /* CEPH_NOSNAP: the head, not a snapshot */
