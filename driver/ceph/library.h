/* SPDX-License-Identifier: Apache-2.0 */
/*
 * librados and librbd, loaded when a step needs them (design §7). ceph/symbols_*.h list
 * each function once; its pointer's type is the header's own (typeof), so the compiler checks it.
 * Within the room call `rados.rados_connect(...)` and `rbd.rbd_open(...)`.
 */
#pragma once

#include <rados/librados.h>
#include <rbd/librbd.h>

#include "ceph/load.h"

#define CEPH_SYMBOL(function) typeof(function) *function;
struct ceph_rados {
#include "ceph/symbols_rados.h"
};
struct ceph_rbd {
#include "ceph/symbols_rbd.h"
};
#undef CEPH_SYMBOL

extern struct ceph_rados rados;
extern struct ceph_rbd rbd;
