/* SPDX-License-Identifier: Apache-2.0 */
/*
 * image map: by the same hands and the same guard as a volume's (design §5), under a label that
 * says that a person did it: nothing of the driver ever touches it.
 */
#include <errno.h>
#include <stdio.h>

#include "admin/admin.h"
#include "admin/where.h"
#include "base/lock.h"
#include "ceph/features.h"
#include "kernel/module.h"
#include "volume/hands.h"
#include "volume/map_step.h"

#define MODULE_DEADLINE 20000

static int refuse_guard(const char *guard, struct error *error)
{
	if (!*guard || str_eq(guard, "none"))
		return 0;
	(void)error_set(error, -EINVAL, "--guard: \"%.40s\" is not none, the only one to choose",
			guard);
	return ADMIN_WRONG_USE;
}

static int choose_options(const struct admin *admin, struct volume *volume, struct error *error)
{
	const char *own = arguments_value(&admin->arguments, FLAG_OPTIONS);
	const char *first = volume->access.map_options ? volume->access.map_options : "";

	if (map_options_check(own, error) < 0)
		return ADMIN_WRONG_USE;
	if (map_options_check(first, error) < 0)
		return error_prefix(error, "the configuration's cluster %s",
				    volume->access.cluster);
	if (snprintf(volume->map_options, sizeof(volume->map_options), "%s%s%s", first,
		     *first && *own ? "," : "", own) >= (int)sizeof(volume->map_options))
		return error_set(error, -EINVAL, "--options: they are too long");
	return 0;
}

static void describe(const struct admin *admin, const struct target *target,
		     struct options *options, struct volume *ret)
{
	options_init(options);
	options->image = target->name;
	options->read_only = arguments_have(&admin->arguments, FLAG_READ_ONLY) || *target->snapshot;
	*ret = (struct volume){
		.config = admin->config,
		.options = options,
		.directory = "",
		.attach_mode = true,
		.image = target->name,
		.lock = -1,
		.device_fd = -1,
		/* who only looks is in nobody's way, and knows that the data may be in motion */
		.guard = options->read_only || arguments_have(&admin->arguments, FLAG_GUARD)
				 ? GUARD_NONE
				 : GUARD_WATCHERS,
	};
	(void)str_copy(ret->text, sizeof(ret->text), target->text);
	(void)snprintf(ret->label, sizeof(ret->label), KRBD_LABEL_PREFIX_MANUAL "%s",
		       target->image);
}

static int take_lock(struct volume *volume, struct error *error)
{
	char name[512];

	image_name_lock(&volume->image, name, sizeof(name));
	volume->lock = lock_take(name, volume_seconds(volume->config->deadlines.call), error);
	if (volume->lock < 0)
		return volume->lock;
	lock_note(volume->lock, "mapping %s by hand", volume->text);
	return 0;
}

/* The module before the worker, which adds a key of a type that it brings; the worker before the
 * cluster's threads. */
static int start(struct volume *volume, struct error *error)
{
	int result = module_present() ? 0 : module_load(deadline_in(MODULE_DEADLINE), error);

	if (result == 0)
		result = take_lock(volume, error);
	if (result == 0)
		result = volume_read_key(volume, error);
	if (result == 0)
		result = hands_start(volume, error);
	return result == 0 ? volume_connect(volume, error) : result;
}

/* Two writers on one node are two writers. */
static int refuse_second(const struct admin *admin, struct volume *volume, struct error *error)
{
	struct admin with_cluster = *admin;
	int result;

	if (volume->guard == GUARD_NONE)
		return 0;
	with_cluster.cluster = volume->cluster;
	result = admin_refuse_mapped(&with_cluster, &volume->image, error);
	return result < 0 ? error_append(error, "; --read-only maps it beside that") : 0;
}

/* A person decides what is taken away from an image; a volume's way does it by itself. */
static int refuse_features(const struct volume *volume, struct error *error)
{
	char names[512];
	uint64_t supported = 0, wrong;
	int result = module_features(&supported, error);

	if (result < 0 || volume->options->read_only)
		return result;
	wrong = image_features_to_disable(volume->header.features, supported);
	if (!wrong)
		return 0;
	(void)image_features_text(wrong, names, sizeof(names));
	error_set(error, -ENXIO, "map image %s: this node's kernel does not serve its features %s",
		  volume->text, names);
	return error_advise(error, "`rbd-flexvolume image features disable %s %s` takes them away",
			    volume->text, names);
}

static int look(struct volume *volume, struct error *error)
{
	int result =
		image_read_header(volume->cluster, volume->image.image, &volume->header, error);

	if (result == -ENOENT) {
		error_set(error, -ENOENT, "map image %s: there is none", volume->text);
		return error_advise(error, "`rbd-flexvolume image ls %s` lists those of the pool",
				    volume->image.pool);
	}
	if (result == 0 && *volume->image.snapshot)
		result = image_read_snapshot(volume->cluster, volume->image.image,
					     volume->image.snapshot, &volume->header, error);
	return result;
}

static int print_device(struct admin *admin, const struct target *target, int id,
			struct error *error)
{
	char device[32];
	cJSON *json;

	(void)snprintf(device, sizeof(device), "/dev/rbd%d", id);
	admin_say(admin, "%s", device);
	if (!admin->json)
		return 0;
	json = json_of_target(target);
	cJSON_AddStringToObject(json, "device", device);
	return json_print(admin, json, error);
}

int admin_image_map(struct admin *admin, struct error *error)
{
	struct connect_found found; /* outlives the volume, whose access points into it */
	_cleanup_volume_ struct volume volume = {.lock = -1, .device_fd = -1};
	struct options options;
	struct target target;
	int result = refuse_guard(arguments_value(&admin->arguments, FLAG_GUARD), error);

	if (result == 0 &&
	    target_parse(admin->arguments.operands[0], TARGET_EITHER, &target, error) < 0)
		result = ADMIN_WRONG_USE;
	if (result)
		return result;
	describe(admin, &target, &options, &volume);
	result = where_is(admin, &found, &volume, error);
	if (result == 0)
		result = choose_options(admin, &volume, error);
	if (result == 0)
		result = start(&volume, error);
	if (result == 0)
		result = refuse_second(admin, &volume, error);
	if (result == 0)
		result = look(&volume, error);
	if (result == 0)
		result = refuse_features(&volume, error);
	if (result == 0)
		result = map_step(&volume, error);
	return result ? result : print_device(admin, &target, volume.mapping.id, error);
}
