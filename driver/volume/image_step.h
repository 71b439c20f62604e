/* SPDX-License-Identifier: Apache-2.0 */
/* The image itself: made when it is missing and may be made, fitted to this kernel, grown. */
#pragma once

#include "volume/volume.h"

/* Reads the header, creates a missing image where size is given and the call may write. Sets
 * volume->header, ->created. The cluster is connected. */
int image_step_have(struct volume *volume, struct error *error);

/* Features that this node's kernel lacks are taken away, and the image grown to the wanted size.
 * Nothing for a read-only call. Nobody else watches the image (guard). */
int image_step_fit(struct volume *volume, struct error *error);

/* Undo of the creation; the error of the call is told where the image stays. */
void image_step_undo(struct volume *volume, struct error *error);
