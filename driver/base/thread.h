/* SPDX-License-Identifier: Apache-2.0 */
/* A thread that nobody waits for. */
#pragma once

/* Starts it; what it needs it is given, and frees. 0 or a negative errno. */
int thread_start(void *(*run)(void *argument), void *argument);
