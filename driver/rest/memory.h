/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C library's memory: what a burst of requests took does not stay with the server. glibc gives
 * each thread an arena of its own, up to eight for each processor, and keeps what is freed; librbd
 * allocates by the megabyte for each image that is opened (measured: docs/rest.md, Figures). Where
 * the C library is another one, both do nothing.
 */
#pragma once

/* Before the first thread. */
void memory_settle(void);

/* What is free goes back to the kernel: for when there is nothing to do. Takes milliseconds. */
void memory_give_back(void);
