/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/connect.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "base/log.h"
#include "base/str.h"
#include "ceph/monitors.h"
#include "kernel/key.h"
#include "kubelet/monitor_list.h"

#define CEPH_DIRECTORY "/etc/ceph"
/* of librados for callbacks, of which some wait for others */
#define THREADS      2
#define THREADS_BUSY 16

static bool given(const char *text)
{
	return !str_empty(text);
}

static const struct config_cluster *entry_named(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->cluster_count; i++)
		if (str_eq(config->clusters[i].name, name))
			return &config->clusters[i];
	return NULL;
}

/* Of two entries, with two users, it would be a guess whose rights are used. */
static int entry_sharing(const struct config *config, const char *monitors,
			 const struct config_cluster **ret, struct error *error)
{
	*ret = NULL;
	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct config_cluster *entry = &config->clusters[i];

		if (!monitor_lists_share(entry->monitors, monitors))
			continue;
		if (*ret) {
			error_set(error, -EINVAL,
				  "monitors %.200s: the clusters %s and %s of the configuration "
				  "both have one of them",
				  monitors, (*ret)->name, entry->name);
			return error_advise(error, "say which is meant by --cluster");
		}
		*ret = entry;
	}
	return 0;
}

static int choose_entry(const struct config *config, const struct connect_wish *wish,
			struct connect_found *found, struct error *error)
{
	const struct config_cluster *entry = NULL;

	if (given(wish->cluster))
		entry = entry_named(config, wish->cluster);
	else if (given(wish->monitors) && entry_sharing(config, wish->monitors, &entry, error) < 0)
		return error->code;
	else if (!given(wish->monitors) && !given(wish->conf))
		entry = entry_named(config, "default");
	found->entry = entry ? entry : &config_cluster_none;
	return 0;
}

/* -c, else /etc/ceph/CLUSTER.conf. */
static int choose_conf(const struct connect_wish *wish, struct connect_found *found,
		       struct error *error)
{
	const bool by_name = given(wish->cluster) && found->entry == &config_cluster_none;
	int length;

	if (given(wish->conf))
		length = snprintf(found->conf, sizeof(found->conf), "%s", wish->conf);
	else
		length = snprintf(found->conf, sizeof(found->conf), CEPH_DIRECTORY "/%s.conf",
				  by_name ? wish->cluster : "ceph");
	if (length >= (int)sizeof(found->conf))
		return error_set(error, -ENAMETOOLONG, "the path of the ceph.conf is too long");
	if (!by_name || given(wish->conf) || given(wish->monitors) ||
	    access(found->conf, F_OK) == 0)
		return 0;
	error_set(error, -ENOENT,
		  "cluster %s: neither does the configuration know it, nor is "
		  "there %s",
		  wish->cluster, found->conf);
	return error_advise(error, "add it to \"clusters\" of the configuration, or name the "
				   "monitors (-m)");
}

static int choose_monitors(const struct connect_wish *wish, struct connect_found *found,
			   struct error *error)
{
	char fsid[sizeof(found->fsid)];
	int r;

	(void)str_copy(found->fsid, sizeof(found->fsid), found->entry->fsid);
	found->monitors = given(wish->monitors) ? wish->monitors : "";
	if (!*found->monitors && !given(wish->conf))
		found->monitors = found->entry->monitors;
	if (*found->monitors)
		return 0;
	r = monitors_from_conf(found->conf, found->mon_host, sizeof(found->mon_host), fsid,
			       sizeof(fsid), error);
	if (r < 0)
		return r;
	if (!*found->fsid)
		(void)str_copy(found->fsid, sizeof(found->fsid), fsid);
	return 0;
}

/* "DIR/NAME.client.USER.keyring" beside "DIR/NAME.conf", as Ceph's own default is. */
static int keyring_beside(const char *conf, const char *user, char ret[PATH_MAX])
{
	size_t length = strlen(conf);

	if (length > 5 && str_eq(conf + length - 5, ".conf"))
		length -= 5;
	return snprintf(ret, PATH_MAX, "%.*s.client.%s.keyring", (int)length, conf, user) < PATH_MAX
		       ? 0
		       : -ENAMETOOLONG;
}

static int choose_user(const struct connect_wish *wish, struct connect_found *found,
		       struct error *error)
{
	const struct config_cluster *entry = found->entry;
	const char *user_of_entry = *entry->user ? entry->user : "admin";
	const bool of_entry = !given(wish->user) || str_eq(wish->user, user_of_entry);
	int r;

	found->user = given(wish->user) ? wish->user : user_of_entry;
	if (given(wish->keyring))
		r = str_copy(found->keyring, sizeof(found->keyring), wish->keyring);
	else if (*entry->keyring && of_entry)
		r = str_copy(found->keyring, sizeof(found->keyring), entry->keyring);
	else
		r = keyring_beside(found->conf, found->user, found->keyring);
	return r < 0 ? error_set(error, r, "the path of the keyring is too long") : 0;
}

int connect_find(const struct config *config, const struct connect_wish *wish,
		 struct connect_found *ret, struct error *error)
{
	*ret = (struct connect_found){0};
	if (choose_entry(config, wish, ret, error) < 0 || choose_conf(wish, ret, error) < 0 ||
	    choose_monitors(wish, ret, error) < 0)
		return error->code;
	return choose_user(wish, ret, error);
}

int connect_find_keyring(const struct config *config, const struct connect_wish *wish,
			 char ret[PATH_MAX], struct error *error)
{
	struct connect_found found = {0};

	if (choose_entry(config, wish, &found, error) < 0 || choose_conf(wish, &found, error) < 0 ||
	    choose_user(wish, &found, error) < 0)
		return error->code;
	return str_copy(ret, PATH_MAX, found.keyring);
}

static int read_key(const struct connect_found *found, char key[KEY_TEXT_MAX], struct error *error)
{
	int readable_by_others = 0;
	int r = key_from_keyring(found->keyring, found->user, key, &readable_by_others, error);

	if (r == 0 && readable_by_others)
		log_say(LOG_LEVEL_WARNING, "keyring %s can be read by others: chmod 600 it",
			found->keyring);
	return r == 0 ? key_check(key, error) : r;
}

static int connect_there(const struct connect_found *found, int64_t timeout, unsigned int threads,
			 struct cluster **ret, struct error *error)
{
	char key[KEY_TEXT_MAX] = "";
	const struct cluster_access access = {.monitors = found->monitors,
					      .conf = found->conf,
					      .user = found->user,
					      .key = key,
					      .threads = threads};
	int r = read_key(found, key, error);

	if (r == 0)
		r = cluster_connect(&access, timeout, ret, error);
	explicit_bzero(key, sizeof(key));
	return r;
}

int connect_as(const struct config *config, const struct connect_wish *wish, struct cluster **ret,
	       struct error *error)
{
	_cleanup_cluster_ struct cluster *cluster = NULL;
	struct connect_found found;

	if (connect_find(config, wish, &found, error) < 0 ||
	    connect_there(&found,
			  wish->timeout ? wish->timeout : (int64_t)config->deadlines.connect * 1000,
			  wish->busy ? THREADS_BUSY : THREADS, &cluster, error) < 0)
		return error->code;
	if (*found.fsid && !str_eq(found.fsid, cluster_fsid(cluster))) {
		error_set(error, -EINVAL,
			  "the monitors are of cluster %s, but cluster %s is asked for",
			  cluster_fsid(cluster), found.fsid);
		return error_advise(error, "set the monitors of that cluster, or correct the fsid");
	}
	*ret = TAKE_PTR(cluster);
	return 0;
}
