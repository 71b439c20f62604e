/* SPDX-License-Identifier: Apache-2.0 */
/* Which cluster is meant, and a connection to it, for those who work on no volume of a kubelet: the
 * manual verbs, rbd-rest. */
#pragma once

#include <limits.h>
#include <stdbool.h>

#include "base/error.h"
#include "ceph/cluster.h"
#include "kubelet/config.h"

/* What the command line says; NULL or "": nothing. */
struct connect_wish {
	const char *monitors; /* -m: list of monitors, as the option `monitors` of a volume */
	const char *keyring;  /* -k: any file; who calls is trusted with the files of this node */
	const char *user;     /* --id, without "client." */
	const char *conf;     /* -c: a ceph.conf */
	/* --cluster: an entry of the configuration's "clusters"; where it has none of that name,
	 * /etc/ceph/NAME.conf and /etc/ceph/NAME.client.USER.keyring, as with the rbd command */
	const char *cluster;
	int64_t timeout; /* milliseconds for one answer; 0: the configuration's deadlines.connect */
	bool busy;       /* many threads will use it at once (rbd-rest) */
};

/* Where the cluster is, and who asks: what connect_find() found out. No key is in it. `entry`,
 * `monitors` and `user` belong to the configuration and to the wish's strings, which must live as
 * long; the wish itself need not. */
struct connect_found {
	const struct config_cluster *entry; /* config_cluster_none where there is none */
	char conf[PATH_MAX];                /* the ceph.conf; with `monitors` it may be missing */
	const char *monitors;               /* "": mon_host */
	char mon_host[4096];                /* conf's, where `monitors` is "" */
	char fsid[40];                      /* "": any */
	const char *user;                   /* without "client." */
	char keyring[PATH_MAX];             /* there or not */
};

/*
 * Where and who, the first that says it:
 *   monitors   -m, -c's mon_host, the configuration's entry, /etc/ceph/ceph.conf's mon_host
 *   user       --id, the entry's, admin
 *   keyring    -k, the entry's (where the user is), the one beside the ceph.conf:
 *              /etc/ceph/ceph.client.USER.keyring
 *
 * The entry is the one of --cluster, else with -m the one that shares a monitor (-EINVAL where two
 * do), with -c none, else "default". Of files only a ceph.conf is read, where it has to say the
 * monitors.
 */
int connect_find(const struct config *config, const struct connect_wish *wish,
		 struct connect_found *ret, struct error *error);

/* Connects to what connect_find() finds. An fsid that the entry or the ceph.conf says is compared
 * (-EINVAL). The key is in memory only, and wiped. The connection is given back with
 * cluster_close(). */
int connect_as(const struct config *config, const struct connect_wish *wish, struct cluster **ret,
	       struct error *error);

/* The keyring that connect_as() would read, there or not: for who gives up the right to read it. */
int connect_find_keyring(const struct config *config, const struct connect_wish *wish,
			 char ret[PATH_MAX], struct error *error);
