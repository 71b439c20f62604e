/* SPDX-License-Identifier: Apache-2.0 */
/* From the verified device to a mounted file system: gate, fence, repair, record, mount, grow. */
#pragma once

#include "volume/volume.h"

int file_system_up(struct volume *volume, struct error *error);
