/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A lost node is fenced (design §5 rule 3): the image carries a record of who mounted it last,
 * and a file system that was not left clean is mounted again only when that holder can no longer
 * write.
 */
#pragma once

#include "volume/hands.h"
#include "volume/volume.h"

/*
 * Before a repair or a mount of a file system that was not left clean. The recorded
 * holder is fenced where it was the last to mount. ext4 counts its mounts; an xfs tells nothing of
 * that, and whoever the record names is taken for the last, for the sake of the data: a wrong one
 * is fenced only where somebody has mounted the image without the driver, and has died with it.
 */
int holder_fence_last(struct volume *volume, const struct super *super, struct error *error);

/* Before each writable mount: this node's client, and the mount count that the mount will leave. */
int holder_record(struct volume *volume, const struct super *super, struct error *error);

/* After a mount that failed: whose record it was before. This node never was the holder, and must
 * not be fenced for it. */
void holder_restore(struct volume *volume);
