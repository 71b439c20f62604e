/* SPDX-License-Identifier: Apache-2.0 */
#include "ceph/watchers.h"

#include <errno.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/room.h"

static int add(struct watchers *watchers, uint64_t client, uint64_t cookie, bool alive)
{
	if (watchers->count == WATCHERS_MAX)
		return -E2BIG;
	watchers->list[watchers->count++] = (struct watcher){.client = client,
							     .cookie = cookie,
							     .alive = alive,
							     .kernel = watcher_is_kernel(cookie)};
	return 0;
}

static int decode(char *reply, size_t length, struct watchers *ret)
{
	struct notify_ack_t *acks = NULL;
	struct notify_timeout_t *timeouts = NULL;
	size_t ack_count = 0, timeout_count = 0;
	int r = rados.rados_decode_notify_response(reply, length, &acks, &ack_count, &timeouts,
						   &timeout_count);

	for (size_t i = 0; r == 0 && i < ack_count; i++)
		r = add(ret, acks[i].notifier_id, acks[i].cookie, true);
	for (size_t i = 0; r == 0 && i < timeout_count; i++)
		r = add(ret, timeouts[i].notifier_id, timeouts[i].cookie, false);
	rados.rados_free_notify_response(acks, ack_count, timeouts);
	return r;
}

struct notify_work {
	char object[320];
	uint64_t timeout;
	struct watchers watchers;
};

/*
 * An empty payload is a header update to krbd and librbd: harmless (measured). -ETIMEDOUT is an
 * answer like any other where somebody stayed silent, told from a silent OSD by the reply that
 * came with it.
 */
static int notify_work(struct cluster *cluster, void *data, struct error *error)
{
	struct notify_work *work = data;
	char *reply = NULL;
	size_t length = 0;
	int r = rados.rados_notify2(cluster->io, work->object, "", 0, work->timeout, &reply,
				    &length);

	if (r == -ETIMEDOUT && length > 0)
		r = 0;
	if (r == 0)
		r = decode(reply, length, &work->watchers);
	if (reply)
		rados.rados_buffer_free(reply);
	return r;
}

int watchers_ask(struct cluster *cluster, const char *image_id, uint64_t timeout,
		 struct watchers *ret, struct error *error)
{
	struct notify_work work = {.timeout = timeout};
	int r;

	snprintf(work.object, sizeof(work.object), "rbd_header.%s", image_id);
	*error = (struct error){0};
	r = bounded_run(cluster, bounded_deadline(cluster, (int64_t)timeout), notify_work, &work,
			sizeof(work), error);
	if (r < 0 && error->code)
		return error_prefix(error, "ask who uses %s in pool %s", work.object,
				    cluster->pool);
	if (r == -E2BIG)
		return error_set(error, r, "%s in pool %s: more than %d watchers", work.object,
				 cluster->pool, WATCHERS_MAX);
	if (r < 0)
		return cluster_error(cluster, error, r == -ENOENT ? -EIO : r,
				     "ask who uses %s in pool %s", work.object, cluster->pool);
	*ret = work.watchers;
	return 0;
}

struct name_work {
	char image[IMAGE_WORK_NAME_MAX];
	struct watchers watchers;
};

static void fill_in(struct watchers *watchers, const rbd_image_watcher_t *known, size_t count)
{
	for (size_t i = 0; i < watchers->count; i++)
		for (size_t k = 0; k < count; k++)
			if (watchers->list[i].client == (uint64_t)known[k].id &&
			    watchers->list[i].cookie == known[k].cookie)
				(void)str_copy(watchers->list[i].address,
					       sizeof(watchers->list[i].address), known[k].addr);
}

static int name_work(struct cluster *cluster, void *data, struct error *error)
{
	struct name_work *work = data;
	_cleanup_image_ rbd_image_t image = NULL;
	rbd_image_watcher_t known[2 * WATCHERS_MAX];
	size_t count = ARRAY_SIZE(known);
	char text[IMAGE_TEXT_MAX];
	int r;

	if (image_open(cluster, work->image, false, &image, error) < 0)
		return error->code;
	r = rbd.rbd_watchers_list(image, known, &count);
	if (r < 0)
		return cluster_error(cluster, error, r, "list the watchers of image %s",
				     cluster_image_text(cluster, work->image, text));
	fill_in(&work->watchers, known, count);
	rbd.rbd_watchers_list_cleanup(known, count);
	return 0;
}

int watchers_name(struct cluster *cluster, const char *image, struct watchers *watchers,
		  struct error *error)
{
	struct name_work work = {.watchers = *watchers};
	int r;

	if (image_begin(image, work.image, error) < 0)
		return error->code;
	r = bounded_run(cluster, bounded_deadline(cluster, 0), name_work, &work, sizeof(work),
			error);
	if (r == 0)
		*watchers = work.watchers;
	return image_end(cluster, r, "list the watchers of", image, error);
}
