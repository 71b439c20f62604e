/* SPDX-License-Identifier: Apache-2.0 */
/* Where the cluster is, for the kernel, which needs monitors and key itself. */
#pragma once

#include "admin/admin.h"
#include "volume/connect.h"
#include "volume/volume.h"

/* Fills in volume->access, ->monitors and ->fsid with what connect_find() finds, so that a map goes
 * where each other verb does. The strings of the access belong to `found`, which must live as long
 * as the volume, to the configuration and to the flags. */
int where_is(const struct admin *admin, struct connect_found *found, struct volume *volume,
	     struct error *error);
