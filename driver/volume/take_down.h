/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The way back (design §5 rule 7): umount before unmap, never lazily, never by force; all of it
 * from what the kernel knows, without cluster, options or key.
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "kubelet/config.h"

enum take_down_kind {
	TAKE_DOWN_POD,    /* unmount: the last mount of a mount-mode volume unmaps too */
	TAKE_DOWN_DEVICE, /* unmountdevice: unmaps; refused while pods still have it bound */
};

/* A directory that is no mount is Success, after the orphans of its last component are removed. */
int take_down(const struct config *config, const char *directory, enum take_down_kind kind,
	      struct error *error);

/* detach: orphans of that volume are unmapped, a mounted one is a Failure that says where. */
int take_down_detached(const char *volume, struct error *error);
