/* SPDX-License-Identifier: Apache-2.0 */
/* Each field of an in-tree rbd PersistentVolume, and what becomes of it. */
#include <errno.h>

#include "kubelet/grammar.h"
#include "kubelet/json.h"
#include "verbs/manifest_rbd.h"

int move_refuse(struct move *move, const char *format, ...)
{
	char words[600];
	va_list list;

	va_start(list, format);
	(void)vsnprintf(words, sizeof(words), format, list);
	va_end(list);
	return error_set(move->error, -EINVAL, "volume %.253s: %s", move->name, words);
}

void move_remark(struct move *move, const char *words, const char *what)
{
	text_printf(move->remarks, "volume %s: %s%s\n", move->name, words, what);
}

int move_fields(struct move *move, const cJSON *object, const char *of, const struct field fields[])
{
	const cJSON *item;

	cJSON_ArrayForEach(item, object) {
		const struct field *field = fields;
		int r = 0;

		while (field->name && !str_eq(field->name, item->string))
			field++;
		if (!field->name)
			return move_refuse(move,
					   "%s.%.100s is not known here: take it out, or make the "
					   "volume by `manifest pv`",
					   of, item->string);
		if (field->take && !cJSON_IsNull(item))
			r = field->take(move, item);
		if (r < 0)
			return r;
	}
	return 0;
}

static int need_string(struct move *move, const cJSON *field)
{
	if (cJSON_IsString(field))
		return 0;
	return move_refuse(move, "%.100s is %s, a string was expected", field->string,
			   json_kind(field));
}

/* As it stands. */
static int keep(cJSON *to, const cJSON *field)
{
	cJSON_AddItemToObject(to, field->string, cJSON_Duplicate(field, true));
	return 0;
}

static int keep_metadata(struct move *move, const cJSON *field)
{
	return keep(move->metadata, field);
}

static int keep_spec(struct move *move, const cJSON *field)
{
	return keep(move->spec, field);
}

void move_option(struct move *move, const char *name, const char *value)
{
	if (!cJSON_HasObjectItem(move->options, name))
		cJSON_AddStringToObject(move->options, name, value);
}

static int take_option(struct move *move, const cJSON *field)
{
	int r = need_string(move, field);

	if (r < 0 || !*field->valuestring)
		return r;
	move_option(move, field->string, field->valuestring);
	return 0;
}

static int take_monitors(struct move *move, const cJSON *field)
{
	_cleanup_text_ struct text list = {0};
	const cJSON *item;
	int r;

	if (!cJSON_IsArray(field))
		return move_refuse(move, "rbd.monitors is no list");
	cJSON_ArrayForEach(item, field) {
		if (!cJSON_IsString(item))
			return move_refuse(move, "rbd.monitors: %s in it", json_kind(item));
		text_printf(&list, "%s%s", list.length ? "," : "", item->valuestring);
	}
	/* with a `cluster` the nodes' configuration says where it is */
	if (!list.data || cJSON_HasObjectItem(move->options, "cluster"))
		return 0;
	r = grammar_check(grammar_monitors, "rbd.monitors", list.data, move->error);
	if (r >= 0)
		move_option(move, "monitors", list.data);
	return r;
}

static int take_fs_type(struct move *move, const cJSON *field)
{
	int r = need_string(move, field);

	if (r >= 0 && *field->valuestring)
		cJSON_ReplaceItemInObject(move->source, "fsType",
					  cJSON_CreateString(field->valuestring));
	return r;
}

static int take_read_only(struct move *move, const cJSON *field)
{
	if (!cJSON_IsBool(field))
		return move_refuse(move, "rbd.readOnly is %s", json_kind(field));
	if (cJSON_IsTrue(field))
		move_option(move, "readOnly", "true");
	return 0;
}

static int take_secret(struct move *move, const cJSON *field)
{
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(field, "name");

	move->has_secret = true;
	if (*move->manifest->secret)
		return manifest_secret_reference(move->manifest, move->source, move->error);
	move_refuse(move,
		    "its Secret %.100s is of type kubernetes.io/rbd; this driver's must be of "
		    "type " MANIFEST_DRIVER,
		    cJSON_IsString(name) ? name->valuestring : "");
	return error_advise(move->error, "make one by `manifest secret`, and name it: --secret "
					 "NAME/NAMESPACE");
}

static int take_keyring(struct move *move, const cJSON *field)
{
	int r = need_string(move, field);

	if (r >= 0)
		move->keyring = field->valuestring;
	return r;
}

static int take_rbd(struct move *move, const cJSON *field)
{
	static const struct field FIELDS[] = {
		{"monitors", take_monitors},  {"image", take_option},     {"pool", take_option},
		{"user", take_option},        {"keyring", take_keyring},  {"fsType", take_fs_type},
		{"readOnly", take_read_only}, {"secretRef", take_secret}, {NULL, NULL}};

	if (!cJSON_IsObject(field))
		return move_refuse(move, "spec.rbd is %s", json_kind(field));
	return move_fields(move, field, "spec.rbd", FIELDS);
}

static int take_reclaim_policy(struct move *move, const cJSON *field)
{
	int r = need_string(move, field);

	if (r >= 0 && !str_eq(field->valuestring, "Retain"))
		move_remark(move, "its reclaim policy is Retain now, it was ", field->valuestring);
	return r;
}

static int take_volume_mode(struct move *move, const cJSON *field)
{
	int r = need_string(move, field);

	if (r >= 0 && !str_eq(field->valuestring, "Filesystem"))
		return move_refuse(move, "FlexVolume has no volumeMode %.40s", field->valuestring);
	return r;
}

static int take_access_modes(struct move *move, const cJSON *field)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, field)
		if (!cJSON_IsString(item) || (!str_eq(item->valuestring, "ReadWriteOnce") &&
					      !str_eq(item->valuestring, "ReadOnlyMany")))
			return move_refuse(move, "its access mode %.40s is none of an image",
					   cJSON_IsString(item) ? item->valuestring
								: json_kind(item));
	return keep_spec(move, field);
}

/* The kubelet refuses these of a FlexVolume: the driver has an option for them. */
static int take_mount_options(struct move *move, const cJSON *field)
{
	_cleanup_text_ struct text list = {0};
	const cJSON *item;

	cJSON_ArrayForEach(item, field) {
		if (!cJSON_IsString(item))
			return move_refuse(move, "mountOptions: %s in it", json_kind(item));
		text_printf(&list, "%s%s", list.length ? "," : "", item->valuestring);
	}
	if (list.data)
		move_option(move, "mountOptions", list.data);
	return 0;
}

static int take_claim(struct move *move, const cJSON *field)
{
	const cJSON *in = cJSON_GetObjectItemCaseSensitive(field, "namespace");
	const cJSON *name = cJSON_GetObjectItemCaseSensitive(field, "name");
	cJSON *claim;

	if (!cJSON_IsString(in) || !cJSON_IsString(name))
		return move_refuse(move, "spec.claimRef names no claim");
	if (!move->manifest->keep_claim) {
		text_printf(move->remarks,
			    "volume %s: its claim %s/%s is left out (--keep-claim)\n", move->name,
			    in->valuestring, name->valuestring);
		return 0;
	}
	/* without its uid: a new claim of this name gets the volume */
	claim = cJSON_AddObjectToObject(move->spec, "claimRef");
	cJSON_AddStringToObject(claim, "namespace", in->valuestring);
	cJSON_AddStringToObject(claim, "name", name->valuestring);
	return 0;
}

/* Those that Kubernetes itself writes say what is no longer so. */
static int take_annotations(struct move *move, const cJSON *field)
{
	static const char *const OWN[] = {"pv.kubernetes.io/", "volume.kubernetes.io/",
					  "kubectl.kubernetes.io/"};
	cJSON *kept = cJSON_CreateObject();
	const cJSON *item;

	cJSON_ArrayForEach(item, field) {
		bool own = false;

		for (size_t i = 0; i < ARRAY_SIZE(OWN); i++)
			own = own || str_starts(item->string, OWN[i]);
		if (own)
			move_remark(move, "left out: the annotation ", item->string);
		else
			(void)keep(kept, item);
	}
	if (kept && kept->child)
		cJSON_AddItemToObject(move->metadata, "annotations", kept);
	else
		cJSON_Delete(kept);
	return 0;
}

static int take_finalizers(struct move *move, const cJSON *field)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, field)
		if (cJSON_IsString(item) &&
		    !str_eq(item->valuestring, "kubernetes.io/pv-protection"))
			move_remark(move, "left out: the finalizer ", item->valuestring);
	return 0;
}

static int take_deletion(struct move *move, const cJSON *field)
{
	(void)field;
	return move_refuse(move, "it is being deleted");
}

int move_metadata(struct move *move, const cJSON *metadata)
{
	static const struct field FIELDS[] = {{"name", NULL},
					      {"labels", keep_metadata},
					      {"annotations", take_annotations},
					      {"finalizers", take_finalizers},
					      {"deletionTimestamp", take_deletion},
					      {"uid", NULL},
					      {"resourceVersion", NULL},
					      {"creationTimestamp", NULL},
					      {"generation", NULL},
					      {"selfLink", NULL},
					      {"managedFields", NULL},
					      {NULL, NULL}};
	char name[MANIFEST_NAME_MAX + 64];
	int r;

	if (snprintf(name, sizeof(name), "%s%s", move->name, move->manifest->suffix) >=
	    (int)sizeof(name))
		return move_refuse(move, "its name with the suffix is too long");
	r = manifest_check_name("the volume's name", name, move->error);
	if (r < 0)
		return r;
	cJSON_AddStringToObject(move->metadata, "name", name);
	return move_fields(move, metadata, "metadata", FIELDS);
}

int move_spec(struct move *move, const cJSON *spec)
{
	static const struct field FIELDS[] = {
		{"capacity", keep_spec},
		{"accessModes", take_access_modes},
		{"persistentVolumeReclaimPolicy", take_reclaim_policy},
		{"storageClassName", keep_spec},
		{"volumeMode", take_volume_mode},
		{"mountOptions", take_mount_options},
		{"nodeAffinity", keep_spec},
		{"claimRef", take_claim},
		{"rbd", take_rbd},
		{NULL, NULL}};

	return move_fields(move, spec, "spec", FIELDS);
}
