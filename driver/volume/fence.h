/* SPDX-License-Identifier: Apache-2.0 */
/* Locking a lost holder's kernel client out of the cluster (design §5 rule 3). */
#pragma once

#include "volume/volume.h"

/* `who` for messages: "a lost holder", "the last holder, node n1". A client that serves a mapping
 * of this very node is never fenced: all volumes of the node that share it would die. 0: it is
 * fenced, or is this node's own. */
int fence_client(struct volume *volume, const char *address, const char *who, struct error *error);
