/* SPDX-License-Identifier: Apache-2.0 */
/*
 * /run/mount/utab, libmount's notes on mounts: `_netdev` in there makes systemd unmount it before
 * the network goes (design §5 rule 6). It is libmount's own file, so it is written by libmount, if
 * that is there; where it is not, or does not want to, the volume works all the same.
 */
#pragma once

/* Notes that what is mounted at `directory` needs the network; once. */
void utab_add(const char *source, const char *directory, const char *fs_type);

/* Forgets a directory where nothing of ours is mounted any more. */
void utab_remove(const char *directory);
