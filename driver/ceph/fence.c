/* SPDX-License-Identifier: Apache-2.0 */
/* Locking a lost client out of the cluster before its image is used by another. */
#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/image.h"
#include "ceph/room.h"

/* Objects of the image that are asked for, spread over its length. */
#define PROBES 512

struct layout {
	char prefix[256]; /* "rbd_data.<id>", or with the pool: "rbd_data.<pool>.<id>" */
	uint64_t objects;
	int64_t data_pool; /* -1: the image's own */
};

struct layout_answers {
	char size_in[8];
	char size[9]; /* u8 order, u64 bytes */
	char prefix[4 + 256];
	char pool[8];
	size_t size_length;
	size_t prefix_length;
	size_t pool_length;
	int size_result;
	int prefix_result;
	int pool_result;
};

/* cls_rbd.cc: get_size, get_object_prefix, get_data_pool. An image without a data pool says -1. */
static int ask_layout(struct cluster *cluster, const char *object, struct layout_answers *ret)
{
	_cleanup_read_op_ rados_read_op_t op = rados.rados_create_read_op();

	if (!op)
		return -ENOMEM;
	*ret = (struct layout_answers){0};
	le64_write(ret->size_in, NOSNAP);
	rados.rados_read_op_exec_user_buf(op, "rbd", "get_size", ret->size_in, sizeof(ret->size_in),
					  ret->size, sizeof(ret->size), &ret->size_length,
					  &ret->size_result);
	rados.rados_read_op_exec_user_buf(op, "rbd", "get_object_prefix", NULL, 0, ret->prefix,
					  sizeof(ret->prefix), &ret->prefix_length,
					  &ret->prefix_result);
	rados.rados_read_op_exec_user_buf(op, "rbd", "get_data_pool", NULL, 0, ret->pool,
					  sizeof(ret->pool), &ret->pool_length, &ret->pool_result);
	return rados.rados_read_op_operate(op, cluster->io, object, 0);
}

static int read_layout(struct cluster *cluster, const char *image_id, struct layout *ret)
{
	struct layout_answers answers;
	char object[320];
	uint64_t order, size;
	size_t length;
	int r;

	snprintf(object, sizeof(object), "rbd_header.%s", image_id);
	r = ask_layout(cluster, object, &answers);
	if (r < 0)
		return r;
	length = answers.prefix_length;
	if (answers.size_length != 9 || answers.pool_length != 8 || length <= 4 ||
	    length - 4 >= sizeof(ret->prefix))
		return -EIO;
	order = (unsigned char)answers.size[0];
	size = le64_read(answers.size + 1);
	if (order > 63)
		return -EIO;
	ret->objects = (size >> order) + (size & ((1ULL << order) - 1) ? 1 : 0);
	memcpy(ret->prefix, answers.prefix + 4, length - 4);
	ret->prefix[length - 4] = '\0';
	ret->data_pool = (int64_t)le64_read(answers.pool);
	return 0;
}

struct probe {
	rados_completion_t completion;
	uint64_t size;
	time_t changed;
};

static int start_probe(rados_ioctx_t io, const struct layout *layout, uint64_t index,
		       struct probe *probe)
{
	char object[320];
	int r = rados.rados_aio_create_completion2(NULL, NULL, &probe->completion);

	if (r < 0)
		return r;
	snprintf(object, sizeof(object), "%s.%016llx", layout->prefix, (unsigned long long)index);
	r = rados.rados_aio_stat(io, object, probe->completion, &probe->size, &probe->changed);
	if (r < 0) {
		rados.rados_aio_release(probe->completion);
		probe->completion = NULL;
	}
	return r;
}

/* An object that is missing was asked for as well as one that is there. */
static int end_probe(struct probe *probe)
{
	int r;

	rados.rados_aio_wait_for_complete(probe->completion);
	r = rados.rados_aio_get_return_value(probe->completion);
	rados.rados_aio_release(probe->completion);
	return r == -ENOENT ? 0 : r;
}

static int ask_osds(rados_ioctx_t io, const struct layout *layout)
{
	uint64_t count = layout->objects < PROBES ? layout->objects : PROBES;
	struct probe probes[PROBES];
	uint64_t started = 0;
	int r = 0, worst = 0;

	for (; started < count && r == 0; started++) {
		r = start_probe(io, layout, started * (layout->objects / count), &probes[started]);
		if (r < 0)
			break;
	}
	worst = r;
	for (uint64_t i = 0; i < started; i++) {
		r = end_probe(&probes[i]);
		worst = r < 0 ? r : worst;
	}
	return worst;
}

static int open_data_pool(struct cluster *cluster, int64_t pool, rados_ioctx_t *ret)
{
	int r = rados.rados_ioctx_create2(cluster->rados, pool, ret);

	if (r == 0)
		rados.rados_ioctx_set_namespace(*ret, cluster->name_space);
	return r;
}

/*
 * Every OSD that serves the image has to know the new osdmap before anybody else uses the image.
 * A map reaches the OSDs by gossip, and one that lags still takes the fenced client's writes. The
 * kernel client that will map the image does not bring the map along: it may have an older one
 * than we have. But each request carries the sender's epoch, and an OSD does not answer one from a
 * newer epoch than its own before it has caught up (PrimaryLogPG::do_request, OSD::
 * require_same_or_newer_map). So objects all over the image are asked for, those in a data pool
 * too; whether they exist does not matter.
 */
static int tell_osds(struct cluster *cluster, const char *image_id)
{
	rados_ioctx_t data = NULL;
	struct layout layout;
	int r = read_layout(cluster, image_id, &layout);

	if (r < 0 || layout.objects == 0)
		return r;
	if (layout.data_pool < 0)
		return ask_osds(cluster->io, &layout);
	r = open_data_pool(cluster, layout.data_pool, &data);
	if (r < 0)
		return r;
	r = ask_osds(data, &layout);
	rados.rados_ioctx_destroy(data);
	return r;
}

struct fence_work {
	char address[128];
	char image_id[IMAGE_ID_MAX];
	unsigned int seconds;
	bool listed; /* the monitors have it; what failed came later */
};

static int fence_work(struct cluster *cluster, void *data, struct error *error)
{
	struct fence_work *work = data;
	int r = rados.rados_blocklist_add(cluster->rados, work->address, work->seconds);

	if (r < 0)
		return cluster_error_of(cluster, error, r, &(struct asked){0},
					"blocklist the client %s", work->address);
	work->listed = true;
	r = rados.rados_wait_for_latest_osdmap(cluster->rados);
	if (r < 0)
		return cluster_error_of(cluster, error, r, &(struct asked){0},
					"wait for the osdmap that blocklists %s", work->address);
	r = tell_osds(cluster, work->image_id);
	if (r < 0)
		return cluster_error(cluster, error, r,
				     "tell the OSDs of image id %s that %s is blocklisted",
				     work->image_id, work->address);
	return 0;
}

int cluster_fence(struct cluster *cluster, const char *client_address, unsigned int seconds,
		  const char *image_id, struct error *error)
{
	struct fence_work work = {.seconds = seconds};
	int r;

	if (str_copy(work.address, sizeof(work.address), client_address) < 0 ||
	    str_copy(work.image_id, sizeof(work.image_id), image_id) < 0 || !*work.address)
		return error_set(error, -EINVAL, "fence \"%s\": not a client's address",
				 client_address);
	r = bounded_run(cluster, bounded_deadline(cluster, cluster->timeout), fence_work, &work,
			sizeof(work), error);
	if (r < 0 && cluster->stuck)
		return error_prefix(error, "fence the client %s", client_address);
	return r;
}
