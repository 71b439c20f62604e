/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel's map options that people may give (krbd-and-peers.md §3.3): a table, so that no word
 * of theirs reaches the add string that is not known there. What the driver sets by itself, and
 * what can lose data or weaken the protocol, is refused with the reason.
 */
#pragma once

#include <stddef.h>

#include "base/error.h"

#define MAP_OPTIONS_MAX 2048 /* of the list */

/* A comma list of name or name=value; "" is right. */
int map_options_check(const char *list, struct error *error);

/* Those of a list (also the driver's own words) that came with a later kernel than `major`.`minor`:
 * "rxbounce (Linux 5.17)", joined by ", "; "" where none. Returns `ret`. Distributions take such
 * things into older kernels too: it explains a refusal, and refuses nothing. */
const char *map_options_later(const char *list, unsigned int major, unsigned int minor, char *ret,
			      size_t size);
