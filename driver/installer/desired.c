/* SPDX-License-Identifier: Apache-2.0 */
#include "installer/desired.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdio.h>

#include "installer/tree.h"

#define DEFAULT_CLUSTER "default" /* the one that the Secret is for */
#define DEFAULT_USER    "admin"   /* who the driver is, too, where nobody says */

static void cleanup_json(cJSON **json)
{
	cJSON_Delete(*json);
}

#define _cleanup_json_ __attribute__((cleanup(cleanup_json)))

static int no_memory(struct error *error)
{
	return error_set(error, -ENOMEM, "write a configuration: not enough memory");
}

static const char *text_of(const cJSON *object, const char *name)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

	return cJSON_IsString(item) ? item->valuestring : "";
}

/* What the file says stands. */
static bool add_text(cJSON *object, const char *name, const char *value)
{
	return !*value || cJSON_GetObjectItemCaseSensitive(object, name) ||
	       cJSON_AddStringToObject(object, name, value);
}

static cJSON *object_in(cJSON *object, const char *name)
{
	cJSON *found = cJSON_GetObjectItemCaseSensitive(object, name);

	return found ? found : cJSON_AddObjectToObject(object, name);
}

static int keyring_text(const char *user, const char *key, char **ret, struct error *error)
{
	return asprintf(ret, "[client.%s]\n\tkey = %s\n", user, key) < 0 ? no_memory(error) : 0;
}

/* The Secret fills in what the cluster "default" does not say. */
static int add_secret(cJSON *json, const struct secret_files *secret, char **ret_keyring,
		      struct error *error)
{
	cJSON *cluster = object_in(object_in(json, "clusters"), DEFAULT_CLUSTER);
	const char *said = text_of(cluster, "user");
	const char *user = *secret->user ? secret->user : *said ? said : DEFAULT_USER;

	if (!cluster)
		return no_memory(error);
	if (*said && !str_eq(said, user)) {
		error_set(error, -EINVAL,
			  "the configuration's clusters." DEFAULT_CLUSTER
			  " has the user %s, the Secret is of %s",
			  said, user);
		return error_advise(error, "name one user in both, or in one of them only");
	}
	if (!add_text(cluster, "user", user) || !add_text(cluster, "monitors", secret->monitors) ||
	    !add_text(cluster, "fsid", secret->fsid) ||
	    !add_text(cluster, "keyring", *secret->key ? STATE_KEYRING : ""))
		return no_memory(error);
	if (!*secret->key || !str_eq(text_of(cluster, "keyring"), STATE_KEYRING))
		return 0;
	return keyring_text(text_of(cluster, "user"), secret->key, ret_keyring, error);
}

/* A name without a slash is a file that is written here, and there is only one. */
static int check_keyrings(const cJSON *json, const char *keyring, struct error *error)
{
	const cJSON *cluster;

	cJSON_ArrayForEach(cluster, cJSON_GetObjectItemCaseSensitive(json, "clusters")) {
		const char *name = text_of(cluster, "keyring");

		if (!*name || strchr(name, '/') || (keyring && str_eq(name, STATE_KEYRING)))
			continue;
		error_set(error, -ENOENT,
			  "the configuration's clusters.%.100s has the keyring "
			  "%.100s, which would be beside it: there is none",
			  cluster->string, name);
		return error_advise(error,
				    "give the key by --secret, and call the keyring " STATE_KEYRING
				    "; or name a file of the node by its whole path");
	}
	return 0;
}

static int set_attach(cJSON *json, bool attach)
{
	cJSON *value = cJSON_CreateBool(attach);

	if (!value)
		return -ENOMEM;
	if (cJSON_GetObjectItemCaseSensitive(json, "attach"))
		return cJSON_ReplaceItemInObjectCaseSensitive(json, "attach", value) ? 0 : -ENOMEM;
	return cJSON_AddItemToObject(json, "attach", value) ? 0 : -ENOMEM;
}

static bool attach_of(const struct installer *installer, enum installer_mode installed,
		      const cJSON *json)
{
	const cJSON *said = cJSON_GetObjectItemCaseSensitive(json, "attach");

	if (installer->mode != INSTALLER_UNSAID)
		return installer->mode == INSTALLER_ATTACH;
	if (said)
		return cJSON_IsTrue(said);
	return installed != INSTALLER_MOUNT;
}

/* As it is written by hand: checked by this driver's own parser, which is the one that will read
 * it. */
static int read_own(const char *path, cJSON **ret, struct error *error)
{
	_cleanup_config_ struct config config = {.path = ""};
	_cleanup_free_ char *text = NULL;
	int r = path ? config_read_text(path, &text, error) : 0;

	if (r >= 0 && text)
		r = config_load_text(path, text, &config, error);
	if (r < 0)
		return r;
	*ret = text ? cJSON_Parse(text) : cJSON_CreateObject();
	return *ret ? 0 : no_memory(error);
}

static int finish(cJSON *json, const char *name, struct desired *ret, struct error *error)
{
	_cleanup_config_ struct config config = {.path = ""};
	_cleanup_free_ char *text = cJSON_Print(json);
	int r;

	if (!text || asprintf(&ret->config, "%s\n", text) < 0)
		return no_memory(error);
	r = config_load_text(name ? name : "/" STATE_CONFIG, ret->config, &config, error);
	if (r < 0)
		return r;
	ret->capabilities = config.capabilities;
	desired_init(&ret->capabilities, ret->init);
	return 0;
}

int desired_make(const struct installer *installer, enum installer_mode installed,
		 struct desired *ret, struct error *error)
{
	_cleanup_secret_files_ struct secret_files secret = {0};
	_cleanup_json_ cJSON *json = NULL;
	int r;

	*ret = (struct desired){0};
	r = read_own(installer->config, &json, error);
	if (r >= 0 && installer->secret)
		r = secret_files_read(installer->secret, &secret, error);
	if (r >= 0 && (*secret.key || *secret.user || *secret.monitors || *secret.fsid))
		r = add_secret(json, &secret, &ret->keyring, error);
	if (r >= 0)
		r = check_keyrings(json, ret->keyring, error);
	if (r < 0)
		return r;
	/* closed: a pod names no pool and no user that nobody has allowed */
	if (!object_in(json, "policy") || set_attach(json, attach_of(installer, installed, json)))
		return no_memory(error);
	return finish(json, installer->config, ret, error);
}

void desired_done(struct desired *desired)
{
	if (desired->keyring)
		explicit_bzero(desired->keyring, strlen(desired->keyring));
	free(desired->keyring);
	free(desired->config);
	*desired = (struct desired){0};
}

static const char *word(bool value)
{
	return value ? "true" : "false";
}

void desired_init(const struct config_capabilities *capabilities, char ret[256])
{
	(void)snprintf(ret, 256,
		       "{\"status\":\"Success\",\"capabilities\":{\"attach\":%s,\"fsGroup\":%s,"
		       "\"selinuxRelabel\":%s,\"supportsMetrics\":%s,\"requiresFSResize\":%s}}\n",
		       word(capabilities->attach), word(capabilities->fs_group),
		       word(capabilities->selinux_relabel), word(capabilities->supports_metrics),
		       word(capabilities->requires_fs_resize));
}
