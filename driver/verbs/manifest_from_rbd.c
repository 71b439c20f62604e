/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PersistentVolumes of the in-tree rbd plug-in (spec.rbd) as ones of this driver, for the same
 * images. What is not known here is refused, since it may mean something; what is known and cannot
 * go along is said.
 */
#include <errno.h>

#include "verbs/manifest_rbd.h"
#include "verbs/yaml.h"

#define IN_TREE_KEYRING "/etc/ceph/keyring" /* the in-tree plug-in's default */

/* The in-tree plug-in took the keyring where no Secret was named. */
static int choose_key(struct move *move)
{
	const char *keyring = *move->keyring ? move->keyring : IN_TREE_KEYRING;

	if (!move->has_secret && *move->manifest->secret) {
		move_remark(move, "it gets the Secret ", move->manifest->secret);
		move->has_secret = true;
		if (manifest_secret_reference(move->manifest, move->source, move->error) < 0)
			return move->error->code;
	}
	if (!cJSON_HasObjectItem(move->options, "user") &&
	    !cJSON_HasObjectItem(move->options, "cluster"))
		move_option(move, "user", "admin"); /* the in-tree plug-in's default */
	if (!move->has_secret && !cJSON_HasObjectItem(move->options, "cluster"))
		move_option(move, "keyring", keyring);
	else if (*move->keyring)
		move_remark(move,
			    move->has_secret
				    ? "left out, since it has a Secret: the keyring "
				    : "left out, since the cluster's entry has one: the keyring ",
			    move->keyring);
	return 0;
}

static int move_parts(struct move *move, const cJSON *volume)
{
	const cJSON *spec = cJSON_GetObjectItemCaseSensitive(volume, "spec"), *fs_type;
	static const struct field FIELDS[] = {{"apiVersion", NULL}, {"kind", NULL},
					      {"metadata", NULL},   {"spec", NULL},
					      {"status", NULL},     {NULL, NULL}};
	int r = move_fields(move, volume, "the volume", FIELDS);

	if (r >= 0)
		r = move_metadata(move, cJSON_GetObjectItemCaseSensitive(volume, "metadata"));
	if (r >= 0)
		r = move_spec(move, spec);
	if (r >= 0)
		r = choose_key(move);
	if (r < 0)
		return r;
	fs_type = cJSON_GetObjectItemCaseSensitive(move->source, "fsType");
	return manifest_check_options(move->options, cJSON_GetStringValue(fs_type), move->name,
				      move->error);
}

static const char *name_of(const cJSON *volume)
{
	const cJSON *metadata = cJSON_GetObjectItemCaseSensitive(volume, "metadata");

	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(metadata, "name"));
}

static int move_volume(const struct manifest *manifest, const cJSON *volume, struct text *text,
		       struct text *remarks, struct error *error)
{
	_cleanup_cjson_ cJSON *moved = cJSON_CreateObject();
	struct move move = {.manifest = manifest,
			    .name = name_of(volume),
			    .keyring = "",
			    .remarks = remarks,
			    .error = error};
	int r;

	if (!move.name)
		return error_set(error, -EINVAL, "a volume has no name");
	cJSON_AddStringToObject(moved, "apiVersion", "v1");
	cJSON_AddStringToObject(moved, "kind", "PersistentVolume");
	move.metadata = cJSON_AddObjectToObject(moved, "metadata");
	move.spec = cJSON_AddObjectToObject(moved, "spec");
	cJSON_AddStringToObject(move.spec, "persistentVolumeReclaimPolicy", "Retain");
	move.source = cJSON_AddObjectToObject(move.spec, "flexVolume");
	cJSON_AddStringToObject(move.source, "driver", MANIFEST_DRIVER);
	cJSON_AddStringToObject(move.source, "fsType", "ext4");
	move.options = cJSON_Duplicate(manifest->options, true);
	cJSON_AddItemToObject(move.source, "options", move.options);
	r = move_parts(&move, volume);
	if (r >= 0)
		yaml_add_document(text, moved);
	return r;
}

static bool is_kind(const cJSON *object, const char *kind)
{
	const char *word = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "kind"));

	return word && str_eq(word, kind);
}

static bool is_rbd(const cJSON *volume)
{
	const cJSON *spec = cJSON_GetObjectItemCaseSensitive(volume, "spec");

	return is_kind(volume, "PersistentVolume") && cJSON_HasObjectItem(spec, "rbd");
}

static int move_list(const struct manifest *manifest, const cJSON *list, struct text *text,
		     struct text *remarks, struct error *error)
{
	const cJSON *item;
	size_t moved = 0;

	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(list, "items")) {
		const char *name = name_of(item);

		if (!is_rbd(item)) {
			text_printf(remarks, "%s: left out, it is no volume of the rbd plug-in\n",
				    name ? name : "an item without a name");
			continue;
		}
		if (move_volume(manifest, item, text, remarks, error) < 0)
			return error->code;
		moved++;
	}
	return moved ? 0 : error_set(error, -EINVAL, "no volume of the rbd plug-in is in the list");
}

int manifest_from_rbd(const struct manifest *manifest, const cJSON *json, struct text *text,
		      struct text *remarks, struct error *error)
{
	if (is_kind(json, "List") || is_kind(json, "PersistentVolumeList"))
		return move_list(manifest, json, text, remarks, error);
	if (!is_rbd(json))
		return error_set(
			error, -EINVAL,
			"it is no PersistentVolume of the rbd plug-in and no list of some");
	return move_volume(manifest, json, text, remarks, error);
}
