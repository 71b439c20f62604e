/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The list of monitors as people write it ("10.0.0.1", "10.0.0.2:6789", "[fd00::1]:6789", a DNS
 * name, "[v2:10.0.0.1:3300,v1:10.0.0.1:6789]", separated by comma, semicolon or space) as numeric
 * addresses, and which of them answer.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#include "base/deadline.h"
#include "base/error.h"

#define MONITORS_MAX 31 /* what the kernel takes: CEPH_MAX_MON in its ceph_parse_ips */

struct monitor {
	char text[64];     /* numeric, with port, IPv6 in brackets */
	bool messenger_v2; /* the port speaks msgr2 (3300 or said so) */
	bool answered;
	bool bare; /* written without port and protocol: it stands for both */
};

struct monitors {
	struct monitor list[MONITORS_MAX];
	size_t count;
};

/* -EINVAL: empty entry, no address, too many; -ENOENT: a name that does not resolve. */
int monitors_parse(const char *text, struct monitors *ret, struct error *error);

/* The mon_host of a ceph.conf ([global] or top; "mon host", "mon_host", "mon-host"), and its fsid
 * ("" where it has none). -ENOENT where the file or the line is missing. */
int monitors_from_conf(const char *path, char *ret_monitors, size_t monitors_size, char *ret_fsid,
		       size_t fsid_size, struct error *error);

/* Only those of the protocol that a messenger mode of the kernel needs (legacy: v1; crc, secure,
 * prefer-crc, prefer-secure: v2) are kept; bare ones get its port. "auto" keeps all. -EINVAL: none
 * is left. */
int monitors_for_mode(struct monitors *monitors, const char *mode, struct error *error);

/* Non-blocking connects to all at once; sets `answered`. Returns as soon as one v1 monitor (or,
 * where only v2 are listed, one of them) answered and 50 ms more have passed or all have spoken;
 * at `patience` with those that answered so far; where none has, with the first one, until
 * `deadline`. The number that answered, or -ETIMEDOUT naming those that were tried. */
int monitors_try(struct monitors *monitors, struct deadline patience, struct deadline deadline,
		 struct error *error);

/* Both for a mode: kept and tried. With "auto" bare addresses are those of the first protocol, and
 * of the second where nobody answers there: a cluster may speak that one alone. */
int monitors_try_mode(struct monitors *monitors, const char *mode, struct deadline patience,
		      struct deadline deadline, struct error *error);

/* The comma list for the kernel's add string, of those that answered: the v1 ones, or, where
 * there is none, the v2 ones (then `ret_v2` is true and ms_mode is needed). -ENAMETOOLONG. */
int monitors_for_kernel(const struct monitors *monitors, char *ret, size_t size, bool *ret_v2,
			struct error *error);
