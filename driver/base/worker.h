/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one process that may sleep in the kernel without being killable (design §5 rule 8): sysfs
 * writes, opening and reading the device, mount, umount, resize. It is forked before any library
 * starts a thread, has none of the caller's descriptors but the lock, and does one step at a time
 * for the caller. A step is a function of this program: after the fork both sides have the same
 * code at the same addresses, so the pointer itself is sent.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/deadline.h"
#include "base/error.h"

#define WORKER_MESSAGE_MAX 16384 /* bytes of `in` and of `out` at most */

/* Runs in the worker. `state` is the worker's own copy of what worker_start() was given. Returns
 * 0 or more, or a negative errno with the error said. */
typedef int (*worker_step)(void *state, const void *in, void *out, struct error *error);

struct worker_setup {
	void *state; /* memory of the caller; the worker works on its copy-on-write twin */
	int keep_fd; /* the lock: the only descriptor that stays open; -1: none */
	/* runs in the worker when its caller has gone without worker_stop(): make safe what is
	 * half done, then the process ends */
	void (*abandoned)(void *state);
};

struct worker;

int worker_start(const struct worker_setup *setup, struct worker **ret, struct error *error);

/* Runs one step and waits for it. What the step returned, or -ETIMEDOUT (it still runs; the
 * worker is given up and will see to itself when it wakes), or -EPIPE (the worker has died). After
 * either of the two every further call returns -EPIPE. */
int worker_call(struct worker *worker, worker_step step, const void *in, size_t in_size, void *out,
		size_t out_size, struct deadline deadline, struct error *error);

/* Begins a last step that nobody waits for: it may go on when the caller has answered and ended.
 * Afterwards every worker_call() returns -EPIPE. What it holds (the lock) it holds to its end. */
void worker_last(struct worker *worker, worker_step step, const void *in, size_t in_size);

pid_t worker_pid(const struct worker *worker);

/* Leaves the worker to itself: it sees its caller gone and calls abandoned(). */
void worker_leave(struct worker *worker);

/* Ends an idle worker in good order: abandoned() is not called. NULL is allowed. */
void worker_stop(struct worker *worker);
static inline void cleanup_worker(struct worker **worker)
{
	worker_stop(*worker);
}
#define _cleanup_worker_ __attribute__((cleanup(cleanup_worker)))

/* In the worker: does the caller still wait? Always true in a process that is no worker. */
bool worker_caller_lives(void);

/* For what has to be done whoever waits. */
static inline bool worker_always_wanted(void)
{
	return true;
}
