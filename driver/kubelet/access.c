/* SPDX-License-Identifier: Apache-2.0 */
/* Where the cluster of a request is: configuration, options and secret put together (design §3). */
#include <errno.h>

#include "base/str.h"
#include "kubelet/config.h"
#include "kubelet/monitor_list.h"

#define ADMIN         "admin"
#define ADMIN_KEYRING "/etc/ceph/ceph.client.admin.keyring"

static const char *first(const char *a, const char *b)
{
	return *a ? a : b;
}

static void add_names(const struct config *config, struct text *list)
{
	for (size_t i = 0; i < config->cluster_count; i++)
		text_printf(list, "%s%s", i ? ", " : "", config->clusters[i].name);
}

static const struct config_cluster *by_name(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->cluster_count; i++)
		if (str_eq(config->clusters[i].name, name))
			return &config->clusters[i];
	return NULL;
}

static int unknown_cluster(const struct config *config, const char *name, struct error *error)
{
	_cleanup_text_ struct text list = {0};

	add_names(config, &list);
	error_set(error, -EINVAL, "cluster: the configuration has no \"%s\"", name);
	if (!config->cluster_count)
		return error_advise(error,
				    "add it to \"clusters\" of the configuration, or give the "
				    "option monitors instead");
	return error_advise(error, "clusters that it has: %s", list.data ? list.data : "");
}

static bool same_fsid(const struct config_cluster *entry, const struct options *options)
{
	return *entry->fsid && str_eq(entry->fsid, options->fsid);
}

static bool shares_monitor(const struct config_cluster *entry, const struct options *options)
{
	return monitor_lists_share(entry->monitors, options->monitors);
}

/* The one entry that fits. Of two, with two users, it would be a guess whose rights are used. */
static int the_one(const struct config *config, const struct options *options,
		   bool (*fits)(const struct config_cluster *, const struct options *),
		   const char *what, const struct config_cluster **ret, struct error *error)
{
	*ret = NULL;
	for (size_t i = 0; i < config->cluster_count; i++) {
		const struct config_cluster *entry = &config->clusters[i];

		if (!fits(entry, options))
			continue;
		if (*ret) {
			error_set(error, -EINVAL,
				  "%s: the clusters %s and %s of the configuration both have it",
				  what, (*ret)->name, entry->name);
			return error_advise(error, "say which by the option cluster");
		}
		*ret = entry;
	}
	return 0;
}

static int choose(const struct config *config, const struct options *options,
		  const struct config_cluster **ret, struct error *error)
{
	int r;

	*ret = NULL;
	if (*options->cluster) {
		*ret = by_name(config, options->cluster);
		return *ret ? 0 : unknown_cluster(config, options->cluster, error);
	}
	if (*options->fsid) {
		r = the_one(config, options, same_fsid, "fsid", ret, error);
		if (r < 0 || *ret)
			return r;
	}
	if (*options->monitors)
		return the_one(config, options, shares_monitor, "monitors", ret, error);
	*ret = by_name(config, "default");
	/* the request is for another cluster: its own fsid decides, ceph.conf says where it is */
	if (*ret && *options->fsid && *(*ret)->fsid)
		*ret = NULL;
	return 0;
}

/* Monitors frozen in a PV are replaced only where the PV means that entry: never across clusters.
 */
static const char *choose_monitors(const struct config_cluster *entry,
				   const struct options *options)
{
	if (*entry->monitors &&
	    (*options->cluster || !*options->monitors || shares_monitor(entry, options)))
		return entry->monitors;
	return options->monitors;
}

/* Pods choose this one: only what an administrator laid down for Ceph. */
static int check_keyring(const char *keyring, struct error *error)
{
	if (!*keyring || str_starts(keyring, "/etc/ceph/"))
		return 0;
	error_set(error, -EINVAL, "keyring: \"%.120s\" is not under /etc/ceph", keyring);
	return error_advise(
		error, "move it there, or name it in the configuration's entry of the cluster");
}

static const char *default_keyring(const struct config_cluster *entry,
				   const struct options *options)
{
	if (*options->default_keyring)
		return options->default_keyring;
	return first(entry->default_keyring, ADMIN_KEYRING);
}

int config_access(const struct config *config, const struct options *options, struct access *ret,
		  struct error *error)
{
	const struct config_cluster *entry;
	int r = choose(config, options, &entry, error);

	if (r >= 0)
		r = check_keyring(options->keyring, error);
	if (r < 0)
		return r;
	if (!entry)
		entry = &config_cluster_none;
	if (*entry->fsid && *options->fsid && !str_eq(entry->fsid, options->fsid))
		return error_set(error, -EINVAL,
				 "fsid: the option says %s, the configuration says %s for the "
				 "cluster %s",
				 options->fsid, entry->fsid, entry->name);
	*ret = (struct access){
		.cluster = entry->name,
		.fsid = first(options->fsid, entry->fsid),
		.monitors = choose_monitors(entry, options),
		.user = first(options->secret_user,
			      first(options->user, first(entry->user, ADMIN))),
		.own_user = first(entry->user, ADMIN),
		.key = options->secret_key,
		.keyring = "",
		.from_secret = *options->secret_key,
		.ms_mode = entry->ms_mode,
		.map_options = entry->map_options,
		.exclusive_pool = config_exclusive_pool(entry, options->image.pool),
	};
	if (!ret->from_secret)
		ret->keyring = first(options->keyring,
				     first(entry->keyring, default_keyring(entry, options)));
	return 0;
}
