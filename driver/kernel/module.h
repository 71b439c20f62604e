/* SPDX-License-Identifier: Apache-2.0 */
/* The rbd module: there, or loaded by modprobe as a child. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/deadline.h"
#include "base/error.h"

/* /sys/bus/rbd is there. */
bool module_present(void);

/* Loads it where it is missing (`modprobe rbd single_major=Y`). Errors say modprobe's words. */
int module_load(struct deadline deadline, struct error *error);

/* The cipher that libceph decodes keys with, cbc(aes) (net/ceph/crypto.c: set_secret). The kernel
 * loads it by itself where its own modprobe path works; where it does not, add_key says ENOENT
 * ("libceph: Failed to parse secret: -2") and key_add() calls this. Harmless, says nothing. */
void module_load_cipher(struct deadline deadline);

/* "6.12.3" of the running kernel as two numbers. */
int module_release(unsigned int *ret_major, unsigned int *ret_minor, struct error *error);

/* /sys/bus/rbd/supported_features; kernels without the file (< 4.11) are judged by uname
 * (krbd-and-peers.md §4). */
int module_features(uint64_t *ret, struct error *error);
