/* SPDX-License-Identifier: Apache-2.0 */
/* doctor's two halves. */
#pragma once

#include "kubelet/config.h"
#include "verbs/findings.h"

struct connect_wish;

/* doctor_node.c: module, programs, clock, mount namespace. */
void doctor_node(struct findings *findings);

/* doctor_cluster.c: libraries; of each cluster monitors, key, and what its user may do in `pool`
 * ("": in the default one, if there is one). */
void doctor_clusters(struct findings *findings, const struct config *config, const char *pool);
/* The same of the one cluster that is named. */
void doctor_cluster(struct findings *findings, const struct config *config,
		    const struct connect_wish *wish, const char *pool);
