/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Directories of a few hundred files, by descriptor: copied, compared, removed. No link is
 * followed. Within this room only.
 */
#pragma once

#include <stdint.h>
#include <sys/stat.h>

#include "base/error.h"

/* Names beginning with these, in a version's own directory, are what was written for this node and
 * no part of the bundle. */
#define STATE_INIT    ".init.json"
#define STATE_CONFIG  ".config.json"
#define STATE_KEYRING ".keyring"

/* Anything but 0 ends the walk and is returned. */
typedef int (*tree_visitor)(int fd, const char *name, const struct stat *status, void *context);
int tree_each(int fd, tree_visitor visit, void *context);

/* The bundle's files of `from`, into the empty directory `to`; each is on the disk after it. */
int tree_copy(int from, int to, struct error *error);

enum tree_depth { TREE_SIZES, TREE_BYTES };
/* Does `to` have all that the bundle has in `from`, as it is there? Other files may be there, too.
 * 1, 0, or a negative errno. */
int tree_same(int from, int to, enum tree_depth depth);
/* The same of two files. */
int tree_same_file(int from, int to, enum tree_depth depth);

/* What the bundle takes on a disk. */
int tree_size(int fd, uint64_t *ret);

/* -ENOENT where there is none. */
int tree_remove(int parent, const char *name);

/* All bytes of a file to another. */
int tree_copy_bytes(int from, int to);
/* Writes it under a name with ".new", syncs, renames. A negative errno where that failed. */
int small_put(int fd, const char *name, const char *bytes, mode_t mode);
/* Is that its content, and its mode? */
int small_holds(int fd, const char *name, const char *bytes, mode_t mode);
