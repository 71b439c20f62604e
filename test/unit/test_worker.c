/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/lock.h"
#include "base/path.h"
#include "base/worker.h"

/* What a worker leaves for the test to see, also after its end. */
struct seen {
	volatile pid_t worker;
	volatile int steps;
	volatile int abandoned;
	volatile int caller_lives;
	volatile int go_on; /* the test's word to a step that waits for it */
};

static struct seen *seen;
static char *scratch;

static int begin(void **state)
{
	/* workers whose caller died become children of the test, which waits for their end */
	assert_int_equal(prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
	scratch = scratch_make();
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_ptr_not_equal(seen, MAP_FAILED);
	return 0;
}

static int finish(void **state)
{
	(void)munmap(seen, sizeof(*seen));
	scratch_remove(scratch);
	return 0;
}

static int nothing_seen(void **state)
{
	memset(seen, 0, sizeof(*seen));
	return 0;
}

/* A test must not leave a worker behind, whatever became of it. */
static int no_children(void **state)
{
	int left = 0;

	while (waitpid(-1, NULL, WNOHANG) == 0) {
		struct deadline soon = deadline_in(5000);
		bool gone = false;

		while (!gone && !deadline_passed(soon)) {
			deadline_pause(5, soon);
			gone = waitpid(-1, NULL, WNOHANG) != 0;
		}
		if (gone)
			continue;
		left = 1;
		break;
	}
	return left ? -1 : 0;
}

static void note_abandoned(void *state)
{
	seen->caller_lives = worker_caller_lives();
	seen->abandoned++;
}

static struct worker *start(void *state, int keep_fd)
{
	struct worker_setup setup = {
		.state = state, .keep_fd = keep_fd, .abandoned = note_abandoned};
	struct error error = {0};
	struct worker *worker = NULL;

	assert_int_equal(worker_start(&setup, &worker, &error), 0);
	assert_non_null(worker);
	return worker;
}

static int call(struct worker *worker, worker_step step, int64_t milliseconds, struct error *error)
{
	return worker_call(worker, step, NULL, 0, NULL, 0, deadline_in(milliseconds), error);
}

static void stop_and_wait(struct worker *worker)
{
	pid_t pid = worker_pid(worker);
	int status;

	worker_stop(worker);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int add_one(void *state, const void *in, void *out, struct error *error)
{
	*(int *)out = *(const int *)in + 1;
	return 7;
}

static void a_step_answers(void **state)
{
	struct worker *worker = start(NULL, -1);
	struct error error = {0};
	int in = 41, out = 0;

	assert_true(worker_pid(worker) > 0);
	assert_int_not_equal(worker_pid(worker), getpid());
	for (; in < 51; in++) {
		assert_int_equal(worker_call(worker, add_one, &in, sizeof(in), &out, sizeof(out),
					     deadline_in(10000), &error),
				 7);
		assert_int_equal(out, in + 1);
	}
	stop_and_wait(worker);
}

static int turn_round(void *state, const void *in, void *out, struct error *error)
{
	for (size_t i = 0; i < WORKER_MESSAGE_MAX; i++)
		((unsigned char *)out)[i] = ((const unsigned char *)in)[WORKER_MESSAGE_MAX - 1 - i];
	return 0;
}

static void the_largest_message(void **state)
{
	static unsigned char in[WORKER_MESSAGE_MAX], out[WORKER_MESSAGE_MAX];
	struct worker *worker = start(NULL, -1);
	struct error error = {0};

	for (size_t i = 0; i < sizeof(in); i++)
		in[i] = (unsigned char)(i * 7 + i / 256);
	assert_int_equal(worker_call(worker, turn_round, in, sizeof(in), out, sizeof(out),
				     deadline_in(10000), &error),
			 0);
	for (size_t i = 0; i < sizeof(in); i++)
		assert_int_equal(out[i], in[sizeof(in) - 1 - i]);
	assert_int_equal(worker_call(worker, turn_round, in, sizeof(in) + 1, out, sizeof(out),
				     deadline_in(10000), &error),
			 -EMSGSIZE);
	assert_int_equal(worker_call(worker, turn_round, in, sizeof(in), out, sizeof(out) + 1,
				     deadline_in(10000), &error),
			 -EMSGSIZE);
	/* it was not sent, and the worker is whole */
	assert_int_equal(worker_call(worker, turn_round, in, sizeof(in), out, sizeof(out),
				     deadline_in(10000), &error),
			 0);
	stop_and_wait(worker);
}

static int fail_with_words(void *state, const void *in, void *out, struct error *error)
{
	error_set(error, -ENXIO, "map image %s", "kube/db");
	return error_advise(error, "disable journaling");
}

static void a_failure_is_said(void **state)
{
	struct worker *worker = start(NULL, -1);
	struct error error = {0};
	int in = 1, out;

	assert_int_equal(call(worker, fail_with_words, 10000, &error), -ENXIO);
	assert_int_equal(error.code, -ENXIO);
	assert_string_equal(error.text, "map image kube/db");
	assert_string_equal(error.advice, "disable journaling");
	/* a failed step is no failed worker */
	assert_int_equal(worker_call(worker, add_one, &in, sizeof(in), &out, sizeof(out),
				     deadline_in(10000), &error),
			 7);
	stop_and_wait(worker);
	assert_int_equal(seen->abandoned, 0);
}

static int count_in_state(void *state, const void *in, void *out, struct error *error)
{
	return ++*(int *)state;
}

static void the_state_is_a_twin(void **state)
{
	int number = 10;
	struct worker *worker = start(&number, -1);
	struct error error = {0};

	number = 100;
	assert_int_equal(call(worker, count_in_state, 10000, &error), 11);
	assert_int_equal(call(worker, count_in_state, 10000, &error), 12);
	assert_int_equal(number, 100);
	stop_and_wait(worker);
}

static const char *where_in_was;

static int remember_in(void *state, const void *in, void *out, struct error *error)
{
	where_in_was = in;
	return memcmp(in, "secret key", 10) == 0 ? 0 : -EINVAL;
}

static int look_again(void *state, const void *in, void *out, struct error *error)
{
	for (size_t i = 0; i < 10; i++) {
		if (where_in_was[i])
			return 1;
	}
	return 0;
}

static void secrets_are_wiped(void **state)
{
	struct worker *worker = start(NULL, -1);
	struct error error = {0};

	assert_int_equal(worker_call(worker, remember_in, "secret key", 10, NULL, 0,
				     deadline_in(10000), &error),
			 0);
	assert_int_equal(call(worker, look_again, 10000, &error), 0);
	stop_and_wait(worker);
}

/* Waits until the test says so, as a write to sysfs may. */
static int wait_for_word(void *state, const void *in, void *out, struct error *error)
{
	seen->steps++;
	while (!seen->go_on)
		deadline_pause(5, deadline_in(1000));
	seen->caller_lives = worker_caller_lives();
	return 0;
}

static void the_deadline_gives_up(void **state)
{
	struct worker *worker = start(NULL, -1);
	struct error error = {0};
	int64_t before = deadline_now();
	pid_t pid = worker_pid(worker);
	char expected[32];
	int status;

	assert_int_equal(call(worker, wait_for_word, 200, &error), -ETIMEDOUT);
	assert_in_range(deadline_now() - before, 199, 3000);
	assert_int_equal(error.code, -ETIMEDOUT);
	(void)snprintf(expected, sizeof(expected), "pid %d", pid);
	assert_contains(error.text, expected);
	/* it still runs, nobody killed it, and it takes no more */
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	assert_int_equal(call(worker, count_in_state, 10000, &error), -EPIPE);
	assert_int_equal(call(worker, count_in_state, 10000, &error), -EPIPE);
	worker_stop(worker);
	assert_int_equal(seen->abandoned, 0);
	seen->go_on = 1;
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(seen->caller_lives, 0);
	assert_int_equal(seen->abandoned, 1);
}

static int end_by_force(void *state, const void *in, void *out, struct error *error)
{
	(void)kill(getpid(), SIGKILL);
	return 0;
}

static void a_worker_that_dies_at_work(void **state)
{
	struct worker *worker = start(NULL, -1);
	pid_t pid = worker_pid(worker);
	struct error error = {0};

	assert_int_equal(call(worker, end_by_force, 10000, &error), -EPIPE);
	assert_int_equal(error.code, -EPIPE);
	assert_contains(error.text, "worker");
	assert_int_equal(call(worker, count_in_state, 10000, &error), -EPIPE);
	worker_stop(worker);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(seen->abandoned, 0);
}

static void a_worker_that_died_idle(void **state)
{
	struct worker *worker = start(NULL, -1);
	pid_t pid = worker_pid(worker);
	struct error error = {0};

	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_int_equal(call(worker, count_in_state, 10000, &error), -EPIPE);
	assert_int_equal(error.code, -EPIPE);
	worker_stop(worker);
}

static void stopped_in_good_order(void **state)
{
	int number = 0;
	struct worker *worker = start(&number, -1);
	struct error error = {0};

	assert_int_equal(call(worker, count_in_state, 10000, &error), 1);
	stop_and_wait(worker);
	assert_int_equal(seen->abandoned, 0);
	stop_and_wait(start(NULL, -1));
	assert_int_equal(seen->abandoned, 0);
	worker_stop(NULL);
}

/* A caller of its own, which starts a worker, has it do a step, and is killed. */
static pid_t caller_start(worker_step step, int lock)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		struct worker *worker = start(NULL, lock);
		struct error error = {0};

		seen->worker = worker_pid(worker);
		if (step)
			(void)call(worker, step, 60000, &error);
		else
			pause();
		_exit(0);
	}
	return pid;
}

static void a_caller_that_dies(void **state)
{
	pid_t caller = caller_start(NULL, -1);
	int status;

	assert_eventually(seen->worker);
	assert_int_equal(kill(caller, SIGKILL), 0);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	assert_int_equal(waitpid(seen->worker, &status, 0), seen->worker);
	assert_true(WIFEXITED(status));
	assert_int_equal(seen->abandoned, 1);
	assert_int_equal(seen->caller_lives, 0);
}

static void a_caller_that_dies_during_a_step(void **state)
{
	struct error error = {0};
	pid_t caller;
	int lock, status;

	path_set_root(scratch);
	lock = lock_take("image", deadline_in(0), &error);
	assert_true(lock >= 0);
	caller = caller_start(wait_for_word, lock);
	close(lock);
	assert_eventually(seen->steps);
	assert_int_equal(kill(caller, SIGKILL), 0);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	/* the step goes on, with the lock, and then what is half done is made safe */
	assert_int_equal(lock_try("image"), -EBUSY);
	assert_int_equal(waitpid(seen->worker, NULL, WNOHANG), 0);
	assert_int_equal(seen->abandoned, 0);
	seen->go_on = 1;
	assert_int_equal(waitpid(seen->worker, &status, 0), seen->worker);
	assert_true(WIFEXITED(status));
	assert_int_equal(seen->abandoned, 1);
	assert_int_equal(seen->caller_lives, 0);
	lock = lock_try("image");
	assert_true(lock >= 0);
	close(lock);
	path_set_root(NULL);
}

static int caller_lives(void *state, const void *in, void *out, struct error *error)
{
	return worker_caller_lives();
}

static void signals_to_the_callers_group(void **state)
{
	int status;
	pid_t caller = fork();

	assert_true(caller >= 0);
	if (caller == 0) {
		(void)setpgid(0, 0);
		struct worker *worker = start(NULL, -1);
		struct error error = {0};

		/* it is about its own now */
		(void)call(worker, caller_lives, 10000, &error);
		seen->worker = worker_pid(worker);
		pause();
		_exit(0);
	}
	assert_eventually(seen->worker);
	/* as the kubelet's timeout and a person's Ctrl-C do */
	assert_int_equal(kill(-caller, SIGINT), 0);
	assert_int_equal(waitpid(caller, NULL, 0), caller);
	assert_int_equal(waitpid(seen->worker, &status, 0), seen->worker);
	assert_true(WIFEXITED(status));
	assert_int_equal(seen->abandoned, 1);
}

static int is_open(void *state, const void *in, void *out, struct error *error)
{
	return fcntl(*(const int *)in, F_GETFD) >= 0;
}

static int open_descriptors(void *state, const void *in, void *out, struct error *error)
{
	int count = 0;

	for (int fd = 3; fd < 1024; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

static int ask_open(struct worker *worker, int fd)
{
	struct error error = {0};

	return worker_call(worker, is_open, &fd, sizeof(fd), NULL, 0, deadline_in(10000), &error);
}

static void only_the_lock_is_kept(void **state)
{
	struct error error = {0};
	struct worker *worker;
	int answer[2], before = open("/dev/null", O_RDONLY), lock, after;
	char byte;

	assert_int_equal(pipe(answer), 0);
	path_set_root(scratch);
	lock = lock_try("image");
	path_set_root(NULL);
	after = open("/dev/null", O_RDONLY);
	assert_true(before >= 0 && lock >= 0 && after >= 0);
	/* one far away, as a caller may have with many open */
	assert_int_equal(fcntl(after, F_DUPFD, 900), 900);
	worker = start(NULL, lock);
	assert_int_equal(ask_open(worker, before), 0);
	assert_int_equal(ask_open(worker, answer[0]), 0);
	assert_int_equal(ask_open(worker, answer[1]), 0);
	assert_int_equal(ask_open(worker, lock), 1);
	assert_int_equal(ask_open(worker, after), 0);
	assert_int_equal(ask_open(worker, 900), 0);
	/* the lock, and the socket to the caller */
	assert_int_equal(call(worker, open_descriptors, 10000, &error), 2);
	/* who reads the caller's answer comes to its end while the worker lives */
	close(answer[1]);
	assert_int_equal(read(answer[0], &byte, 1), 0);
	stop_and_wait(worker);
	close(answer[0]);
	close(before);
	close(lock);
	close(after);
	close(900);
}

static void without_a_lock_nothing_is_kept(void **state)
{
	struct error error = {0};
	int other = open("/dev/null", O_RDONLY);
	struct worker *worker = start(NULL, -1);

	assert_int_equal(call(worker, open_descriptors, 10000, &error), 1);
	stop_and_wait(worker);
	close(other);
}

static int quick(void *state, const void *in, void *out, struct error *error)
{
	seen->steps += *(const int *)in;
	return 0;
}

static int waits_for_the_test(void *state, const void *in, void *out, struct error *error)
{
	while (!seen->go_on)
		deadline_pause(2, deadline_in(1000));
	seen->steps += *(const int *)in;
	return 0;
}

static void a_last_step_is_not_waited_for(void **state)
{
	struct error error = {0};
	const int in = 7;

	for (int i = 1; i <= 20; i++) {
		const bool slow = i % 2;
		struct worker *worker = start(NULL, -1);

		seen->go_on = 0;
		worker_last(worker, slow ? waits_for_the_test : quick, &in, sizeof(in));
		assert_int_equal(call(worker, caller_lives, 1000, &error), -EPIPE);
		if (slow)
			assert_int_equal(seen->steps, (i - 1) * 7);
		seen->go_on = 1;
		stop_and_wait(worker);
		assert_int_equal(seen->steps, i * 7);
	}
	/* that is an end in good order */
	assert_int_equal(seen->abandoned, 0);
}

static void who_waits_is_known(void **state)
{
	struct worker *worker = start(NULL, -1);
	struct error error = {0};

	assert_int_equal(call(worker, caller_lives, 10000, &error), 1);
	stop_and_wait(worker);
	assert_true(worker_caller_lives());
}

#define WORKER_UNIT(sentence, function)                             \
	{                                                           \
		sentence, function, nothing_seen, no_children, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WORKER_UNIT("a step's result and answer come back, time after time",
			    a_step_answers),
		WORKER_UNIT("the largest message passes and a larger one is not sent",
			    the_largest_message),
		WORKER_UNIT("a step's failure comes back with its words and advice",
			    a_failure_is_said),
		WORKER_UNIT("the worker's state is a twin of the caller's", the_state_is_a_twin),
		WORKER_UNIT("what a step was given is wiped after it", secrets_are_wiped),
		WORKER_UNIT("a step that takes too long is given up, and the worker sees to itself",
			    the_deadline_gives_up),
		WORKER_UNIT("a worker killed at work is EPIPE, now and later",
			    a_worker_that_dies_at_work),
		WORKER_UNIT("a worker killed while idle is EPIPE", a_worker_that_died_idle),
		WORKER_UNIT("a stopped worker ends without being abandoned", stopped_in_good_order),
		WORKER_UNIT("an idle worker whose caller is killed is abandoned",
			    a_caller_that_dies),
		WORKER_UNIT("a worker whose caller is killed ends its step first, with the lock",
			    a_caller_that_dies_during_a_step),
		WORKER_UNIT("a signal to the caller's process group leaves the worker alone",
			    signals_to_the_callers_group),
		WORKER_UNIT("a worker has no descriptor of its caller but the lock",
			    only_the_lock_is_kept),
		WORKER_UNIT("a worker without a lock has no descriptor of its caller",
			    without_a_lock_nothing_is_kept),
		WORKER_UNIT("a last step is done while nobody waits, and is no abandoning",
			    a_last_step_is_not_waited_for),
		WORKER_UNIT("a step can ask whether its caller waits", who_waits_is_known),
	};

	return cmocka_run_group_tests_name("worker", tests, begin, finish);
}
