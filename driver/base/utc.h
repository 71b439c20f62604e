/* SPDX-License-Identifier: Apache-2.0 */
/* A moment in words, without the node's time zone: gmtime_r(3) would open and read it at each start
 * (glibc: time/tzset.c). */
#pragma once

#include <stdint.h>

#define UTC_TEXT_MAX 32

/* "2026-11-25T19:50:29" of seconds since 1970 (not negative; the years up to 9999). Returns `ret`.
 */
const char *utc_text(int64_t seconds, char ret[UTC_TEXT_MAX]);
