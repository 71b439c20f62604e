/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Brings the bundle that this driver belongs to into a plug-in directory of the kubelet, and takes
 * it away again (issue 5; flexvolume-contract.md §8). One install is one rename of `rbd`: whatever
 * is made before it has a name with a dot, which the kubelet passes over, and at every moment
 * either the old launcher with the old version's directory is complete, or the new one.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"
#include "base/str.h"

#define INSTALLER_FOLDER   "ceph~rbd"
#define INSTALLER_LAUNCHER "rbd"

/* Where the distributions' kubelets look for drivers; the first one that exists is taken where
 * nobody names one, so the default stands last. */
struct installer_place {
	const char *directory;
	const char *who;
};
const struct installer_place *installer_places(size_t *ret_count);

enum installer_mode { INSTALLER_UNSAID, INSTALLER_ATTACH, INSTALLER_MOUNT };

struct installer {
	const char *plugin_dir;   /* NULL: see installer_places() */
	enum installer_mode mode; /* unsaid: the configuration's, else the installed one's, else
				   * attach */
	const char *secret;       /* directory of a mounted Secret; NULL: none */
	const char *config;       /* file; NULL: one is written */
	/* a sentence about each step that was done */
	void (*say)(const char *line, void *context);
	void *context;
};

__attribute__((format(printf, 2, 3))) void installer_say(const struct installer *installer,
							 const char *format, ...);

/* 0, also where there was nothing to do; a negative errno with the error said. */
int installer_install(const struct installer *installer, struct error *error);

/* Is what is installed this bundle, whole, with what the options say, and does it answer? 0; or a
 * negative errno with the reason. Changes nothing. */
int installer_check(const struct installer *installer, struct error *error);

/* Installs, stays, and installs again when something was changed. Comes back only with a failure
 * of the first time; SIGTERM ends the process with status 0. */
int installer_wait(const struct installer *installer, struct error *error);

/* For a driver that was copied by hand: only `.init.json` beside the executable. `config_path`
 * ("": none): the configuration in force. */
int installer_here(const struct installer *installer, const char *config_path, struct error *error);

/* Refused while a volume of ours is mapped. */
int installer_uninstall(const struct installer *installer, struct error *error);
