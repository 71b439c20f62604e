/* SPDX-License-Identifier: Apache-2.0 */
/*
 * When the process itself breaks (an assertion or a bad access in a foreign library): the last
 * answer. A signal exit would make the kubelet log the arguments, with the Secret in them.
 */
#pragma once

/* From now on a crash writes `answer` (constant, one line) to `fd` and ends with status 0. Core
 * dumps, which would hold the key, are switched off. */
void crash_answer(int fd, const char *answer);

/* The answer is out: a crash only ends the process. */
void crash_answered(void);

/* In the worker: a crash is an ordinary death again. */
void crash_reset(void);
