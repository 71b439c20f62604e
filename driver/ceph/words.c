/* SPDX-License-Identifier: Apache-2.0 */
/* What is said of a cluster's answer: who lacks which cap, what is full, who was shut out. */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>

#include "base/str.h"
#include "ceph/room.h"

#define CAP_MAX 600

const char *cluster_image_text(const struct cluster *cluster, const char *image,
			       char ret[IMAGE_TEXT_MAX])
{
	const struct image_name name = {.pool = cluster->pool,
					.name_space = cluster->name_space,
					.image = image,
					.snapshot = ""};

	return image_name_text(&name, ret);
}

static const char *space_of(const struct asked *asked)
{
	return asked->name_space ? asked->name_space : "";
}

/* "profile rbd pool=kube namespace=a". To make a clone it is enough to read its parent: that
 * profile may note a child in the parent's header as well (ceph: src/osd/OSDCap.cc, child_attach).
 */
static void osd_cap(const struct asked *asked, char ret[CAP_MAX])
{
	const char *space = space_of(asked);

	(void)snprintf(ret, CAP_MAX, "profile rbd%s pool=%s%s%s", asked->reads ? "-read-only" : "",
		       asked->pool, *space ? " namespace=" : "", space);
}

static bool same_place(const struct asked *a, const struct asked *b)
{
	return str_eq(a->pool, b->pool) && str_eq(space_of(a), space_of(b));
}

/* Measured with 16.2 (test/cluster/test_caps.c): the OSDs say EPERM, the monitors EACCES. */
static int explain_caps(const struct cluster *cluster, struct error *error, int code,
			const struct asked *asked, const char *what)
{
	const struct asked own = {.pool = cluster->pool, .name_space = cluster->name_space};
	char lacking[CAP_MAX] = "profile rbd", both[2 * CAP_MAX + 2], cap[CAP_MAX];
	const bool osds = asked->pool;
	bool another = false;

	if (osds) {
		osd_cap(asked, lacking);
		another = !same_place(&own, asked);
	}
	osd_cap(&own, cap);
	(void)snprintf(both, sizeof(both), "%s%s%s", cap, another ? ", " : "",
		       another ? lacking : "");
	error_set(error, code, "%s: client.%s is not allowed to: its caps lack %s '%s'", what,
		  cluster->user, osds ? "osd" : "mon", lacking);
	return error_advise(error,
			    "`ceph auth caps client.%s mon 'profile rbd' osd '%s'`; that replaces "
			    "all its caps, `ceph auth get client.%s` shows them",
			    cluster->user, both, cluster->user);
}

static int explain_full(struct error *error, int code, const struct asked *asked, const char *what)
{
	if (code == -EDQUOT) {
		error_set(error, code, "%s: the quota of pool %s is reached", what, asked->pool);
		return error_advise(error,
				    "see `ceph osd pool get-quota %s`; raise it with `ceph osd "
				    "pool set-quota`, or remove images",
				    asked->pool);
	}
	error_set(error, code, "%s: pool %s is full, or the whole cluster is", what, asked->pool);
	return error_advise(error, "see `ceph df` and `ceph health detail`: remove images or add "
				   "OSDs");
}

static int explain(const struct cluster *cluster, struct error *error, int code,
		   const struct asked *asked, const char *what)
{
	switch (code) {
	case -EPERM:
	case -EACCES:
		return explain_caps(cluster, error, code, asked, what);
	case -ETIMEDOUT:
		error_set(error, code, "%s: no answer within %.1f s", what,
			  (double)cluster->timeout / 1000);
		return error_advise(error,
				    "see `ceph -s`: are the OSDs up, are the placement "
				    "groups of pool %s active? The OSDs of Ceph 18 do not "
				    "even answer a user without a cap for them: `ceph auth get "
				    "client.%s` shows the caps",
				    asked->pool ? asked->pool : cluster->pool, cluster->user);
	case -ENOSPC:
	case -EDQUOT:
		return explain_full(
			error, code,
			asked->pool ? asked
				    : &(struct asked){.pool = cluster->pool, .name_space = ""},
			what);
	case -ESHUTDOWN: /* EBLOCKLISTED */
		error_set(error, code, "%s: the cluster has shut this client out (blocklisted)",
			  what);
		return error_advise(error, "see `ceph osd blocklist ls`: where this node's address "
					   "is on it, find out why before `ceph osd blocklist rm`");
	default:
		return error_errno(error, code, "%s", what);
	}
}

int cluster_error_of(const struct cluster *cluster, struct error *error, int code,
		     const struct asked *asked, const char *format, ...)
{
	char what[IMAGE_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return explain(cluster, error, code, asked, what);
}

int cluster_error(const struct cluster *cluster, struct error *error, int code, const char *format,
		  ...)
{
	const struct asked own = {.pool = cluster->pool, .name_space = cluster->name_space};
	char what[IMAGE_TEXT_MAX];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(what, sizeof(what), format, arguments);
	va_end(arguments);
	return explain(cluster, error, code, &own, what);
}
