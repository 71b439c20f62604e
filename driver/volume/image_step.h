/* SPDX-License-Identifier: Apache-2.0 */
/* The image itself: made when it is missing and may be made, fitted to this kernel, grown. */
#pragma once

#include "volume/volume.h"

/* Reads the header, creates a missing image where size or parent is given and the call may write;
 * looks for the snapshot where one is named. Sets volume->header (size: the snapshot's), ->created.
 * The cluster is connected. */
int image_step_have(struct volume *volume, struct error *error);

/* Features that this node's kernel lacks are taken away, and the image grown to the wanted size.
 * For a read-only call nothing is changed, but what this kernel would not read right is refused.
 * Nobody else watches the image (guard). */
int image_step_fit(struct volume *volume, struct error *error);

/* Undo of the creation; the error of the call is told where the image stays. */
void image_step_undo(struct volume *volume, struct error *error);
