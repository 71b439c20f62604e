/* SPDX-License-Identifier: Apache-2.0 */
/* Loading of librados and librbd, for those who only ask whether they are there. */
#pragma once

#include "base/error.h"

/* Load once; later calls are free. -ENOENT or -ENOSYS with the loader's words and what to
 * install. */
int ceph_load_rados(struct error *error);
int ceph_load_rbd(struct error *error);
