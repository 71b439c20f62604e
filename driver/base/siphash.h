/* SPDX-License-Identifier: Apache-2.0 */
/* SipHash-2-4 (Aumasson, Bernstein): a keyed hash for short texts that are secret. */
#pragma once

#include <stddef.h>
#include <stdint.h>

uint64_t siphash(const unsigned char key[16], const void *bytes, size_t length);
