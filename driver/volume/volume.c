/* SPDX-License-Identifier: Apache-2.0 */
#include "volume/volume.h"

#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/lock.h"
#include "base/log.h"
#include "base/path.h"
#include "base/phase.h"
#include "base/siphash.h"
#include "base/str.h"
#include "ceph/features.h"
#include "ceph/load.h"
#include "ceph/monitors.h"
#include "fs/mkfs_options.h"
#include "fs/mount_options.h"
#include "kubelet/policy.h"

#define CEPH_CONF "/etc/ceph/ceph.conf"

/* Another pod's Secret must be worth the data (design §5 rule 5): in mount mode the label carries
 * a hash of the key, keyed by the boot id, so that it tells nothing elsewhere. */
static uint32_t key_hash(const char *key)
{
	unsigned char seed[16] = {0};
	char boot_id[64] = "";

	(void)path_read(boot_id, sizeof(boot_id), "/proc/sys/kernel/random/boot_id");
	for (size_t i = 0; boot_id[i]; i++)
		seed[i % sizeof(seed)] ^= (unsigned char)((unsigned char)boot_id[i] * (i + 1));
	return (uint32_t)siphash(seed, key, strlen(key));
}

static void make_label(struct volume *volume)
{
	int length = snprintf(volume->label, sizeof(volume->label), KRBD_LABEL_PREFIX "%s",
			      volume->options->volume);

	if (!volume->attach_mode && length > 0 && (size_t)length < sizeof(volume->label))
		(void)snprintf(volume->label + length, sizeof(volume->label) - (size_t)length,
			       "#%08x", key_hash(volume->key));
}

int volume_read_key(struct volume *volume, struct error *error)
{
	int readable_by_others = 0;
	int result;

	if (volume->access.from_secret) {
		if (str_copy(volume->key, sizeof(volume->key), volume->access.key) < 0)
			return error_set(error, -EINVAL, "the Secret's key is too long");
		return key_check(volume->key, error);
	}
	result = key_from_keyring(volume->access.keyring, volume->access.user, volume->key,
				  &readable_by_others, error);
	if (result < 0)
		return result;
	if (readable_by_others)
		log_say(LOG_LEVEL_WARNING, "keyring %s can be read by others: chmod 600 it",
			volume->access.keyring);
	return key_check(volume->key, error);
}

/* Monitors and fsid: what options and configuration say, else ceph.conf. The conf's fsid counts
 * only with the conf's monitors. Where nothing says them they stay "": only some calls need a
 * cluster. */
static int find_cluster(struct volume *volume, struct error *error)
{
	char fsid[sizeof(volume->fsid)] = "";
	int result;

	(void)str_copy(volume->fsid, sizeof(volume->fsid), volume->access.fsid);
	if (*volume->access.monitors)
		return str_copy(volume->monitors, sizeof(volume->monitors),
				volume->access.monitors) < 0
			       ? error_set(error, -EINVAL, "the list of monitors is too long")
			       : 0;
	result = monitors_from_conf(CEPH_CONF, volume->monitors, sizeof(volume->monitors), fsid,
				    sizeof(fsid), error);
	if (result == 0 && !*volume->fsid)
		(void)str_copy(volume->fsid, sizeof(volume->fsid), fsid);
	return result == -ENOENT ? 0 : result;
}

/* The words of the lists that kubelet/ has looked at by their characters only. */
static int check_options(struct volume *volume, struct error *error)
{
	const struct options *options = volume->options;
	/* in any case, though only a missing image is made with them */
	int result = image_features_parse(options->features, &volume->features, error);

	if (result == 0)
		result = mkfs_options_check(options->fs_type, options->mkfs_options, error);
	if (result == 0)
		result = mount_options_check(options->fs_type, options->mount_options, error);
	return result;
}

/* All users of an image must agree on guard=exclusive: a pool that has it has it for every
 * volume. */
static int choose_guard(struct volume *volume, struct error *error)
{
	const struct options *options = volume->options;

	volume->guard = volume->access.exclusive_pool ? GUARD_EXCLUSIVE : options->guard;
	if (!options->guard_given || options->guard == volume->guard)
		return 0;
	error_set(error, -EINVAL,
		  "guard: the configuration has pool %s in exclusivePools, so that no volume in it "
		  "has another guard than exclusive",
		  volume->image.pool);
	return error_advise(error, "take the option guard out of the volume");
}

static int choose_map_options(struct volume *volume, struct error *error)
{
	const char *first = volume->access.map_options ? volume->access.map_options : "";
	const char *second = volume->options->map_options ? volume->options->map_options : "";
	int result = map_options_check(first, error);

	if (result < 0)
		return error_prefix(error, "the configuration's cluster %s",
				    volume->access.cluster);
	result = map_options_check(second, error);
	/* where both have one, the kernel takes the last */
	if (result == 0 &&
	    snprintf(volume->map_options, sizeof(volume->map_options), "%s%s%s", first,
		     *first && *second ? "," : "", second) >= (int)sizeof(volume->map_options))
		result = error_set(error, -EINVAL,
				   "mapOptions: together with the configuration's they are longer "
				   "than %d bytes",
				   MAP_OPTIONS_MAX - 1);
	return result;
}

static int identify(const struct config *config, const struct options *options,
		    const char *directory, bool mounted, struct volume *ret, struct error *error)
{
	int result;

	*ret = (struct volume){.config = config,
			       .options = options,
			       .directory = directory,
			       .attach_mode = config->capabilities.attach,
			       .image = options->image,
			       .lock = -1,
			       .device_fd = -1};
	(void)image_name_text(&ret->image, ret->text);
	if (str_empty(options->volume))
		return error_set(
			error, -EINVAL,
			"the options lack kubernetes.io/pvOrVolumeName, the volume's name");
	result = check_options(ret, error);
	if (result == 0)
		result = config_access(config, options, &ret->access, error);
	if (result == 0 && !mounted)
		result = policy_check(config, options, &ret->access, error);
	if (result == 0)
		result = choose_guard(ret, error);
	if (result == 0)
		result = choose_map_options(ret, error);
	if (result < 0)
		return error_prefix(error, "volume %s, image %s", options->volume, ret->text);
	/* with a label that says whose it is, the key is needed to know the mapping again */
	if (!ret->attach_mode)
		result = volume_read_key(ret, error);
	if (result == 0)
		result = find_cluster(ret, error);
	if (result < 0)
		return error_prefix(error, "volume %s, image %s", options->volume, ret->text);
	make_label(ret);
	return 0;
}

int volume_identify(const struct config *config, const struct options *options,
		    const char *directory, struct volume *ret, struct error *error)
{
	return identify(config, options, directory, false, ret, error);
}

static int take_lock(struct volume *volume, struct error *error)
{
	char name[512];

	image_name_lock(&volume->image, name, sizeof(name));
	phase_begin("lock");
	volume->lock = lock_take(name, volume_seconds(volume->config->deadlines.call), error);
	if (volume->lock < 0)
		return error_prefix(error, "volume %s, image %s", volume->options->volume,
				    volume->text);
	phase_begin("survey");
	lock_note(volume->lock, "looking at %s", volume->text);
	return 0;
}

int volume_open(const struct config *config, const struct options *options, const char *directory,
		struct volume *ret, struct error *error)
{
	int result = identify(config, options, directory, false, ret, error);

	return result < 0 ? result : take_lock(ret, error);
}

int volume_open_mounted(const struct config *config, const struct options *options,
			const char *directory, struct volume *ret, struct error *error)
{
	int result = identify(config, options, directory, true, ret, error);

	return result < 0 ? result : take_lock(ret, error);
}

void volume_close(struct volume *volume)
{
	worker_stop(volume->worker);
	volume->worker = NULL;
	/* the connection is not closed: orderly, that costs more than opening it (measured: 290 of
	 * 1800 ms under strace in a node); the process ends, and it holds nothing in the cluster */
	volume->cluster = NULL;
	explicit_bzero(volume->key, sizeof(volume->key));
	if (volume->lock >= 0)
		close(TAKE_FD(volume->lock));
}

int volume_connect(struct volume *volume, struct error *error)
{
	const struct cluster_access access = {.monitors = volume->monitors,
					      .conf = CEPH_CONF,
					      .user = volume->access.user,
					      .key = volume->key};
	int result = 0;

	if (volume->cluster)
		return 0;
	phase_begin("cluster");
	if (!*volume->monitors) {
		error_set(error, -ENOENT, "no monitors are known for image %s", volume->text);
		return error_advise(error, "name them in the volume's options (monitors), in the "
					   "driver's configuration, or in " CEPH_CONF);
	}
	if (!*volume->key)
		result = volume_read_key(volume, error);
	if (result == 0)
		result = cluster_connect(&access, (int64_t)volume->config->deadlines.connect * 1000,
					 &volume->cluster, error);
	if (result < 0)
		return error_prefix(error, "image %s", volume->text);
	if (*volume->fsid && !str_eq(volume->fsid, cluster_fsid(volume->cluster))) {
		error_set(error, -EINVAL,
			  "the monitors %s are of cluster %s, but cluster %s is asked for",
			  volume->monitors, cluster_fsid(volume->cluster), volume->fsid);
		return error_advise(error, "set the monitors of that cluster, or correct the fsid");
	}
	(void)str_copy(volume->fsid, sizeof(volume->fsid), cluster_fsid(volume->cluster));
	return cluster_use_pool(volume->cluster, volume->image.pool, volume->image.name_space,
				error);
}

bool volume_cluster_at_hand(struct volume *volume)
{
	struct error ignored;

	return *volume->monitors && volume_read_key(volume, &ignored) == 0 &&
	       ceph_load_rados(&ignored) == 0 && ceph_load_rbd(&ignored) == 0;
}
