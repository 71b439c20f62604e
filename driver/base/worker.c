/* SPDX-License-Identifier: Apache-2.0 */
#include "base/worker.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/crash.h"
#include "base/path.h"
#include "base/phase.h"
#include "base/str.h"

struct worker {
	int socket; /* -1: given up or dead */
	pid_t pid;
};

/* What the caller sends: which step (NULL: end in good order), and its input behind it. */
struct question {
	worker_step step;
	size_t in_size;
	size_t out_size;
	char in[WORKER_MESSAGE_MAX];
};

struct answer {
	int result;
	struct error error;
	char out[WORKER_MESSAGE_MAX];
};

#define QUESTION_HEAD offsetof(struct question, in)
#define ANSWER_HEAD   offsetof(struct answer, out)

/* In the worker: its end of the socket. */
static int caller = -1;

bool worker_caller_lives(void)
{
	struct pollfd end = {.fd = caller, .events = POLLRDHUP};

	if (caller < 0)
		return true;
	return poll(&end, 1, 0) == 0;
}

/* Kernels before 5.9 have no close_range(2). */
static void close_by_listing(int keep_a, int keep_b)
{
	_cleanup_closedir_ DIR *dir = opendir("/proc/self/fd");
	const struct dirent *entry;

	while (dir && (entry = readdir(dir))) {
		uint64_t fd;

		if (str_to_u64(entry->d_name, 10, &fd) < 0 || fd < 3 || (int)fd == dirfd(dir) ||
		    (int)fd == keep_a || (int)fd == keep_b)
			continue;
		close((int)fd);
	}
}

static int close_span(int first, int last)
{
	if (first > last)
		return 0;
	return (int)syscall(SYS_close_range, (unsigned int)first, (unsigned int)last, 0U);
}

/* 0, 1 and 2 are on /dev/null already (main); the answer's pipe must not stay open here: the
 * kubelet reads it to its end. */
static void close_others(int keep_a, int keep_b)
{
	int low = keep_a < keep_b ? keep_a : keep_b;
	int high = keep_a < keep_b ? keep_b : keep_a;

	if (low < 3)
		low = high;
	if (close_span(3, low - 1) < 0 || close_span(low + 1, high - 1) < 0 ||
	    close_span(high + 1, INT_MAX) < 0)
		close_by_listing(keep_a, keep_b);
}

static void serve(const struct worker_setup *setup)
{
	static struct question question;
	static struct answer answer;

	for (;;) {
		ssize_t length = recv(caller, &question, sizeof(question), 0);

		/* a caller that has asked for a last step may have closed its end since; what it
		 * has sent before that is still there */
		if (length < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (length < (ssize_t)QUESTION_HEAD)
			break;
		if (!question.step)
			return;
		memset(&answer.error, 0, sizeof(answer.error));
		memset(answer.out, 0, question.out_size);
		answer.result = question.step(setup->state, question.in, answer.out, &answer.error);
		/* inputs hold the key of the cluster */
		explicit_bzero(question.in, question.in_size);
		(void)send(caller, &answer, ANSWER_HEAD + question.out_size, MSG_NOSIGNAL);
	}
	if (setup->abandoned)
		setup->abandoned(setup->state);
}

int worker_start(const struct worker_setup *setup, struct worker **ret, struct error *error)
{
	_cleanup_close_ int ours = -1, theirs = -1;
	struct worker *worker = calloc(1, sizeof(*worker));
	int ends[2];

	if (!worker)
		return error_errno(error, -ENOMEM, "start the worker");
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0) {
		free(worker);
		return error_errno(error, -errno, "make a socket for the worker");
	}
	ours = ends[0];
	theirs = ends[1];
	phase_share();
	worker->pid = fork();
	if (worker->pid < 0) {
		free(worker);
		error_errno(error, -errno, "fork the worker");
		return error_advise(error, "the node lacks memory, or processes in the kubelet's "
					   "cgroup (pids.max): see what uses them up");
	}
	if (worker->pid == 0) {
		caller = theirs;
		(void)setsid();
		crash_reset();
		(void)prctl(PR_SET_NAME, "rbd-worker");
		close_others(theirs, setup->keep_fd);
		serve(setup);
		_exit(0);
	}
	worker->socket = TAKE_FD(ours);
	*ret = worker;
	return 0;
}

static void give_up(struct worker *worker)
{
	if (worker->socket >= 0)
		close(TAKE_FD(worker->socket));
}

static int ask(struct worker *worker, worker_step step, const void *in, size_t in_size,
	       size_t out_size, struct error *error)
{
	static struct question question;
	ssize_t sent;

	if (in_size > WORKER_MESSAGE_MAX || out_size > WORKER_MESSAGE_MAX)
		return error_errno(error, -EMSGSIZE, "ask the worker");
	question.step = step;
	question.in_size = in_size;
	question.out_size = out_size;
	if (in_size)
		memcpy(question.in, in, in_size);
	sent = send(worker->socket, &question, QUESTION_HEAD + in_size, MSG_NOSIGNAL);
	explicit_bzero(question.in, in_size);
	return sent < 0 ? -EPIPE : 0;
}

/* The answer, or -ETIMEDOUT, or -EPIPE. */
static int await(struct worker *worker, struct answer *answer, size_t out_size,
		 struct deadline deadline)
{
	struct pollfd waiting = {.fd = worker->socket, .events = POLLIN};

	for (;;) {
		int ready = poll(&waiting, 1, deadline_left(deadline));

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready > 0)
			break;
		if (errno != EINTR)
			return -EPIPE;
	}
	if (recv(worker->socket, answer, sizeof(*answer), 0) != (ssize_t)(ANSWER_HEAD + out_size))
		return -EPIPE;
	return 0;
}

int worker_call(struct worker *worker, worker_step step, const void *in, size_t in_size, void *out,
		size_t out_size, struct deadline deadline, struct error *error)
{
	static struct answer answer;
	int result = worker->socket < 0 ? -EPIPE : ask(worker, step, in, in_size, out_size, error);

	if (result == -EMSGSIZE)
		return result;
	if (result == 0)
		result = await(worker, &answer, out_size, deadline);
	if (result < 0)
		give_up(worker);
	if (result == -ETIMEDOUT) {
		error_set(
			error, result,
			"no end of it in time; the worker (pid %d) is still at it and will see to "
			"it when the kernel lets it go",
			worker->pid);
		return error_advise(error,
				    "see what it waits for: /proc/%d/stack, and the "
				    "cluster's health (ceph -s)",
				    worker->pid);
	}
	if (result < 0) {
		error_set(error, -EPIPE, "the worker (pid %d) has ended in the middle of it",
			  worker->pid);
		return error_advise(error,
				    "the kubelet asks again by itself; if this stays, see "
				    "who kills it: the kernel's log, the memory of the node");
	}
	if (answer.result < 0)
		*error = answer.error;
	if (out_size)
		memcpy(out, answer.out, out_size);
	return answer.result;
}

void worker_last(struct worker *worker, worker_step step, const void *in, size_t in_size)
{
	const struct question end = {.step = NULL};
	struct error ignored;

	if (worker->socket >= 0 && ask(worker, step, in, in_size, 0, &ignored) == 0)
		(void)send(worker->socket, &end, QUESTION_HEAD, MSG_NOSIGNAL);
	give_up(worker);
}

void worker_leave(struct worker *worker)
{
	give_up(worker);
}

pid_t worker_pid(const struct worker *worker)
{
	return worker->pid;
}

void worker_stop(struct worker *worker)
{
	struct question end = {.step = NULL};

	if (!worker)
		return;
	if (worker->socket >= 0)
		(void)send(worker->socket, &end, QUESTION_HEAD, MSG_NOSIGNAL);
	give_up(worker);
	free(worker);
}
