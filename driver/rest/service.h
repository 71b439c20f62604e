/* SPDX-License-Identifier: Apache-2.0 */
/* What the handlers stand on; made once by main. */
#pragma once

#include <stdbool.h>

struct auth;
struct keep;
struct metrics;

struct service {
	struct keep *keep;
	struct auth *auth; /* NULL: everybody may everything (loopback only) */
	struct metrics *metrics;
	bool allow_pool_delete;
};
