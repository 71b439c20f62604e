/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/utab.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/deadline.h"
#include "base/log.h"
#include "base/path.h"
#include "base/str.h"

#define UTAB          "/run/mount/utab"
#define UTAB_MAX      (1 << 20)
#define LOCK_DEADLINE 1000 /* ms; libmount itself would wait for ever */

/* libmount.h (util-linux 2.20 and later): the few that are needed, by their types there. */
static struct {
	void *(*new_fs)(void);
	void (*unref_fs)(void *fs);
	int (*set_source)(void *fs, const char *source);
	int (*set_target)(void *fs, const char *target);
	int (*set_fstype)(void *fs, const char *type);
	int (*set_options)(void *fs, const char *options);
	void *(*new_update)(void);
	void (*free_update)(void *update);
	int (*set_fs)(void *update, unsigned long flags, const char *target, void *fs);
	int (*update_table)(void *update, void *lock);
} libmount;

static const struct {
	const char *name;
	void *pointer;
} symbols[] = {
	{"mnt_new_fs", &libmount.new_fs},
	{"mnt_unref_fs", &libmount.unref_fs},
	{"mnt_fs_set_source", &libmount.set_source},
	{"mnt_fs_set_target", &libmount.set_target},
	{"mnt_fs_set_fstype", &libmount.set_fstype},
	{"mnt_fs_set_options", &libmount.set_options},
	{"mnt_new_update", &libmount.new_update},
	{"mnt_free_update", &libmount.free_update},
	{"mnt_update_set_fs", &libmount.set_fs},
	{"mnt_update_table", &libmount.update_table},
};

static bool load(void)
{
	void *handle = dlopen("libmount.so.1", RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);

	for (size_t i = 0; handle && i < ARRAY_SIZE(symbols); i++) {
		void *address = dlsym(handle, symbols[i].name);

		if (!address)
			return false;
		memcpy(symbols[i].pointer, &address, sizeof(address));
	}
	return handle;
}

/* libmount waits for its lock without an end; here it is waited for, for a while, and given back to
 * be taken by libmount. */
static bool lock_is_free(void)
{
	_cleanup_close_ int fd = path_open(O_RDONLY, UTAB ".lock");
	const struct deadline until = deadline_in(LOCK_DEADLINE);

	while (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno != EWOULDBLOCK || deadline_passed(until))
			return false;
		deadline_pause(20, until);
	}
	return true;
}

/* Is there a line for the directory? Where its name cannot be compared as it is, it may be. */
static bool has_line(const char *directory)
{
	_cleanup_free_ char *content = malloc(UTAB_MAX);
	_cleanup_close_ int fd = path_open(O_RDONLY, UTAB);
	const size_t length = strlen(directory);
	ssize_t count = fd < 0 || !content ? 0 : read(fd, content, UTAB_MAX - 1);

	if (count <= 0)
		return false;
	if (strpbrk(directory, " \t\n\\"))
		return true;
	content[count] = '\0';
	for (const char *at = content; (at = strstr(at, " TARGET=")); at++) {
		const char *target = at + strlen(" TARGET=");

		if (strncmp(target, directory, length) == 0 && strchr(" \n", target[length]))
			return true;
	}
	return false;
}

static void update(const char *directory, void *fs)
{
	void *table = libmount.new_update();
	int result = table ? libmount.set_fs(table, 0, fs ? NULL : directory, fs) : -ENOMEM;

	/* somebody may take the lock now and hang: then this process, which has nothing else to do
	 * any more, is ended by the signal */
	alarm(LOCK_DEADLINE / 1000);
	if (result == 0)
		result = libmount.update_table(table, NULL);
	alarm(0);
	libmount.free_update(table);
	log_say(LOG_LEVEL_DEBUG, "%s _netdev of %s in " UTAB ": %d", fs ? "note" : "forget",
		directory, result);
}

void utab_add(const char *source, const char *directory, const char *fs_type)
{
	void *fs;

	if (has_line(directory) || !load() || !lock_is_free())
		return;
	fs = libmount.new_fs();
	if (fs && libmount.set_source(fs, source) == 0 && libmount.set_target(fs, directory) == 0 &&
	    libmount.set_fstype(fs, fs_type) == 0 && libmount.set_options(fs, "_netdev") == 0)
		update(directory, fs);
	if (fs)
		libmount.unref_fs(fs);
}

void utab_remove(const char *directory)
{
	if (has_line(directory) && load() && lock_is_free())
		update(directory, NULL);
}
