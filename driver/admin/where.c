/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/where.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "ceph/monitors.h"
#include "volume/connect.h"

#define CEPH_CONF "/etc/ceph/ceph.conf"

static bool has_entry(const struct config *config, const char *name)
{
	for (size_t i = 0; i < config->cluster_count; i++)
		if (str_eq(config->clusters[i].name, name))
			return true;
	return false;
}

/* The ceph.conf that decides; "" where the configuration's entry does. */
static void choose_conf(const struct admin *admin, char ret[PATH_MAX])
{
	const char *conf = arguments_value(&admin->arguments, FLAG_CONF);
	const char *cluster = arguments_value(&admin->arguments, FLAG_CLUSTER);
	const char *environment = getenv("CEPH_CONF");

	ret[0] = '\0';
	if (*conf)
		(void)str_copy(ret, PATH_MAX, conf);
	else if (*cluster && !has_entry(admin->config, cluster))
		(void)snprintf(ret, PATH_MAX, "/etc/ceph/%s.conf", cluster);
	else if (!*cluster && environment)
		(void)str_copy(ret, PATH_MAX, environment);
}

static int read_conf(const char *conf, struct volume *volume, struct error *error)
{
	char monitors[sizeof(volume->monitors)], fsid[sizeof(volume->fsid)] = "";
	int result =
		monitors_from_conf(conf, monitors, sizeof(monitors), fsid, sizeof(fsid), error);

	if (result < 0)
		return result;
	(void)str_copy(volume->monitors, sizeof(volume->monitors), monitors);
	if (!*volume->fsid)
		(void)str_copy(volume->fsid, sizeof(volume->fsid), fsid);
	return 0;
}

int where_is(const struct admin *admin, struct options *options, struct volume *volume,
	     struct error *error)
{
	const struct arguments *arguments = &admin->arguments;
	static char conf[PATH_MAX], keyring[PATH_MAX]; /* as long as the volume */
	int result;

	choose_conf(admin, conf);
	if (admin_check_config(admin, conf, error) < 0)
		return error->code;
	options->monitors = arguments_value(arguments, FLAG_MONITORS);
	options->user = arguments_value(arguments, FLAG_ID);
	options->cluster = *conf ? "" : arguments_value(arguments, FLAG_CLUSTER);
	result = config_access(admin->config, options, &volume->access, error);
	if (result < 0)
		return result;
	if (*conf) {
		volume->access.fsid = "";
		volume->access.monitors = options->monitors;
		volume->access.user = *options->user ? options->user : "admin";
		volume->access.ms_mode = "auto";
		volume->access.map_options = "";
		if (connect_keyring_beside(conf, volume->access.user, keyring) < 0)
			return error_set(error, -ENAMETOOLONG,
					 "the path of the keyring is too long");
		volume->access.keyring = keyring;
	}
	if (arguments_have(arguments, FLAG_KEYRING))
		volume->access.keyring = arguments_value(arguments, FLAG_KEYRING);
	(void)str_copy(volume->fsid, sizeof(volume->fsid), volume->access.fsid);
	if (*volume->access.monitors)
		return str_copy(volume->monitors, sizeof(volume->monitors),
				volume->access.monitors) < 0
			       ? error_set(error, -EINVAL, "the list of monitors is too long")
			       : 0;
	return read_conf(*conf ? conf : CEPH_CONF, volume, error);
}
