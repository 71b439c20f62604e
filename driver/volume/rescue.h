/* SPDX-License-Identifier: Apache-2.0 */
/* When the worker has died under its caller (design §5 rule 8). */
#pragma once

#include "volume/volume.h"

/* Looks at what the dead worker has left. 0: the volume is mounted at its directory as it should
 * be, in spite of all; otherwise error->code, and what it left mapped was undone as an orphan, or
 * the error says that it stays for the next call. Gives up the lock. */
int rescue(struct volume *volume, struct error *error);
