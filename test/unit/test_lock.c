/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/time.h>
#include <sys/wait.h>

#include "base/lock.h"
#include "base/path.h"

static char *scratch;

static int root_in_scratch(void **state)
{
	scratch = scratch_make();
	path_set_root(scratch);
	return 0;
}

static int root_back(void **state)
{
	path_set_root(NULL);
	scratch_remove(scratch);
	return 0;
}

/* A process that takes the lock, notes what it is at, and keeps it for so long (-1: until it is
 * killed). It has the lock when this returns. */
static pid_t holder_start(const char *name, int64_t milliseconds)
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct error error = {0};
		int fd = lock_take(name, deadline_in(5000), &error);

		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		if (fd < 0)
			_exit(1);
		lock_note(fd, "mapping %s", "kube/db");
		(void)!write(ready[1], "x", 1);
		if (milliseconds < 0)
			pause();
		usleep((useconds_t)(milliseconds * 1000));
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	return pid;
}

static void end(pid_t pid)
{
	(void)kill(pid, SIGKILL);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void a_free_lock_is_taken(void **state)
{
	struct error error = {0};
	int fd = lock_take("free", deadline_in(0), &error);

	assert_true(fd >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	assert_true(path_exists("/run/rbd-flexvolume/lock/free"));
	close(fd);
	fd = lock_try("free");
	assert_true(fd >= 0);
	close(fd);
	assert_true(path_exists("/run/rbd-flexvolume/lock/free"));
}

static void locks_are_apart(void **state)
{
	int first = lock_try("first"), second = lock_try("second");

	assert_true(first >= 0);
	assert_true(second >= 0);
	close(first);
	close(second);
}

static void a_held_lock_names_its_holder(void **state)
{
	pid_t holder = holder_start("held", -1);
	struct error error = {0};
	int64_t before = deadline_now();
	char expected[64];

	assert_int_equal(lock_take("held", deadline_in(200), &error), -EBUSY);
	assert_in_range(deadline_now() - before, 199, 10000);
	assert_int_equal(error.code, -EBUSY);
	(void)snprintf(expected, sizeof(expected), "pid %d: mapping kube/db", holder);
	assert_contains(error.text, expected);
	assert_true(*error.advice);
	end(holder);
}

/* A child that goes on with the lock of its parent, which has gone. */
static pid_t heir_start(const char *name, const char *called)
{
	int ready[2];
	pid_t parent, heir;

	assert_int_equal(pipe(ready), 0);
	parent = fork();
	assert_true(parent >= 0);
	if (parent == 0) {
		struct error error = {0};
		int fd = lock_take(name, deadline_in(5000), &error);

		lock_note(fd, "checking kube/db");
		heir = fork();
		if (heir == 0) {
			(void)prctl(PR_SET_NAME, called);
			heir = getpid();
			(void)!write(ready[1], &heir, sizeof(heir));
			sleep(20);
		}
		_exit(0);
	}
	close(ready[1]);
	assert_int_equal(waitpid(parent, NULL, 0), parent);
	assert_int_equal(read(ready[0], &heir, sizeof(heir)), sizeof(heir));
	close(ready[0]);
	return heir;
}

static void a_lock_that_outlived_its_taker_names_who_has_it(void **state)
{
	char proc[PATH_MAX], expected[64];
	struct error error = {0};
	pid_t heir, waiting;

	assert_int_equal(path_format(proc, "/proc"), 0);
	assert_int_equal(symlink("/proc", proc), 0);
	heir = heir_start("left", "e2fsck");
	/* one that waits too has the file open, and is not meant */
	waiting = fork();
	if (waiting == 0) {
		(void)lock_take("left", deadline_in(5000), &error);
		_exit(0);
	}
	usleep(50000);
	assert_int_equal(lock_take("left", deadline_in(100), &error), -EBUSY);
	(void)snprintf(expected, sizeof(expected), "pid %d (e2fsck): checking kube/db", heir);
	assert_contains(error.text, expected);
	end(waiting);
	(void)kill(heir, SIGKILL);
	(void)unlink(proc);
}

static void a_try_does_not_wait(void **state)
{
	pid_t holder = holder_start("tried", -1);
	int64_t before = deadline_now();
	int fd;

	assert_int_equal(lock_try("tried"), -EBUSY);
	assert_true(deadline_now() - before < 10000);
	end(holder);
	fd = lock_try("tried");
	assert_true(fd >= 0);
	close(fd);
}

static void a_deadline_that_has_passed(void **state)
{
	pid_t holder = holder_start("late", -1);
	struct error error = {0};
	int64_t before = deadline_now();

	assert_int_equal(lock_take("late", deadline_in(-1000), &error), -EBUSY);
	assert_true(deadline_now() - before < 10000);
	end(holder);
}

static void who_waits_gets_it_at_once(void **state)
{
	/* from before the holder has it: only so it holds it as long as is demanded below */
	int64_t before = deadline_now();
	pid_t holder = holder_start("awaited", 300);
	struct error error = {0};
	int fd = lock_take("awaited", deadline_in(20000), &error);

	assert_true(fd >= 0);
	assert_in_range(deadline_now() - before, 299, 10000);
	assert_int_equal(error.code, 0);
	close(fd);
	assert_int_equal(waitpid(holder, NULL, 0), holder);
}

static void the_dead_hold_nothing(void **state)
{
	pid_t holder = holder_start("dead", -1);
	struct error error = {0};
	int fd;

	end(holder);
	fd = lock_take("dead", deadline_in(0), &error);
	assert_true(fd >= 0);
	close(fd);
}

static void all_sharers_must_end(void **state)
{
	struct error error = {0};
	int fd = lock_take("shared", deadline_in(0), &error);
	pid_t sharer;

	assert_true(fd >= 0);
	sharer = fork();
	assert_true(sharer >= 0);
	if (sharer == 0) {
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	close(fd);
	assert_int_equal(lock_try("shared"), -EBUSY);
	end(sharer);
	fd = lock_try("shared");
	assert_true(fd >= 0);
	close(fd);
}

static void a_new_note_replaces_the_old(void **state)
{
	struct error error = {0};
	int fd = lock_try("noted");
	char expected[64];

	assert_true(fd >= 0);
	lock_note(fd, "a long note about %s", "the beginning of all");
	lock_note(fd, "mkfs");
	assert_int_equal(lock_take("noted", deadline_in(0), &error), -EBUSY);
	(void)snprintf(expected, sizeof(expected), "pid %d: mkfs is still", getpid());
	assert_contains(error.text, expected);
	close(fd);
}

static void a_holder_without_a_note(void **state)
{
	struct error error = {0};
	int fd = lock_try("silent");

	assert_true(fd >= 0);
	assert_int_equal(lock_take("silent", deadline_in(0), &error), -EBUSY);
	assert_contains(error.text, "another call");
	close(fd);
}

static volatile sig_atomic_t alarms;

static void count_alarm(int signal_number)
{
	(void)signal_number;
	alarms++;
}

static void the_alarm_is_given_back(void **state)
{
	pid_t holder = holder_start("alarmed", -1);
	struct sigaction ours = {.sa_handler = count_alarm}, after;
	struct itimerval timer;
	struct error error = {0};

	assert_int_equal(sigaction(SIGALRM, &ours, NULL), 0);
	assert_int_equal(lock_take("alarmed", deadline_in(50), &error), -EBUSY);
	assert_int_equal(sigaction(SIGALRM, NULL, &after), 0);
	assert_ptr_equal(after.sa_handler, count_alarm);
	assert_int_equal(getitimer(ITIMER_REAL, &timer), 0);
	assert_int_equal(timer.it_value.tv_sec, 0);
	assert_int_equal(timer.it_value.tv_usec, 0);
	usleep(50000);
	assert_int_equal(alarms, 0);
	end(holder);
}

static void a_link_in_its_place(void **state)
{
	char path[PATH_MAX];
	struct error error = {0};

	assert_int_equal(path_make_directories(0700, "/run/rbd-flexvolume/lock"), 0);
	assert_int_equal(path_format(path, "/run/rbd-flexvolume/lock/link"), 0);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(lock_take("link", deadline_in(0), &error), -ELOOP);
	assert_contains(error.text, "link");
	assert_int_equal(lock_try("link"), -ELOOP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("a free lock is taken, and its file stays", a_free_lock_is_taken),
		UNIT("locks of different names are apart", locks_are_apart),
		UNIT("who waits in vain learns who holds the lock and what it is at",
		     a_held_lock_names_its_holder),
		UNIT("a lock that outlived its taker names who has it",
		     a_lock_that_outlived_its_taker_names_who_has_it),
		UNIT("a try does not wait", a_try_does_not_wait),
		UNIT("a deadline that has passed is not waited for", a_deadline_that_has_passed),
		UNIT("who waits gets the lock as soon as it is free", who_waits_gets_it_at_once),
		UNIT("a killed holder holds nothing", the_dead_hold_nothing),
		UNIT("a shared lock is free when the last sharer has ended", all_sharers_must_end),
		UNIT("a new note replaces the old one", a_new_note_replaces_the_old),
		UNIT("a holder without a note is another call", a_holder_without_a_note),
		UNIT("waiting leaves the process's alarm as it was", the_alarm_is_given_back),
		UNIT("a symbolic link is not taken for a lock", a_link_in_its_place),
	};

	return cmocka_run_group_tests_name("lock", tests, root_in_scratch, root_back);
}
