/* SPDX-License-Identifier: Apache-2.0 */
/* What is to stand beside the driver, from the options, the Secret and the configuration's file.
 * Within this room only. */
#pragma once

#include <sys/types.h>

#include "installer/installer.h"
#include "kubelet/config.h"

struct desired {
	char *config;
	char *keyring; /* NULL: none */
	char init[256];
	struct config_capabilities capabilities;
};

/* `installed`: the mode that is installed. */
int desired_make(const struct installer *installer, enum installer_mode installed,
		 struct desired *ret, struct error *error);
void desired_done(struct desired *desired);
#define _cleanup_desired_ __attribute__((cleanup(desired_done)))

/* What init is to answer. */
void desired_init(const struct config_capabilities *capabilities, char ret[256]);

/* Into the directory of a version: keyring, configuration, init's answer, in this order, since each
 * leans on the one before; of another user, the old one's key goes last. `anew`: the last of them
 * also where it is the same, since the one that was written last is of the version that was
 * installed last. */
int desired_put(const struct desired *desired, int version, bool anew, struct error *error);
/* Is that what is in it? 1, 0, or a negative errno. */
int desired_holds(const struct desired *desired, int version);

/* A mounted Secret. */
struct secret_files {
	char key[256];
	char user[104];
	char monitors[1024];
	char fsid[64];
};

int secret_files_read(const char *directory, struct secret_files *ret, struct error *error);
void secret_files_done(struct secret_files *files);
#define _cleanup_secret_files_ __attribute__((cleanup(secret_files_done)))
