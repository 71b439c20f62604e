/* SPDX-License-Identifier: Apache-2.0 */
/* What init answers, from .init.json or a configuration's tree. Within this room only. */
#pragma once

#include "kubelet/config.h"
#include "kubelet/json.h"

/* .init.json where it is there and right, else what `configuration` (NULL: none) says of it,
 * whatever else it says. Never fails. */
void capabilities_from(const cJSON *configuration, struct config_capabilities *ret);

/* The same without a look beside the executable. */
void capabilities_said(const cJSON *configuration, struct config_capabilities *ret);
