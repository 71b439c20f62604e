/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/mount.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "fs/mount_calls.h"

/* Options that belong to the mount and not to the file system: to be given as flags, in two
 * alphabets. All others go to the file system as they are; "sync", "lazytime" and their like too:
 * the kernel's generic layer knows them as words (fs/fs_context.c: vfs_parse_sb_flag), mount(2) as
 * flags. */
static const struct mount_word {
	const char *word;
	unsigned int attribute;
	unsigned long flag;
} words[] = {
	{"nosuid", ATTR_NOSUID, MS_NOSUID},
	{"nodev", ATTR_NODEV, MS_NODEV},
	{"noexec", ATTR_NOEXEC, MS_NOEXEC},
	{"noatime", ATTR_NOATIME, MS_NOATIME},
	{"relatime", 0, MS_RELATIME},
	{"strictatime", ATTR_STRICTATIME, MS_STRICTATIME},
	{"nodiratime", ATTR_NODIRATIME, MS_NODIRATIME},
	/* those of user space and the defaults mean nothing here */
	{"defaults", 0, 0},
	{"rw", 0, 0},
	{"_netdev", 0, 0},
};

static const struct mount_word super_words[] = {
	{"sync", 0, MS_SYNCHRONOUS},
	{"dirsync", 0, MS_DIRSYNC},
	{"lazytime", 0, 1UL << 25 /* MS_LAZYTIME */},
};

static const struct mount_word *word_of(const struct mount_word *list, size_t count,
					const char *option)
{
	for (size_t i = 0; i < count; i++)
		if (str_eq(list[i].word, option))
			return &list[i];
	return NULL;
}

static const char *meaning_of(int code)
{
	switch (code) {
	case -EINVAL:
		return "an option is wrong, or there is no such file system on it";
	case -ENODEV:
		return "the kernel does not know this file system";
	case -EBUSY:
		return "it is mounted already, with other options (or read-only against writable)";
	case -EACCES:
	case -EROFS:
		return "the device is read-only, and the file system would have to be written";
	case -EUCLEAN:
		return "the file system is damaged";
	case -EIO:
		return "the device cannot be read";
	case -ENOENT:
		return "the device or the directory is missing";
	case -ENOTDIR:
		return "it is no directory";
	case -ENOTBLK:
		return "it is no block device";
	case -EPERM:
		return "this process may not mount";
	default:
		return strerror(-code);
	}
}

int mount_explain(int code, const char *source, const char *directory, struct error *error)
{
	error_set(error, code, "mount %s at %s: %s", source, directory, meaning_of(code));
	switch (code) {
	case -EUCLEAN:
		return error_advise(error, "check it by hand: e2fsck -n (or xfs_repair -n) on the "
					   "mapped image");
	case -ENODEV:
		return error_advise(error,
				    "load its module on the node (modprobe xfs, for xfs), or "
				    "take ext4");
	case -EPERM:
		return error_advise(error, "run as root on the host, or in a privileged container");
	case -EIO:
		return error_advise(error, "see the kernel's log (dmesg) and the cluster's health "
					   "(ceph -s)");
	default:
		return code;
	}
}

/* What the file system said while it was configured: one message for each read, "e ext4: ..."
 * (Documentation/filesystems/mount_api.rst, the context's log). */
static void add_log(int context, struct error *error)
{
	char message[512];

	for (int i = 0; i < 8; i++) {
		ssize_t length = read(context, message, sizeof(message) - 1);

		if (length <= 0)
			return;
		message[length] = '\0';
		str_one_line(message);
		if (length > 2 && message[1] == ' ')
			error_append(error, "%s%s", i ? "; " : ": ", message + 2);
	}
}

static int configure_option(int context, char *option)
{
	char *value = strchr(option, '=');

	if (!value)
		return call_fsconfig(context, CONFIG_SET_FLAG, option, NULL);
	*value = '\0';
	value++;
	return call_fsconfig(context, CONFIG_SET_STRING, option, value);
}

/* Gives the file system its options, one by one; the flags of the mount are collected. */
static int configure(int context, const struct mount_request *request, unsigned int *attributes)
{
	_cleanup_free_ char *options = strdup(request->options ? request->options : "");
	char *rest = options, *option;
	int r = call_fsconfig(context, CONFIG_SET_STRING, "source", request->source);

	if (!options)
		return -ENOMEM;
	while (r >= 0 && (option = strsep(&rest, ","))) {
		const struct mount_word *word = word_of(words, ARRAY_SIZE(words), option);

		if (word)
			*attributes |= word->attribute;
		else if (*option)
			r = configure_option(context, option);
	}
	if (r >= 0 && request->read_only)
		r = call_fsconfig(context, CONFIG_SET_FLAG, "ro", NULL);
	return r < 0 ? r : call_fsconfig(context, CONFIG_CMD_CREATE, NULL, NULL);
}

/* The mount out of sight: a descriptor that takes it along when it is closed unhung. -ENOSYS: this
 * kernel cannot, and nothing was done. */
static int make_detached(const struct mount_request *request, struct error *error)
{
	_cleanup_close_ int context = call_fsopen(request->fs_type);
	unsigned int attributes = request->read_only || request->mount_read_only ? ATTR_RDONLY : 0;
	int r = context;

	if (r == -ENOSYS)
		return r;
	if (r >= 0)
		r = configure(context, request, &attributes);
	if (r >= 0)
		r = call_fsmount(context, attributes);
	if (r >= 0)
		return r;
	if (r == -ENOSYS) /* that of an option: never to be taken for the kernel's */
		r = -EOPNOTSUPP;
	mount_explain(r, request->source, request->directory, error);
	if (context >= 0)
		add_log(context, error);
	return r;
}

static int refuse_unwanted(const struct mount_request *request, struct error *error)
{
	return error_set(error, -ECANCELED,
			 "mount %s at %s: the caller has gone, nothing was mounted",
			 request->source, request->directory);
}

/* `at`: the mount itself, or AT_FDCWD with its directory. */
static int mark(const struct mount_request *request, int at, const char *directory,
		struct error *error)
{
	_cleanup_close_ int fd = -1;
	int r;

	if (!request->mark)
		return 0;
	fd = openat(at, directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	r = fd < 0 ? -errno : request->mark(fd);
	return r < 0 ? error_errno(error, r, "mount %s at %s: note on it that it is mounted",
				   request->source, request->directory)
		     : 0;
}

static int mount_old(const struct mount_request *request, bool (*still_wanted)(void),
		     struct error *error)
{
	_cleanup_free_ char *options = strdup(request->options ? request->options : "");
	_cleanup_text_ struct text data = {0};
	unsigned long flags = request->read_only ? MS_RDONLY : 0;
	char *rest = options, *option;
	int r;

	while (options && (option = strsep(&rest, ","))) {
		const struct mount_word *word = word_of(words, ARRAY_SIZE(words), option);

		if (!word)
			word = word_of(super_words, ARRAY_SIZE(super_words), option);
		if (word)
			flags |= word->flag;
		else if (*option)
			text_printf(&data, "%s%s", data.length ? "," : "", option);
	}
	if (!options || data.failed)
		return mount_explain(-ENOMEM, request->source, request->directory, error);
	if (still_wanted && !still_wanted())
		return refuse_unwanted(request, error);
	if (mount(request->source, request->directory, request->fs_type, flags, data.data) < 0)
		return mount_explain(-errno, request->source, request->directory, error);
	r = mark(request, AT_FDCWD, request->directory, error);
	if (r == 0 && request->mount_read_only &&
	    mount(NULL, request->directory, NULL, flags | MS_REMOUNT | MS_BIND | MS_RDONLY, NULL) <
		    0)
		r = mount_explain(-errno, request->source, request->directory, error);
	if (r < 0)
		(void)umount2(request->directory, UMOUNT_NOFOLLOW);
	return r;
}

/* The xfs of older kernels looks whether it is read-only when its context is opened, before anybody
 * could say so, and refuses norecovery then (fs/xfs/xfs_super.c: xfs_init_fs_context;
 * measured: 5.10 does, 6.1 does not). mount(2) opens the context with the flag. */
static bool is_misheard(int code, const struct mount_request *request)
{
	return code == -EINVAL && request->read_only && str_eq(request->fs_type, "xfs");
}

int mount_device(const struct mount_request *request, bool (*still_wanted)(void),
		 struct error *error)
{
	_cleanup_close_ int detached = make_detached(request, error);
	int r = detached;

	if (r == -ENOSYS || is_misheard(r, request))
		return mount_old(request, still_wanted, error);
	if (r >= 0)
		r = mark(request, detached, ".", error);
	if (r < 0)
		return r;
	if (still_wanted && !still_wanted())
		return refuse_unwanted(request, error);
	r = call_move_mount(detached, request->directory);
	return r < 0 ? mount_explain(r, request->source, request->directory, error) : 0;
}

int mount_undo(const char *directory, struct error *error)
{
	if (umount2(directory, UMOUNT_NOFOLLOW) == 0)
		return 0;
	switch (errno) {
	case EBUSY:
		return error_set(error, -EBUSY, "unmount %s: it is in use", directory);
	case EINVAL:
		return error_set(error, -EINVAL, "unmount %s: it is no mount point", directory);
	default:
		return error_errno(error, -errno, "unmount %s", directory);
	}
}
