/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one connection to the cluster, which heals: a thread of its own asks the monitors every two
 * seconds whether they are there, and connects anew where that is what helps.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"
#include "volume/connect.h"

struct keep;

/* Both must stay. Returns at once, connected or not. */
int keep_start(const struct config *config, const struct connect_wish *wish, struct keep **ret,
	       struct error *error);

/* The connection, to be given back with cluster_close(); NULL while the cluster is away: `error`
 * says why (-ENOTCONN). */
struct cluster *keep_get(struct keep *keep, struct error *error);

/* What a call on it came to: the connection may have to be a new one. */
void keep_report(struct keep *keep, struct cluster *cluster, int result);

struct keep_state {
	bool ready;
	uint64_t connects; /* since the start */
	uint64_t losses;   /* how often it went away */
};
void keep_look(struct keep *keep, struct keep_state *ret);
