/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The only way to mkfs (design §5 rule 1): format only what is proven empty, or what this driver
 * began to format and never finished. Runs after the map and the second look at the watchers, on
 * the verified device.
 */
#pragma once

#include "volume/hands.h"
#include "volume/volume.h"

/* Was a format of this image begun and not finished, so that `look` is its debris? */
bool format_gate_unfinished(const struct volume *volume, const struct look *look);

/* Proves, records, formats, records. Refuses on any doubt. */
int format_gate_pass(struct volume *volume, const struct look *look, struct error *error);

/* Before a writable mount of a file system that the gate did not make: a record of a format that
 * was begun, and finished by other means, is closed. */
int format_gate_close(struct volume *volume, const char *uuid, struct error *error);
