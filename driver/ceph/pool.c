/* SPDX-License-Identifier: Apache-2.0 */
/* The pools of a cluster, and the namespaces in them. */
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/room.h"

/*
 * Against a full pool librados does not write: it waits until there is room again (Objecter::
 * target_should_be_paused), so that a call would end with a time-out that tells nothing. Asked to
 * try, the OSD answers ENOSPC or EDQUOT at once, and removals work.
 */
int pool_open(struct cluster *cluster, const char *pool, const char *name_space, rados_ioctx_t *ret)
{
	int r = rados.rados_ioctx_create(cluster->rados, pool, ret);

	if (r < 0) {
		*ret = NULL;
		return r;
	}
	rados.rados_ioctx_set_namespace(*ret, name_space);
	rados.rados_set_pool_full_try(*ret);
	return 0;
}

/* A header's name: the profile for reading allows the note of a child there only. */
#define NOTHING "rbd_header.rbd-flexvolume.may-i"

/* The object is not there, so that nothing is changed. Caps are looked at before (ceph:
 * PrimaryLogPG:: do_op, op_has_sufficient_caps). */
static int try_on_nothing(rados_ioctx_t io, rados_write_op_t op)
{
	int r = rados.rados_write_op_operate(op, io, NOTHING, NULL, 0);

	rados.rados_release_write_op(op);
	return r == -ENOENT ? 0 : r;
}

int pool_try_writing(rados_ioctx_t io)
{
	rados_write_op_t op = rados.rados_create_write_op();

	if (!op)
		return -ENOMEM;
	rados.rados_write_op_assert_exists(op);
	rados.rados_write_op_remove(op);
	return try_on_nothing(io, op);
}

/* Called alone (the profile for reading allows the method, but not beside a look at the object) and
 * without its arguments, at which the method gives up with EINVAL. */
int pool_try_child_attach(rados_ioctx_t io)
{
	rados_write_op_t op = rados.rados_create_write_op();
	int r;

	if (!op)
		return -ENOMEM;
	rados.rados_write_op_exec(op, "rbd", "child_attach", NULL, 0, NULL);
	r = try_on_nothing(io, op);
	return r == -EINVAL ? 0 : r;
}

/*
 * A namespace that was made has a directory of images, also an empty one, and only there an image
 * can be made. (The pool's own list of namespaces lies outside of the namespace, where a user whose
 * caps end at the namespace may not look.)
 */
static int need_namespace(struct cluster *cluster, rados_ioctx_t io, const struct asked *asked,
			  struct error *error)
{
	uint64_t size;
	time_t changed;
	int r;

	if (!*asked->name_space)
		return 0;
	r = rados.rados_stat(io, "rbd_directory", &size, &changed);
	if (r == -ENOENT) {
		error_set(error, r, "namespace %s does not exist in pool %s of the cluster %s",
			  asked->name_space, asked->pool, cluster->fsid);
		return error_advise(error,
				    "`rbd namespace create %s/%s`, or correct the option "
				    "\"namespace\"; `rbd namespace ls %s` lists them",
				    asked->pool, asked->name_space, asked->pool);
	}
	return r < 0 ? cluster_error_of(cluster, error, r, asked,
					"look for namespace %s of pool %s", asked->name_space,
					asked->pool)
		     : 0;
}

int pool_use(struct cluster *cluster, const char *pool, const char *name_space, rados_ioctx_t *ret,
	     struct error *error)
{
	const struct asked asked = {.pool = pool, .name_space = name_space};
	int r = pool_open(cluster, pool, name_space, ret);

	if (r == -ENOENT) {
		error_set(error, r, "pool %s: there is no such pool in the cluster %s", pool,
			  cluster->fsid);
		return error_advise(error,
				    "`ceph osd pool create %s` and `rbd pool init %s`, or "
				    "correct the option \"pool\"",
				    pool, pool);
	}
	if (r < 0)
		return error_errno(error, r, "open pool %s", pool);
	r = need_namespace(cluster, *ret, &asked, error);
	if (r < 0)
		rados.rados_ioctx_destroy(TAKE_PTR(*ret));
	return r;
}

struct pool_work {
	char pool[256];
	char name_space[256];
	rados_ioctx_t io;
};

static int open_work(struct cluster *cluster, void *data, struct error *error)
{
	struct pool_work *work = data;

	return pool_use(cluster, work->pool, work->name_space, &work->io, error);
}

int cluster_use_pool(struct cluster *cluster, const char *pool, const char *name_space,
		     struct error *error)
{
	struct pool_work work = {0};
	int r;

	if (str_copy(work.pool, sizeof(work.pool), pool) < 0 ||
	    str_copy(work.name_space, sizeof(work.name_space), name_space) < 0 ||
	    str_copy(cluster->pool, sizeof(cluster->pool), pool) < 0 ||
	    str_copy(cluster->name_space, sizeof(cluster->name_space), name_space) < 0)
		return error_set(error, -ENAMETOOLONG,
				 "the pool's or namespace's name is too long");
	r = bounded_run(cluster, bounded_deadline(cluster, 1000), open_work, &work, sizeof(work),
			error);
	if (r < 0)
		return cluster->stuck ? error_prefix(error, "open pool %s", pool) : r;
	if (cluster->io)
		rados.rados_ioctx_destroy(cluster->io);
	cluster->io = work.io;
	return 0;
}
