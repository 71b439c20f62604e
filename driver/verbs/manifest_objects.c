/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PersistentVolumes, their claims, pods that use them, and the Secret. cJSON's adders take NULL
 * for what could not be made: the verb looks once, at the end, whether memory was short.
 */
#include <errno.h>
#include <stdio.h>

#include "kubelet/grammar.h"
#include "kubelet/options.h"
#include "verbs/manifest.h"
#include "verbs/yaml.h"

/* The names of one of several. */
struct names {
	char object[MANIFEST_NAME_MAX + 12];
	char image[MANIFEST_NAME_MAX + 12];
	char claim[MANIFEST_NAME_MAX + 12];
};

static const char *name_space(const struct manifest *manifest)
{
	return *manifest->name_space ? manifest->name_space : "default";
}

static int number(const struct manifest *manifest, unsigned int at, const char *from, char *ret,
		  size_t size, struct error *error)
{
	int length = manifest->count ? snprintf(ret, size, "%s-%u", from, at)
				     : snprintf(ret, size, "%s", from);

	if (length < 0 || (size_t)length >= size)
		return error_set(error, -EINVAL, "\"%.60s...\" is too long a name", from);
	return 0;
}

static int name_one(const struct manifest *manifest, unsigned int at, struct names *ret,
		    struct error *error)
{
	const char *image = *manifest->image ? manifest->image : manifest->name;
	const char *claim = *manifest->claim ? manifest->claim : manifest->name;
	int r = number(manifest, at, manifest->name, ret->object, sizeof(ret->object), error);

	if (r >= 0)
		r = number(manifest, at, image, ret->image, sizeof(ret->image), error);
	if (r >= 0)
		r = number(manifest, at, claim, ret->claim, sizeof(ret->claim), error);
	if (r >= 0)
		r = manifest_check_name("NAME", ret->object, error);
	if (r >= 0)
		r = manifest_check_name("--claim", ret->claim, error);
	if (r >= 0)
		r = manifest_check_label("--namespace", name_space(manifest), error);
	if (r >= 0 && *manifest->storage_class)
		r = manifest_check_name("--storage-class", manifest->storage_class, error);
	return r;
}

static cJSON *begin(const char *kind, const char *name, const char *in)
{
	cJSON *object = cJSON_CreateObject();
	cJSON *metadata;

	cJSON_AddStringToObject(object, "apiVersion", "v1");
	cJSON_AddStringToObject(object, "kind", kind);
	metadata = cJSON_AddObjectToObject(object, "metadata");
	cJSON_AddStringToObject(metadata, "name", name);
	if (in)
		cJSON_AddStringToObject(metadata, "namespace", in);
	return object;
}

/* Only what the driver can keep: an image that is mounted writable is mounted in one place. */
static int access_mode(const struct manifest *manifest, bool read_only, const char **ret,
		       struct error *error)
{
	const char *mode = manifest->access_mode;

	*ret = *mode ? mode : read_only ? "ReadOnlyMany" : "ReadWriteOnce";
	if (str_eq(*ret, "ReadWriteOnce"))
		return 0;
	if (!str_eq(*ret, "ReadOnlyMany"))
		return error_set(error, -EINVAL,
				 "--access-mode: \"%.40s\" is not ReadWriteOnce or ReadOnlyMany: "
				 "an image is mounted for writing in one place",
				 mode);
	if (!read_only && manifest->kind == MANIFEST_PV) {
		error_set(error, -EINVAL,
			  "--access-mode: ReadOnlyMany of a volume that is written");
		return error_advise(error, "say --read-only, too");
	}
	return 0;
}

static int check_size(const struct manifest *manifest, struct error *error)
{
	uint64_t bytes;

	if (*manifest->size)
		return options_parse_size(manifest->size, &bytes, error);
	error_set(error, -EINVAL, "--size is missing: Kubernetes wants to know what it holds");
	return error_advise(error, "--size 10Gi; with --existing the image itself stays as it is");
}

int manifest_secret_reference(const struct manifest *manifest, cJSON *source, struct error *error)
{
	const char *slash = strchr(manifest->secret, '/');
	const char *in = slash ? slash + 1 : name_space(manifest);
	char name[MANIFEST_NAME_MAX + 2];
	cJSON *reference;
	int r;

	(void)snprintf(name, sizeof(name), "%.*s",
		       (int)(slash ? slash - manifest->secret : MANIFEST_NAME_MAX + 1),
		       manifest->secret);
	r = manifest_check_name("--secret", name, error);
	if (r >= 0)
		r = manifest_check_label("--secret: behind the slash", in, error);
	if (r < 0)
		return r;
	reference = cJSON_AddObjectToObject(source, "secretRef");
	cJSON_AddStringToObject(reference, "name", name);
	cJSON_AddStringToObject(reference, "namespace", in);
	return 0;
}

/* Does the volume say by its options that nothing is written? */
static bool reads_only(const struct manifest *manifest)
{
	const cJSON *option = cJSON_GetObjectItemCaseSensitive(manifest->options, "readOnly");

	return manifest->read_only || cJSON_HasObjectItem(manifest->options, "snapshot") ||
	       (option && str_eq(option->valuestring, "true"));
}

/* A missing image is made where the volume says `size`, so only one that may be made says it. */
static cJSON *volume_options(const struct manifest *manifest, const struct names *names)
{
	cJSON *options = cJSON_Duplicate(manifest->options, true);

	if (*manifest->user && !cJSON_HasObjectItem(options, "user"))
		cJSON_AddStringToObject(options, "user", manifest->user);
	if (!cJSON_HasObjectItem(options, "image"))
		cJSON_AddStringToObject(options, "image", names->image);
	if (manifest->read_only && !cJSON_HasObjectItem(options, "readOnly"))
		cJSON_AddStringToObject(options, "readOnly", "true");
	if (!manifest->existing && !reads_only(manifest) && !cJSON_HasObjectItem(options, "size"))
		cJSON_AddStringToObject(options, "size", manifest->size);
	return options;
}

static int add_source(const struct manifest *manifest, const struct names *names, cJSON *spec,
		      struct error *error)
{
	const char *fs_type = *manifest->fs_type ? manifest->fs_type : "ext4";
	cJSON *source = cJSON_AddObjectToObject(spec, "flexVolume");
	cJSON *options = volume_options(manifest, names);
	int r = 0;

	cJSON_AddStringToObject(source, "driver", MANIFEST_DRIVER);
	cJSON_AddStringToObject(source, "fsType", fs_type);
	if (*manifest->secret)
		r = manifest_secret_reference(manifest, source, error);
	cJSON_AddItemToObject(source, "options", options);
	return r < 0 ? r : manifest_check_options(options, fs_type, names->object, error);
}

static int add_volume(const struct manifest *manifest, const struct names *names, const char *mode,
		      struct text *text, struct error *error)
{
	_cleanup_cjson_ cJSON *volume = begin("PersistentVolume", names->object, NULL);
	cJSON *spec = cJSON_AddObjectToObject(volume, "spec");
	cJSON *claim;
	int r;

	cJSON_AddStringToObject(cJSON_AddObjectToObject(spec, "capacity"), "storage",
				manifest->size);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "accessModes"), cJSON_CreateString(mode));
	cJSON_AddStringToObject(spec, "persistentVolumeReclaimPolicy", "Retain");
	cJSON_AddStringToObject(spec, "storageClassName", manifest->storage_class);
	/* kept for this claim: no other one that asks for as much takes it */
	claim = cJSON_AddObjectToObject(spec, "claimRef");
	cJSON_AddStringToObject(claim, "namespace", name_space(manifest));
	cJSON_AddStringToObject(claim, "name", names->claim);
	r = add_source(manifest, names, spec, error);
	if (r >= 0)
		yaml_add_document(text, volume);
	return r;
}

int manifest_volumes(const struct manifest *manifest, struct text *text, struct error *error)
{
	const char *mode;
	struct names names;
	int r = check_size(manifest, error);

	if (r >= 0)
		r = access_mode(manifest, reads_only(manifest), &mode, error);
	for (unsigned int i = 0; r >= 0 && i < (manifest->count ? manifest->count : 1); i++) {
		r = name_one(manifest, i, &names, error);
		if (r >= 0)
			r = add_volume(manifest, &names, mode, text, error);
	}
	return r;
}

static void add_claim(const struct manifest *manifest, const struct names *names, const char *mode,
		      struct text *text)
{
	_cleanup_cjson_ cJSON *claim =
		begin("PersistentVolumeClaim", names->claim, name_space(manifest));
	cJSON *spec = cJSON_AddObjectToObject(claim, "spec");
	cJSON *requests;

	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "accessModes"), cJSON_CreateString(mode));
	cJSON_AddStringToObject(spec, "storageClassName", manifest->storage_class);
	cJSON_AddStringToObject(spec, "volumeName", names->object);
	requests = cJSON_AddObjectToObject(cJSON_AddObjectToObject(spec, "resources"), "requests");
	cJSON_AddStringToObject(requests, "storage", manifest->size);
	yaml_add_document(text, claim);
}

int manifest_claims(const struct manifest *manifest, struct text *text, struct error *error)
{
	const char *mode;
	struct names names;
	int r = check_size(manifest, error);

	if (r >= 0)
		r = access_mode(manifest, false, &mode, error);
	for (unsigned int i = 0; r >= 0 && i < (manifest->count ? manifest->count : 1); i++) {
		r = name_one(manifest, i, &names, error);
		if (r >= 0)
			add_claim(manifest, &names, mode, text);
	}
	return r;
}

static void add_container(const struct manifest *manifest, cJSON *spec)
{
	cJSON *container = cJSON_CreateObject(), *mount = cJSON_CreateObject(), *command;

	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "containers"), container);
	cJSON_AddStringToObject(container, "name", "main");
	cJSON_AddStringToObject(container, "image",
				*manifest->container_image ? manifest->container_image
							   : "busybox:stable");
	if (!*manifest->container_image) {
		command = cJSON_AddArrayToObject(container, "command");
		cJSON_AddItemToArray(command, cJSON_CreateString("sleep"));
		cJSON_AddItemToArray(command, cJSON_CreateString("infinity"));
	}
	cJSON_AddItemToArray(cJSON_AddArrayToObject(container, "volumeMounts"), mount);
	cJSON_AddStringToObject(mount, "name", "data");
	cJSON_AddStringToObject(mount, "mountPath",
				*manifest->mount_path ? manifest->mount_path : "/data");
	if (manifest->read_only)
		cJSON_AddTrueToObject(mount, "readOnly");
}

static void add_pod(const struct manifest *manifest, const struct names *names, struct text *text)
{
	_cleanup_cjson_ cJSON *pod = begin("Pod", names->object, name_space(manifest));
	cJSON *spec = cJSON_AddObjectToObject(pod, "spec");
	cJSON *volume = cJSON_CreateObject(), *claim;

	add_container(manifest, spec);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(spec, "volumes"), volume);
	cJSON_AddStringToObject(volume, "name", "data");
	claim = cJSON_AddObjectToObject(volume, "persistentVolumeClaim");
	cJSON_AddStringToObject(claim, "claimName", names->claim);
	if (manifest->read_only)
		cJSON_AddTrueToObject(claim, "readOnly");
	yaml_add_document(text, pod);
}

int manifest_pods(const struct manifest *manifest, struct text *text, struct error *error)
{
	struct names names;
	int r = 0;

	if (*manifest->mount_path)
		r = grammar_check(grammar_path, "--mount-path", manifest->mount_path, error);
	for (unsigned int i = 0; r >= 0 && i < (manifest->count ? manifest->count : 1); i++) {
		r = name_one(manifest, i, &names, error);
		if (r >= 0)
			add_pod(manifest, &names, text);
	}
	return r;
}

int manifest_secret(const struct manifest *manifest, const char *key, struct text *text,
		    struct error *error)
{
	_cleanup_cjson_ cJSON *secret = begin("Secret", manifest->name, name_space(manifest));
	struct names names;
	cJSON *data;
	int r = name_one(manifest, 0, &names, error);

	if (r >= 0 && *manifest->user)
		r = grammar_check(grammar_user, "--user", manifest->user, error);
	if (r < 0)
		return r;
	cJSON_AddStringToObject(secret, "type", MANIFEST_DRIVER);
	data = cJSON_AddObjectToObject(secret, "stringData");
	if (*manifest->user)
		cJSON_AddStringToObject(data, "user", manifest->user);
	cJSON_AddStringToObject(data, "key", key);
	yaml_add_document(text, secret);
	return 0;
}
