/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way to /sys, /proc, /dev, /run and /var/log. Paths are absolute ("/sys/bus/rbd/devices");
 * unit tests put a directory of fixtures in front of them, so that it can play the kernel.
 */
#pragma once

#include <dirent.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* Unit tests only. NULL or "": the real root. The string must stay valid. */
void path_set_root(const char *directory);

/* The path with the root in front. 0 or -ENAMETOOLONG. */
__attribute__((format(printf, 2, 3))) int path_format(char ret[PATH_MAX], const char *format, ...);

/* An O_CLOEXEC descriptor or a negative errno. */
__attribute__((format(printf, 2, 3))) int path_open(int flags, const char *format, ...);

/* Reads a small file into `to`, terminated, without its trailing newline. Returns the length;
 * -EFBIG where it does not fit. */
__attribute__((format(printf, 3, 4))) ssize_t path_read(char *to, size_t size, const char *format,
							...);

/* The same with one read(2), which is all of an attribute of sysfs: no look for its end. */
__attribute__((format(printf, 3, 4))) ssize_t path_read_attribute(char *to, size_t size,
								  const char *format, ...);

/* Exactly one write(2), as sysfs wants it. 0 or a negative errno (-EIO for a short write). */
__attribute__((format(printf, 3, 4))) int path_write(const void *bytes, size_t length,
						     const char *format, ...);

/* NULL with errno set where it cannot be opened. */
__attribute__((format(printf, 1, 2))) DIR *path_opendir(const char *format, ...);

__attribute__((format(printf, 1, 2))) bool path_exists(const char *format, ...);

/* mkdir -p. 0 or a negative errno. */
__attribute__((format(printf, 2, 3))) int path_make_directories(mode_t mode, const char *format,
								...);
