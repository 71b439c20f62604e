/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The bundle that this process was started from, where it was (docs/bundle.md): a directory with
 * the loader that we run under, our libraries (lib), the programs that we run (bin; ld has a
 * loader by each one's name) and their configuration (etc).
 */
#pragma once

#include <limits.h>

/* Once, before any library is called. In a bundle: our process gets the driver's name instead of
 * the loader's, and OpenSSL, Ceph and the resolver are kept from configurations and plug-ins of the
 * host, which are made for other versions than ours. */
void bundle_enter(void);

/* What a program of the bundle is run by: LOADER --inhibit-cache --library-path LIBRARY --argv0
 * NAME FILE ARGUMENT... */
struct bundle_program {
	char loader[PATH_MAX];
	char library[PATH_MAX];
	char file[PATH_MAX];
};

/* NAME is a program, or "rbd-flexvolume". -ENOENT: this is no bundle, or it has none. */
int bundle_find(const char *name, struct bundle_program *ret);

/* FILE ("etc/mke2fs.conf") in the bundle. -ENOENT: this is no bundle. */
int bundle_file(const char *file, char ret[PATH_MAX]);
