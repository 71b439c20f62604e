/* SPDX-License-Identifier: Apache-2.0 */
#include "kernel/module.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/path.h"
#include "base/spawn.h"
#include "base/str.h"

#define BUS "/sys/bus/rbd"

/* src/include/rbd/features.h */
#define FEATURE_LAYERING       (UINT64_C(1) << 0)
#define FEATURE_STRIPING       (UINT64_C(1) << 1)
#define FEATURE_EXCLUSIVE_LOCK (UINT64_C(1) << 2)

bool module_present(void)
{
	return path_exists(BUS);
}

void module_load_cipher(struct deadline deadline)
{
	/* One call for all: -a takes a list, -q keeps quiet about those that are built in or
	 * unknown. Newer kernels make cbc of ecb. Whether it helped is seen by who needs
	 * the cipher. */
	static const char *const argv[] = {"modprobe", "-a",  "-q",          "-b", "cryptomgr",
					   "ecb",      "cbc", "aes_generic", NULL};
	const struct spawn spawn = {.argv = argv, .deadline = deadline};
	struct spawn_result result = {0};
	struct error ignored = {0};

	(void)spawn_run(&spawn, &result, &ignored);
}

static int advise_load(struct error *error)
{
	return error_advise(error,
			    "load it on the node: \"modprobe rbd single_major=Y\", and write "
			    "\"rbd\" into /etc/modules-load.d/rbd.conf so that it is there "
			    "after a reboot");
}

int module_load(struct deadline deadline, struct error *error)
{
	static const char *const argv[] = {"modprobe", "rbd", "single_major=Y", NULL};
	const struct spawn spawn = {.argv = argv, .deadline = deadline};
	struct spawn_result result = {0};
	int r;

	if (module_present())
		return 0;
	r = spawn_run(&spawn, &result, error);
	if (r == -ENOENT) {
		error_set(error, r,
			  "load the kernel module rbd: there is no modprobe on this node");
		return advise_load(error);
	}
	if (r < 0) {
		error_prefix(error, "load the kernel module rbd");
		return advise_load(error);
	}
	/* A module that came meanwhile, or a modprobe that fails for a module that is built in:
	 * what counts is the bus. */
	if (!module_present()) {
		error_set(error, -ENODEV,
			  "load the kernel module rbd: modprobe ended with %d and there is no " BUS
			  "%s%s",
			  result.exit_code, *result.output ? ": " : "", result.output);
		return advise_load(error);
	}
	return 0;
}

int module_release(unsigned int *ret_major, unsigned int *ret_minor, struct error *error)
{
	char release[128];
	ssize_t length = path_read(release, sizeof(release), "/proc/sys/kernel/osrelease");

	*ret_major = *ret_minor = 0;
	if (length < 0)
		return error_errno(error, (int)length, "read /proc/sys/kernel/osrelease");
	return sscanf(release, "%u.%u", ret_major, ret_minor) == 2
		       ? 0
		       : error_set(error, -EINVAL, "\"%s\" is no kernel release", release);
}

/* Before 4.11 there is no supported_features: by the release (krbd-and-peers.md §4). */
static int features_of_release(uint64_t *ret, struct error *error)
{
	unsigned int major, minor;

	if (module_release(&major, &minor, error) < 0)
		return error_prefix(error, "judge the kernel's image features");
	if (major > 4 || (major == 4 && minor >= 9))
		*ret = FEATURE_LAYERING | FEATURE_STRIPING | FEATURE_EXCLUSIVE_LOCK;
	else if (major == 4 || (major == 3 && minor >= 10))
		*ret = FEATURE_LAYERING | FEATURE_STRIPING;
	else
		*ret = 0;
	return 0;
}

int module_features(uint64_t *ret, struct error *error)
{
	char text[64];
	ssize_t length = path_read(text, sizeof(text), BUS "/supported_features");
	int r;

	if (length == -ENOENT && module_present())
		return features_of_release(ret, error);
	if (length == -ENOENT) {
		error_set(error, -ENODEV, "read the kernel's image features: there is no " BUS);
		return advise_load(error);
	}
	if (length < 0)
		return error_errno(error, (int)length, "read " BUS "/supported_features");
	r = str_to_u64(text, 16, ret);
	if (r < 0)
		return error_set(error, r, "read " BUS "/supported_features: \"%s\" is no number",
				 text);
	return 0;
}
