/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The patterns of a policy: `*` stands for any characters but '/', `?` for one of them,
 * `{podNamespace}` for the namespace of the pod, literally; where the kubelet has not sent it, a
 * pattern with it matches nothing. Within this room only.
 */
#pragma once

#include <stdbool.h>

#include "base/names.h"

#define POLICY_POD_NAMESPACE "{podNamespace}"

/* NULL where it is a pattern, else what is wrong with it. */
const char *policy_pattern_wrong(const char *pattern);

/* `pod_namespace`: "" where it is not known. */
bool policy_pattern_match(const char *pattern, const char *pod_namespace, const char *value);

/* One address of a list of monitors. "*" alone is every address; else it ends at a dot or colon,
 * and a pattern without letters matches no name: 10.0.0.* is no host of 10.0.0.example.com. The
 * two usual ports are the same as none. */
bool policy_pattern_match_monitor(const char *pattern, const char *pod_namespace,
				  const char *address);

/* pool/[namespace/]image@snapshot; without a pool it is the image's own pool and namespace. */
bool policy_pattern_match_parent(const char *pattern, const char *pod_namespace,
				 const struct image_name *parent, const struct image_name *image);
