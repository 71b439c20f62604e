/* SPDX-License-Identifier: Apache-2.0 */
/* Where the cluster is, for the kernel, which needs monitors and key itself. */
#pragma once

#include "admin/admin.h"
#include "volume/volume.h"

/* Fills in volume->access, ->monitors and ->fsid by the rules of volume/connect.h. `options` is the
 * volume's. */
int where_is(const struct admin *admin, struct options *options, struct volume *volume,
	     struct error *error);
