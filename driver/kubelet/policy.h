/* SPDX-License-Identifier: Apache-2.0 */
/*
 * "policy" of the configuration (design §3): once it is there it is closed. Whoever writes a pod
 * gets what it lists, and of what it does not list only what harms nobody.
 *
 * - pool, namespace, image, snapshot, user, cluster, fsid and readOnly say whose data it is: where
 *   the policy lists one of them, what is in force must match, given or not ("" where nothing is
 *   in force: who lists namespaces keeps pods out of the default one). Of all others only what a
 *   pod gives is looked at.
 * - Not listed: no pool but "rbd", no user but the one that the cluster's entry has (the Secret's
 *   counts like the option), and no namespace, dataPool, parent, monitors, keyring, mapOptions,
 *   features and guard. What else is not listed is free.
 * - Of a list (monitors, features, mkfsOptions, mountOptions, mapOptions) each item must match.
 * - "create": false makes nothing: a missing image is a failure, one that is there is mounted and
 *   grows as before. "maxSize" is the most that an image is made with or grown to; one that is
 *   larger already is left as it is and mounted.
 * - It holds on the ways up and for growth, never on the ways down: a pod must be able to go.
 *
 * Patterns: see kubelet/policy_pattern.h.
 */
#pragma once

#include <stdint.h>

#include "base/error.h"
#include "kubelet/config.h"
#include "kubelet/options.h"

/* Where no policy is in force, all of these say 0. What is refused is -EPERM: the error names the
 * option, its value, what is allowed, and the policy's file. */

/* All that the options and the Secret ask for. */
int policy_check(const struct config *config, const struct options *options,
		 const struct access *access, struct error *error);

/* Before a missing image is made. */
int policy_check_create(const struct config *config, const char *image, struct error *error);

/* What an image may have at most, bytes; 0: no limit. */
uint64_t policy_max_size(const struct config *config);

/* Before `image` is made with or grown to that many bytes. */
int policy_check_size(const struct config *config, const char *image, uint64_t size,
		      struct error *error);
