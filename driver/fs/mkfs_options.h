/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The option mkfsOptions: `name=value,...` out of a table per file system, from which the argv of
 * its tool is built. Sizes are bytes unless said otherwise. None of these stands in the way of
 * growth: sparse_super2, bigalloc, num_backup_sb, resize= and 64bit=off do, and are not here.
 *
 *   ext4 (mke2fs)     value                        what
 *   blocksize         1024, 2048, 4096             -b; by itself 4096 from 512 MiB on, else 1024
 *   inodeRatio        1024 .. 67108864             -i: one inode for so many bytes
 *   inodes            16 .. 4294967295             -N: so many inodes (not beside inodeRatio)
 *   inodeSize         256, 512, 1024               -I
 *   reserved          0 .. 50                      -m: percent for root only; by itself 0
 *   journalSize       1 .. 10240                   -J size=: MiB
 *   stride            1 .. 1048576                 -E stride=: blocks
 *   stripeWidth       1 .. 1048576                 -E stripe_width=: blocks
 *   label             up to 16 letters, digits, . _ -   -L
 *   metadata_csum     on, off                      -O
 *   inline_data       on, off                      -O
 *   large_dir         on, off                      -O
 *   project           on                           -O project,quota: for project quotas
 *
 *   xfs (mkfs.xfs)    value                        what
 *   blocksize         1024, 2048, 4096             -b size=
 *   inodeSize         512, 1024, 2048              -i size=
 *   inodePercent      1 .. 100                     -i maxpct=: of the space, for inodes at most
 *   agcount           2 .. 65536                   -d agcount=: allocation groups
 *   sunit, swidth     8 .. 1048576                 -d: sectors of 512 bytes, both or none
 *   logSize           64 .. 2047                   -l size=: MiB
 *   label             up to 12 letters, digits, . _ -   -L
 *   reflink           on, off                      -m
 *   rmapbt            on, off                      -m
 *   bigtime           on, off                      -m: timestamps beyond 2038 (kernel 5.10)
 *   inobtcount        on, off                      -m (kernel 5.10)
 *   nrext64           on, off                      -i (kernel 5.19, xfsprogs 5.19)
 */
#pragma once

#include <stdbool.h>

#include "base/error.h"
#include "fs/arguments.h"

/* Is the list in order for such a file system? -EINVAL: "mkfsOptions: ...". */
int mkfs_options_check(const char *fs_type, const char *list, struct error *error);

/* The same, and adds what the list means to the arguments of the tool. */
int mkfs_options_add(const char *fs_type, const char *list, struct arguments *arguments,
		     struct error *error);
