/* SPDX-License-Identifier: Apache-2.0 */
/* What doctor finds of the clusters: the configuration's, else the one of ceph.conf. */
#include <errno.h>
#include <stdio.h>

#include "base/path.h"
#include "ceph/cluster.h"
#include "ceph/image.h"
#include "ceph/load.h"
#include "ceph/monitors.h"
#include "kernel/key.h"
#include "verbs/doctor.h"
#include "volume/connect.h"

#define CEPH_CONF       "/etc/ceph/ceph.conf"
#define ADMIN_KEYRING   "/etc/ceph/ceph.client.admin.keyring"
#define NO_KEYRING      "no %s: each volume must bring its key"
#define MONITOR_TIMEOUT 3000                    /* ms */
#define NO_IMAGE        "rbd-flexvolume.doctor" /* asking for it changes nothing */

struct where {
	const char *name; /* of the cluster, for the lines */
	const char *monitors;
	const char *fsid; /* "": any */
	const char *user;
	const char *keyring;
	const char *ms_mode;
};

static bool look_at_libraries(struct findings *findings)
{
	struct error error;

	if (ceph_load_rados(&error) < 0 || ceph_load_rbd(&error) < 0) {
		found_wrong(findings, "ceph", &error);
		return false;
	}
	found_good(findings, "ceph", "librados and librbd are there");
	return true;
}

static bool look_at_monitors(struct findings *findings, const struct where *where)
{
	struct monitors monitors;
	struct error error;
	int answered = monitors_parse(where->monitors, &monitors, &error);

	if (answered == 0)
		answered =
			monitors_try_mode(&monitors, where->ms_mode, deadline_in(MONITOR_TIMEOUT),
					  deadline_in(MONITOR_TIMEOUT), &error);
	if (answered < 0)
		found_wrong(findings, where->name, &error);
	else
		found_good(findings, where->name, "monitors answer (%s)", where->monitors);
	return answered >= 0;
}

static bool look_at_keyring(struct findings *findings, const struct where *where,
			    char key[KEY_TEXT_MAX])
{
	int readable = 0;
	struct error error;

	if (key_from_keyring(where->keyring, where->user, key, &readable, &error) < 0 ||
	    key_check(key, &error) < 0) {
		found_wrong(findings, "keyring", &error);
		return false;
	}
	found_good(findings, "keyring", "%s has a key of client.%s%s", where->keyring, where->user,
		   readable ? "; others can read it: chmod 600" : "");
	return true;
}

/* To read the pool is what every step begins with. What else the user may do (make, map, fence)
 * could only be found out by doing it. */
static void look_at_pool(struct findings *findings, const struct where *where,
			 struct cluster *cluster, const char *pool)
{
	struct image_header header;
	struct error error;
	int result = cluster_use_pool(cluster, *pool ? pool : "rbd", "", &error);

	if (result == -ENOENT && !*pool) {
		found_note(findings, "caps",
			   "there is no pool rbd to look into: `doctor POOL` looks into another");
		return;
	}
	if (result == 0) {
		result = image_read_header(cluster, NO_IMAGE, &header, &error);
		/* that there is no such image could be read */
		result = result == -ENOENT ? 0 : result;
	}
	if (result < 0)
		found_wrong(findings, "caps", &error);
	else
		found_good(findings, "caps", "client.%s may read pool %s", where->user,
			   *pool ? pool : "rbd");
}

static void look_inside(struct findings *findings, const struct where *where, const char *key,
			int64_t timeout, const char *pool)
{
	const struct cluster_access access = {
		.monitors = where->monitors, .conf = CEPH_CONF, .user = where->user, .key = key};
	struct cluster *cluster = NULL; /* not closed: the process ends (decision 3) */
	struct error error;

	if (cluster_connect(&access, timeout, &cluster, &error) < 0) {
		found_wrong(findings, "key", &error);
		return;
	}
	if (*where->fsid && !str_eq(where->fsid, cluster_fsid(cluster))) {
		(void)error_set(&error, -EINVAL, "%s: the monitors are of cluster %s, not of %s",
				where->name, cluster_fsid(cluster), where->fsid);
		(void)error_advise(&error, "correct the fsid or the monitors");
		found_wrong(findings, "key", &error);
		return;
	}
	found_good(findings, "key", "client.%s is let into cluster %s", where->user,
		   cluster_fsid(cluster));
	look_at_pool(findings, where, cluster, pool);
}

static void look_at(struct findings *findings, const struct where *where, bool libraries,
		    const struct config *config, const char *pool)
{
	bool answered = !*where->monitors || look_at_monitors(findings, where);
	char key[KEY_TEXT_MAX] = "";

	if (*where->keyring && look_at_keyring(findings, where, key) && answered && libraries)
		look_inside(findings, where, key, (int64_t)config->deadlines.connect * 1000, pool);
	explicit_bzero(key, sizeof(key));
}

/* Where no key is named, a file of the usual place may be there, and a volume may bring its own: it
 * has to in mount mode, and where the configuration names no user. */
static const char *keyring_of(struct findings *findings, const struct config *config,
			      const struct config_cluster *cluster)
{
	const char *usual = *cluster->user ? cluster->default_keyring : ADMIN_KEYRING;

	if (*cluster->keyring)
		return cluster->keyring;
	if (path_exists("%s", usual) || (config->capabilities.attach && *cluster->user))
		return usual;
	found_note(findings, "keyring", NO_KEYRING, usual);
	return "";
}

/* No cluster is configured: what a volume without options would have. */
static void look_at_default(struct findings *findings, bool libraries, const struct config *config,
			    const char *pool)
{
	char monitors[2048], fsid[40];
	struct where where = {
		.name = "ceph.conf", .fsid = fsid, .user = "admin", .ms_mode = "auto"};
	struct error error;

	if (monitors_from_conf(CEPH_CONF, monitors, sizeof(monitors), fsid, sizeof(fsid), &error) <
	    0) {
		found_wrong(findings, "ceph.conf", &error);
		return;
	}
	where.monitors = monitors;
	where.keyring = path_exists("%s", ADMIN_KEYRING) ? ADMIN_KEYRING : "";
	if (!*where.keyring)
		found_note(findings, "keyring", NO_KEYRING, ADMIN_KEYRING);
	look_at(findings, &where, libraries, config, pool);
}

void doctor_clusters(struct findings *findings, const struct config *config, const char *pool)
{
	const bool libraries = look_at_libraries(findings);

	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct config_cluster *cluster = &config->clusters[i];
		const struct where where = {.name = cluster->name,
					    .monitors = cluster->monitors,
					    .fsid = cluster->fsid,
					    .user = *cluster->user ? cluster->user : "admin",
					    .keyring = keyring_of(findings, config, cluster),
					    .ms_mode = cluster->ms_mode};

		look_at(findings, &where, libraries, config, pool);
	}
	if (!config->cluster_count)
		look_at_default(findings, libraries, config, pool);
}

static struct where where_of(const struct connect_found *found)
{
	return (struct where){
		.name = *found->entry->name ? found->entry->name : "cluster",
		.monitors = *found->monitors ? found->monitors : found->mon_host,
		.fsid = found->fsid,
		.user = found->user,
		.keyring = found->keyring,
		.ms_mode = found->entry->ms_mode,
	};
}

void doctor_cluster(struct findings *findings, const struct config *config,
		    const struct connect_wish *wish, const char *pool)
{
	const bool libraries = look_at_libraries(findings);
	struct connect_found found;
	struct error error;
	struct where where;

	if (connect_find(config, wish, &found, &error) < 0) {
		found_wrong(findings, "cluster", &error);
		return;
	}
	where = where_of(&found);
	look_at(findings, &where, libraries, config, pool);
}
