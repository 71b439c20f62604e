/* SPDX-License-Identifier: Apache-2.0 */
/* A connection that several have: who owns it, and whether it still answers. */
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "ceph/place.h"

struct cluster *cluster_keep(struct cluster *cluster)
{
	cluster->owners++;
	return cluster;
}

void cluster_close(struct cluster *cluster)
{
	struct cluster *base;

	if (!cluster || --cluster->owners > 0)
		return;
	base = cluster->base;
	if (cluster->io)
		rados.rados_ioctx_destroy(cluster->io);
	if (cluster->rados && !base)
		rados.rados_shutdown(cluster->rados);
	free(cluster);
	cluster_close(base);
}

const char *cluster_fsid(struct cluster *cluster)
{
	return cluster->fsid;
}

bool cluster_is_stuck(const struct cluster *cluster)
{
	return cluster->lost > 0;
}

/* Ends by itself: the monitors are asked, for whom rados_mon_op_timeout holds. */
static int ping_work(struct cluster *place, void *data, struct error *error)
{
	struct rados_cluster_stat_t unused;
	int r = rados.rados_cluster_stat(place->rados, &unused);

	place->base->asked = false;
	if (r == -ETIMEDOUT) {
		error_set(error, r, "the monitors did not answer within %.1f s",
			  (double)place->timeout / 1000);
		return error_advise(error, "see `ceph -s`");
	}
	return r < 0 ? cluster_error_of(place, error, r, &(struct asked){0}, "ask the monitors")
		     : 0;
}

int cluster_ping(struct cluster *cluster, struct deadline deadline, struct error *error)
{
	_cleanup_cluster_ struct cluster *place = NULL;
	char unused = 0;
	int r;

	if (atomic_exchange(&cluster->asked, true))
		return error_set(
			error, -ETIMEDOUT,
			"ask the monitors: an earlier question is still without an answer");
	r = place_new(cluster, &(struct image_name){"", "", "", ""}, &place, error);
	if (r == 0)
		r = bounded_run(place, deadline, ping_work, &unused, sizeof(unused), error);
	if (place && place->stuck)
		return error_prefix(error, "ask the monitors");
	cluster->asked = false;
	return r;
}
