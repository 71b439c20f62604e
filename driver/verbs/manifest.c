/* SPDX-License-Identifier: Apache-2.0 */
/* manifest: YAML to apply, for volumes that people name themselves (design §2, manual verbs). */
#include <errno.h>
#include <fcntl.h>

#include "kubelet/grammar.h"
#include "kubelet/json.h"
#include "verbs/manifest.h"

#define KEY_MAX    4096
#define VOLUME_MAX (UINT32_C(64) << 20) /* what `kubectl get pv -o json` may print */
#define DEPTH_MAX  64

/* `name`: as it was given; "-" is the caller's stdin. */
static int open_input(const struct call *call, const char *name, struct error *error)
{
	int fd = str_eq(name, "-") ? fcntl(call->terminal->in, F_DUPFD_CLOEXEC, 3)
				   : open(name, O_RDONLY | O_CLOEXEC | O_NOCTTY);

	return fd >= 0 ? fd : error_errno(error, -errno, "open %.200s", name);
}

static int read_input(const struct call *call, const char *name, size_t most, struct text *ret,
		      struct error *error)
{
	_cleanup_close_ int fd = open_input(call, name, error);
	char bytes[4096];
	ssize_t count;

	if (fd < 0)
		return fd;
	while ((count = read(fd, bytes, sizeof(bytes))) != 0) {
		if (count < 0 && errno == EINTR)
			continue;
		if (count < 0)
			return error_errno(error, -errno, "read %.200s", name);
		text_add(ret, bytes, (size_t)count);
		if (ret->failed || ret->length > most)
			return error_errno(error, ret->failed ? -ENOMEM : -EFBIG, "read %.200s",
					   name);
	}
	explicit_bzero(bytes, sizeof(bytes));
	if (!ret->data)
		return error_set(error, -EINVAL, "%.200s: it is empty", name);
	if (strlen(ret->data) != ret->length)
		return error_set(error, -EINVAL, "%.200s: a NUL byte is in it", name);
	return 0;
}

/* One line, or one without its end; this is taken off. */
static bool is_key(char *text)
{
	size_t length = strcspn(text, "\n");

	if (text[length] && text[length + 1])
		return false;
	text[length] = '\0';
	return !grammar_key(text);
}

static int make_secret(const struct call *call, const struct manifest *manifest,
		       struct error *error)
{
	_cleanup_text_ struct text key = {0};
	int r;

	if (!*manifest->key_file) {
		error_set(error, -EINVAL, "--key-file is missing");
		error_advise(error, "ceph auth get-key client.kube | rbd-flexvolume manifest "
				    "secret NAME --user kube --key-file -");
		return VERB_WRONG_USE;
	}
	r = read_input(call, manifest->key_file, KEY_MAX, &key, error);
	/* never shown: it may be a key with one character too many */
	if (r >= 0 && (!key.data || !is_key(key.data)))
		r = error_set(error, -EINVAL,
			      "%.200s: it is not one line with a Ceph key (base64, as `ceph auth "
			      "get-key` prints it)",
			      manifest->key_file);
	if (r >= 0)
		r = manifest_secret(manifest, key.data, call->output, error);
	if (key.data)
		explicit_bzero(key.data, key.capacity);
	return r;
}

static int move_volumes(const struct call *call, const struct manifest *manifest,
			struct error *error)
{
	_cleanup_text_ struct text input = {0}, remarks = {0};
	_cleanup_cjson_ cJSON *json = NULL;
	int r = read_input(call, manifest->name, VOLUME_MAX, &input, error);

	if (r >= 0)
		r = json_parse(input.data, DEPTH_MAX, &json, error);
	if (r >= 0)
		r = manifest_from_rbd(manifest, json, call->output, &remarks, error);
	if (r < 0)
		return error_prefix(error, "%.200s",
				    str_eq(manifest->name, "-") ? "stdin" : manifest->name);
	if (remarks.failed)
		return error_errno(error, -ENOMEM, "manifest");
	if (remarks.length)
		(void)result_print(remarks.data, remarks.length, call->terminal->err);
	return 0;
}

static int make(const struct call *call, const struct manifest *manifest, struct error *error)
{
	switch (manifest->kind) {
	case MANIFEST_PV:
		return manifest_volumes(manifest, call->output, error);
	case MANIFEST_PVC:
		return manifest_claims(manifest, call->output, error);
	case MANIFEST_POD:
		return manifest_pods(manifest, call->output, error);
	case MANIFEST_SECRET:
		return make_secret(call, manifest, error);
	case MANIFEST_FROM_RBD:
		break;
	}
	return move_volumes(call, manifest, error);
}

int verb_manifest(const struct call *call, struct result *result, struct error *error)
{
	_cleanup_manifest_ struct manifest manifest = {.name = ""};
	int r;

	(void)result;
	if (call->argc == 1 && (str_eq(call->argv[0], "--help") || str_eq(call->argv[0], "-h"))) {
		manifest_usage(call->output);
		return 0;
	}
	/* a manifest that lacks a part for want of memory is none */
	json_watch_memory();
	r = manifest_parse(call->argc, call->argv, &manifest, error);
	if (r == 0)
		r = make(call, &manifest, error);
	if (r >= 0 && json_lacked_memory())
		r = error_errno(error, -ENOMEM, "make the manifest");
	/* half a manifest would be applied as a whole one */
	if (r && call->output->length) {
		explicit_bzero(call->output->data, call->output->length);
		call->output->length = 0;
	}
	if (r)
		error_prefix(error, "manifest");
	/* what was asked for is wrong, not this machine or the file */
	if (r == -EINVAL && manifest.kind != MANIFEST_FROM_RBD && manifest.kind != MANIFEST_SECRET)
		r = VERB_WRONG_USE;
	return r;
}
