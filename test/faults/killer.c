/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs one call of the driver and kills it at a chosen moment, or holds it there.
 *
 *   killer [--victim both|caller|worker | --hold] [--at MOMENT] [--delay US] [--timeout S]
 *          [--count] -- COMMAND...
 *
 * MOMENT is time:US after the start (for --victim worker: after its fork), or caller:N, worker:N:
 * when that process enters its N-th system call, threads included; or worker:#A,B...: its first
 * call with one of these numbers. The call is not made; with --delay it goes on for so long, and
 * whoever comes to its next one waits there. --hold: says "held" in a line of its own, and goes on
 * after a line on stdin; ms is without that time.
 *
 * The caller is the process that is started; the worker is what it forked last and what has not
 * exec'ed. The programs that both start (mke2fs, e2fsck, modprobe) are neither traced nor killed.
 *
 * Two lines are printed: what happened, as name=value, and what the call wrote:
 *   killed   who was killed, and at what system call; "none" where the moment never came
 *   status   the caller's exit status, 128 + N for a signal
 *   ms       from the start to the caller's end
 *   eof_ms   from the caller's end to the end of its output, -1: somebody holds it open
 *   caller worker fork   system calls of each, and those of the caller before the fork (--count);
 *            the worker's up to its last message before the answer was written: what it does after
 *            that (libmount's table) no caller waits for
 *   mapped   the caller's before the worker's first write(2), which is the add string (--count)
 *   us fork_us           the same as time
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define THREADS_MAX 256
#define OPTIONS \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEFORK | PTRACE_O_TRACEEXEC)

enum victim { VICTIM_NONE, VICTIM_BOTH, VICTIM_CALLER, VICTIM_WORKER };
enum clock { CLOCK_NONE, CLOCK_TIME, CLOCK_CALLER, CLOCK_WORKER };

static struct {
	enum victim victim;
	enum clock clock;
	long moment;
	long delay;
	long timeout;
	bool count; /* the system calls of both */
	bool hold;
	long numbers[4]; /* of system calls, instead of a moment */
	size_t number_count;
} wanted = {.timeout = 60};

struct thread {
	pid_t tid;
	bool of_worker;
	bool inside;  /* a system call has been entered */
	bool forking; /* and it is the fork of the worker */
};

static struct {
	pid_t caller, worker;
	struct thread threads[THREADS_MAX];
	size_t thread_count;
	int64_t start;
	bool running; /* the command itself, after its exec */
	bool over;    /* killed: the rest runs untraced */
	long caller_calls, worker_calls, fork_calls;
	long worker_sent, worker_answered; /* its calls when it sent last; and before the answer */
	long mapped_calls;                 /* the caller's when it wrote first */
	int64_t fork_us, held_us;
	char killed[64];
	int status;
	bool ended;
	int64_t end;
} run;

static void die(const char *what)
{
	fprintf(stderr, "killer: %s: %s\n", what, strerror(errno));
	exit(2);
}

static int64_t now_us(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

static void pause_us(long us)
{
	struct timespec time = {.tv_sec = us / 1000000, .tv_nsec = us % 1000000 * 1000};

	nanosleep(&time, NULL);
}

static struct thread *thread_of(pid_t tid)
{
	for (size_t i = 0; i < run.thread_count; i++)
		if (run.threads[i].tid == tid)
			return &run.threads[i];
	return NULL;
}

/* The process that a thread belongs to. */
static pid_t group_of(pid_t tid)
{
	char path[64], line[256];
	int group = 0;
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/status", tid);
	file = fopen(path, "re");
	while (file && fgets(line, sizeof(line), file))
		if (sscanf(line, "Tgid: %d", &group) == 1)
			break;
	if (file)
		fclose(file);
	return group;
}

static struct thread *thread_add(pid_t tid)
{
	struct thread *thread;

	if (run.thread_count == THREADS_MAX) {
		errno = EMFILE;
		die("too many threads");
	}
	thread = &run.threads[run.thread_count++];
	*thread = (struct thread){.tid = tid, .of_worker = group_of(tid) != run.caller};
	if (!thread->of_worker)
		return thread;
	run.worker = tid;
	run.fork_calls = run.caller_calls;
	run.fork_us = now_us() - run.start;
	/* what there was to copy has been copied; who is no longer stopped does not say so */
	for (size_t i = 0; i < run.thread_count; i++)
		run.threads[i].forking = false;
	/* born while its caller was killed with it */
	if (run.over && wanted.victim == VICTIM_BOTH)
		kill(tid, SIGKILL);
	return thread;
}

static void kill_now(const char *at, long call)
{
	bool caller = wanted.victim == VICTIM_CALLER || wanted.victim == VICTIM_BOTH;
	bool worker = wanted.victim == VICTIM_WORKER || wanted.victim == VICTIM_BOTH;

	if (caller)
		kill(run.caller, SIGKILL);
	if (worker && run.worker)
		kill(run.worker, SIGKILL);
	run.over = true;
	if (!caller && !run.worker)
		return;
	snprintf(run.killed, sizeof(run.killed), "%s%s%s@%s:%ld", caller ? "caller" : "",
		 caller && worker && run.worker ? "+" : "", worker && run.worker ? "worker" : "",
		 at, call);
}

static void at_stop(pid_t tid, int status);

/* The caller has forked, and is stopped: it goes on when its worker has come to its first stop.
 * Which of them runs first is the scheduler's choice otherwise, and a moment of the caller's just
 * after its fork would find no worker yet. */
static void await_worker(pid_t caller)
{
	unsigned long born = 0;
	int status;

	if (ptrace(PTRACE_GETEVENTMSG, caller, NULL, &born) < 0)
		return;
	while (!thread_of((pid_t)born)) {
		if (waitpid((pid_t)born, &status, __WALL) != (pid_t)born || !WIFSTOPPED(status))
			return;
		at_stop((pid_t)born, status);
	}
}

/* Each system call costs two stops: only whose calls count is stopped at them, and who is to be
 * killed by time, until he has forked (see in_fork). */
static void resume(const struct thread *thread, int signal)
{
	bool counted = wanted.count ||
		       wanted.clock == (thread->of_worker ? CLOCK_WORKER : CLOCK_CALLER) ||
		       (wanted.clock == CLOCK_TIME && !run.fork_us);

	ptrace(counted && !run.over ? PTRACE_SYSCALL : PTRACE_CONT, thread->tid, NULL, signal);
}

static long number_of_call(pid_t tid)
{
	return ptrace(PTRACE_PEEKUSER, tid, offsetof(struct user, regs.orig_rax), NULL);
}

/* A SIGKILL that finds User-Mode-Linux 6.12 in the middle of a fork makes its kernel panic
 * (copy_process, mmput of the half copied memory, flush_tlb_mm):
 * before it and after it is fine. */
static bool is_fork(long number)
{
	return number == SYS_clone || number == SYS_clone3 || number == SYS_fork ||
	       number == SYS_vfork;
}

static bool in_fork(void)
{
	for (size_t i = 0; i < run.thread_count; i++)
		if (run.threads[i].forking)
			return true;
	return false;
}

/* At the entry of a system call: is this the moment? */
static bool is_moment(const struct thread *thread)
{
	long *calls = thread->of_worker ? &run.worker_calls : &run.caller_calls;
	enum clock clock = thread->of_worker ? CLOCK_WORKER : CLOCK_CALLER;
	long number;

	++*calls;
	if (!(wanted.victim || wanted.hold) || wanted.clock != clock)
		return false;
	if (!wanted.number_count)
		return *calls >= wanted.moment;
	number = number_of_call(thread->tid);
	for (size_t i = 0; i < wanted.number_count; i++)
		if (wanted.numbers[i] == number)
			return true;
	return false;
}

static void hold(void)
{
	int64_t start = now_us();
	char byte = 0;

	printf("held\n");
	fflush(stdout);
	while (byte != '\n' && read(0, &byte, 1) == 1)
		;
	snprintf(run.killed, sizeof(run.killed), "held");
	run.held_us = now_us() - start;
	run.over = true;
}

static void note_messages(const struct thread *thread)
{
	long number;

	if (!wanted.count || !thread->inside)
		return;
	number = number_of_call(thread->tid);
	if (thread->of_worker && number == SYS_sendto)
		run.worker_sent = run.worker_calls;
	else if (thread->of_worker && number == SYS_write && !run.mapped_calls)
		run.mapped_calls = run.caller_calls;
	else if (!thread->of_worker && number == SYS_write)
		run.worker_answered = run.worker_sent;
}

static void at_call(struct thread *thread)
{
	long number;

	thread->inside = !thread->inside;
	/* at both ends of it: a caller's first stop is the end of its exec */
	number = !run.worker && run.running ? number_of_call(thread->tid) : -1;
	thread->forking = is_fork(number);
	if (!thread->inside || !run.running || run.over || !is_moment(thread)) {
		note_messages(thread);
		resume(thread, 0);
		return;
	}
	if (wanted.hold) {
		hold();
		resume(thread, 0);
		return;
	}
	number = number_of_call(thread->tid);
	if (wanted.delay && !thread->forking) {
		resume(thread, 0);
		pause_us(wanted.delay);
	}
	kill_now(thread->of_worker ? "worker" : "caller", number);
	if (!wanted.delay || thread->forking)
		resume(thread, 0);
}

static void at_stop(pid_t tid, int status)
{
	struct thread *thread = thread_of(tid);
	int signal = WSTOPSIG(status), event = status >> 16;

	if (!thread)
		thread = thread_add(tid);
	if (event == PTRACE_EVENT_EXEC && tid == run.caller) {
		run.running = true;
		run.start = now_us();
	}
	if (event == PTRACE_EVENT_FORK && tid == run.caller)
		await_worker(tid);
	if (signal == (SIGTRAP | 0x80))
		at_call(thread);
	else
		resume(thread, event || signal == SIGTRAP ? 0 : signal);
}

static void at_end(pid_t tid, int status)
{
	struct thread *thread = thread_of(tid);

	if (thread)
		*thread = run.threads[--run.thread_count];
	if (tid == run.worker)
		run.worker = 0;
	if (tid != run.caller || run.ended)
		return;
	run.ended = true;
	run.end = now_us();
	run.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void collect(void)
{
	int status;
	pid_t tid;

	while ((tid = waitpid(-1, &status, __WALL | WNOHANG)) > 0) {
		if (WIFSTOPPED(status))
			at_stop(tid, status);
		else
			at_end(tid, status);
	}
}

static bool time_runs(void)
{
	return wanted.victim && wanted.clock == CLOCK_TIME && run.running && !run.over &&
	       (wanted.victim != VICTIM_WORKER || run.worker);
}

/* Microseconds until the moment. */
static int64_t time_left(void)
{
	int64_t from = wanted.victim == VICTIM_WORKER ? run.start + run.fork_us : run.start;

	return from + wanted.moment - now_us();
}

/* Until something happens, or the moment comes; a second at most. */
static void wait_a_while(const sigset_t *child)
{
	struct timespec time = {.tv_sec = 1};
	int64_t left;

	if (time_runs()) {
		left = time_left();
		if (left < 0)
			left = 0;
		if (left < 1000000)
			time = (struct timespec){.tv_nsec = left * 1000};
	}
	sigtimedwait(child, NULL, &time);
}

static void follow(const sigset_t *child)
{
	while (!run.ended) {
		collect();
		if (run.ended)
			return;
		if (time_runs() && time_left() <= 0 && !in_fork())
			kill_now("time", wanted.moment);
		if (run.running && now_us() - run.start - run.held_us > wanted.timeout * 1000000) {
			kill(run.caller, SIGKILL);
			snprintf(run.killed, sizeof(run.killed), "timeout");
			run.over = true;
			wanted.timeout += 5;
		}
		wait_a_while(child);
	}
}

static int start(char *argv[])
{
	int go[2], out[2];
	char byte;

	if (pipe2(go, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0)
		die("pipe");
	run.caller = fork();
	if (run.caller < 0)
		die("fork");
	if (run.caller == 0) {
		sigset_t none;

		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		close(go[1]);
		(void)!read(go[0], &byte, 1);
		dup2(out[1], 1);
		dup2(out[1], 2);
		execv(argv[0], argv);
		_exit(127);
	}
	if (ptrace(PTRACE_SEIZE, run.caller, NULL, OPTIONS) < 0)
		die("trace");
	close(go[0]);
	close(go[1]);
	close(out[1]);
	return out[0];
}

/* What was written, and how long after the caller's end the last writer let go: 2 s are waited. */
static void read_answer(int fd, char *to, size_t size, int64_t *ret_eof_ms)
{
	struct pollfd waiting = {.fd = fd, .events = POLLIN};
	size_t length = 0;
	ssize_t count = -1;

	run.over = true;
	while (length < size - 1 && count != 0 && now_us() - run.end < 2000000) {
		collect();
		if (poll(&waiting, 1, 10) <= 0)
			continue;
		count = read(fd, to + length, size - 1 - length);
		length += count > 0 ? (size_t)count : 0;
	}
	to[length] = '\0';
	*ret_eof_ms = count == 0 ? (now_us() - run.end) / 1000 : -1;
}

static void print(const char *answer, int64_t eof_ms)
{
	printf("killed=%s status=%d ms=%lld eof_ms=%lld caller=%ld worker=%ld fork=%ld "
	       "mapped=%ld us=%lld fork_us=%lld\n%s",
	       *run.killed ? run.killed : "none", run.status,
	       (long long)(run.end - run.start - run.held_us) / 1000, (long long)eof_ms,
	       run.caller_calls, run.worker_answered, run.fork_calls, run.mapped_calls,
	       (long long)(run.end - run.start), (long long)run.fork_us, answer);
}

static void usage(void)
{
	fprintf(stderr, "usage: killer [--victim both|caller|worker | --hold] "
			"[--at time:US|caller:N|worker:N|worker:#NUMBER,...] [--delay US] "
			"[--timeout S] [--count] -- COMMAND...\n");
	exit(2);
}

static long number(const char *text)
{
	char *end;
	long value;

	errno = 0;
	value = strtol(text, &end, 10);
	if (errno || *end || end == text || value < 0)
		usage();
	return value;
}

static void take_victim(const char *value)
{
	static const char *const names[] = {"none", "both", "caller", "worker"};

	for (int i = 1; i < 4; i++)
		if (strcmp(value, names[i]) == 0)
			wanted.victim = (enum victim)i;
	if (!wanted.victim)
		usage();
}

static void take_numbers(char *list)
{
	char *rest = list, *one;

	while ((one = strsep(&rest, ","))) {
		if (wanted.number_count == sizeof(wanted.numbers) / sizeof(wanted.numbers[0]))
			usage();
		wanted.numbers[wanted.number_count++] = number(one);
	}
}

static void take_moment(char *value)
{
	static const char *const names[] = {"", "time:", "caller:", "worker:"};

	for (int i = 1; i < 4; i++)
		if (strncmp(value, names[i], strlen(names[i])) == 0) {
			wanted.clock = (enum clock)i;
			value += strlen(names[i]);
			if (*value == '#')
				take_numbers(value + 1);
			else
				wanted.moment = number(value);
			return;
		}
	if (!wanted.clock)
		usage();
}

static char **take_options(char *argv[])
{
	char **at = argv + 1;

	for (; *at && strcmp(*at, "--") != 0; at++) {
		wanted.count = wanted.count || strcmp(*at, "--count") == 0;
		wanted.hold = wanted.hold || strcmp(*at, "--hold") == 0;
		if (strcmp(*at, "--count") == 0 || strcmp(*at, "--hold") == 0)
			continue;
		if (!at[1])
			usage();
		if (strcmp(*at, "--victim") == 0)
			take_victim(at[1]);
		else if (strcmp(*at, "--at") == 0)
			take_moment(at[1]);
		else if (strcmp(*at, "--delay") == 0)
			wanted.delay = number(at[1]);
		else if (strcmp(*at, "--timeout") == 0)
			wanted.timeout = number(at[1]);
		else
			usage();
		at++;
	}
	if (!*at || !at[1] || ((wanted.victim || wanted.hold) && !wanted.clock))
		usage();
	return at + 1;
}

int main(int argc, char *argv[])
{
	static char answer[65536];
	char **command = take_options(argv);
	int64_t eof_ms;
	sigset_t child;
	int out;

	(void)argc;
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	run.start = now_us();
	out = start(command);
	follow(&child);
	read_answer(out, answer, sizeof(answer), &eof_ms);
	print(answer, eof_ms);
	return 0; /* whoever is still traced goes on alone */
}
