/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

#include "base/lock.h"
#include "base/path.h"

static char *scratch;

static int scratch_begin(void **state)
{
	scratch = scratch_make();
	return 0;
}

static int scratch_end(void **state)
{
	scratch_remove(scratch);
	return 0;
}

static struct spawn_result result;
static struct error error;

/* The children of these tests are shell scripts; the driver's never are. */
static int run_script(const char *script, int64_t milliseconds, bool never_kill, int keep)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const struct spawn spawn = {.argv = argv,
				    .keep = &keep,
				    .keep_count = keep >= 0 ? 1 : 0,
				    .deadline = deadline_in(milliseconds),
				    .never_kill = never_kill};

	memset(&error, 0, sizeof(error));
	return spawn_run(&spawn, &result, &error);
}

static int script(const char *words)
{
	return run_script(words, 20000, false, -1);
}

static bool exists(const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	return access(path, F_OK) == 0;
}

static void exit_codes(void **state)
{
	assert_int_equal(script("exit 0"), 0);
	assert_int_equal(result.exit_code, 0);
	assert_int_equal(script("exit 4"), 0);
	assert_int_equal(result.exit_code, 4);
	assert_int_equal(script("exit 255"), 0);
	assert_int_equal(result.exit_code, 255);
	assert_int_equal(script("kill -KILL $$"), 0);
	assert_int_equal(result.exit_code, 128 + SIGKILL);
	assert_int_equal(error.code, 0);
}

static void both_outputs(void **state)
{
	assert_int_equal(script("echo out; echo err >&2"), 0);
	assert_string_equal(result.output, "out err");
	assert_int_equal(script(":"), 0);
	assert_string_equal(result.output, "");
}

static void no_control_characters(void **state)
{
	assert_int_equal(script("printf 'a\\033[31mb\\r\\n\\tc\\007\\n\\n'"), 0);
	assert_string_equal(result.output, "a [31mb   c");
}

static void the_end_of_much(void **state)
{
	assert_int_equal(script("i=0; while [ $i -lt 30000 ]; do echo 0123456789; i=$((i+1)); done;"
				"printf 'the end'"),
			 0);
	assert_int_equal(result.exit_code, 0);
	assert_int_equal(strlen(result.output), sizeof(result.output) - 1);
	assert_string_equal(result.output + sizeof(result.output) - 1 - 18, "0123456789 the end");
}

static void the_beginning_of_what_never_ends(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo first; while :; do echo 0123456789; done",
				    NULL};
	const struct spawn spawn = {
		.argv = argv, .deadline = deadline_in(20000), .beginning = true};

	memset(&error, 0, sizeof(error));
	assert_int_equal(spawn_run(&spawn, &result, &error), 0);
	assert_int_equal(result.exit_code, 128 + SIGPIPE);
	assert_int_equal(strlen(result.output), sizeof(result.output) - 1);
	assert_int_equal(strncmp(result.output, "first 0123456789 ", 17), 0);
}

static void the_beginning_may_be_all(void **state)
{
	const char *const argv[] = {"sh", "-c", "echo all; exit 3", NULL};
	const struct spawn spawn = {
		.argv = argv, .deadline = deadline_in(20000), .beginning = true};

	assert_int_equal(spawn_run(&spawn, &result, &error), 0);
	assert_int_equal(result.exit_code, 3);
	assert_string_equal(result.output, "all");
}

static void is_there(void **state)
{
	assert_true(spawn_can("sh"));
	assert_false(spawn_can("no-such-program"));
}

static void no_such_program(void **state)
{
	const char *const argv[] = {"rbd-flexvolume-no-such-program", NULL};
	struct spawn spawn = {.argv = argv, .deadline = deadline_in(5000)};

	assert_int_equal(spawn_run(&spawn, &result, &error), -ENOENT);
	assert_int_equal(error.code, -ENOENT);
	assert_contains(error.text, argv[0]);
	spawn.argv = (const char *const[]){"/nowhere/program", NULL};
	assert_int_equal(spawn_run(&spawn, &result, &error), -ENOENT);
	assert_contains(error.text, "/nowhere/program");
}

static void not_a_program(void **state)
{
	const char *const argv[] = {"/etc/passwd", NULL};
	struct spawn spawn = {.argv = argv, .deadline = deadline_in(5000)};

	assert_int_equal(spawn_run(&spawn, &result, &error), -EACCES);
	assert_contains(error.text, "/etc/passwd");
}

static void the_callers_path_is_nothing(void **state)
{
	const char *const argv[] = {"only-here", NULL};
	struct spawn spawn = {.argv = argv, .deadline = deadline_in(5000)};
	char *before = strdup(getenv("PATH") ?: "");
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/only-here", scratch);
	fd = open(path, O_WRONLY | O_CREAT, 0700);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, "#!/bin/sh\n", 10), 10);
	close(fd);
	assert_int_equal(setenv("PATH", scratch, 1), 0);
	assert_int_equal(spawn_run(&spawn, &result, &error), -ENOENT);
	assert_int_equal(setenv("RBD_FLEXVOLUME_SPAWN_TEST", "leaked", 1), 0);
	assert_int_equal(script("echo $PATH; echo $RBD_FLEXVOLUME_SPAWN_TEST"), 0);
	assert_int_equal(setenv("PATH", before, 1), 0);
	free(before);
	assert_null(strstr(result.output, scratch));
	assert_null(strstr(result.output, "leaked"));
	/* by its path it can be run */
	spawn.argv = (const char *const[]){path, NULL};
	assert_int_equal(spawn_run(&spawn, &result, &error), 0);
	assert_int_equal(result.exit_code, 0);
}

static void stdin_is_nothing(void **state)
{
	assert_int_equal(script("cat; readlink /proc/self/fd/0"), 0);
	assert_string_equal(result.output, "/dev/null");
}

static void kept_descriptors(void **state)
{
	int kept = open(scratch, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	int hidden = open(scratch, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
	char words[200], bytes[8] = "";

	assert_true(kept >= 0 && hidden >= 0);
	(void)snprintf(words, sizeof(words), "echo kept >&%d; [ -e /proc/self/fd/%d ] && echo seen",
		       kept, hidden);
	assert_int_equal(run_script(words, 20000, false, kept), 0);
	assert_string_equal(result.output, "");
	assert_int_equal(pread(kept, bytes, 5, 0), 5);
	assert_string_equal(bytes, "kept\n");
	/* for the caller's next child it is closed as before */
	assert_true(fcntl(kept, F_GETFD) & FD_CLOEXEC);
	close(kept);
	close(hidden);
}

static void signals_are_standard(void **state)
{
	sigset_t blocked, before;

	assert_int_equal(sigemptyset(&blocked), 0);
	assert_int_equal(sigaddset(&blocked, SIGTERM), 0);
	assert_int_equal(sigprocmask(SIG_BLOCK, &blocked, &before), 0);
	assert_ptr_not_equal(signal(SIGHUP, SIG_IGN), SIG_ERR);
	assert_int_equal(script("kill -TERM $$; echo alive"), 0);
	assert_int_equal(result.exit_code, 128 + SIGTERM);
	assert_int_equal(script("kill -HUP $$; echo alive"), 0);
	assert_int_equal(result.exit_code, 128 + SIGHUP);
	(void)signal(SIGHUP, SIG_DFL);
	assert_int_equal(sigprocmask(SIG_SETMASK, &before, NULL), 0);
}

static void ended_at_the_deadline(void **state)
{
	int64_t before = deadline_now();

	assert_int_equal(run_script("echo begun; exec sleep 60", 1000, false, -1), -ETIMEDOUT);
	assert_in_range(deadline_now() - before, 999, 10000);
	assert_int_equal(error.code, -ETIMEDOUT);
	assert_contains(error.text, "sh");
	assert_string_equal(result.output, "begun");
	/* it is gone and was waited for */
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void ended_although_it_refuses(void **state)
{
	int64_t before = deadline_now();

	assert_int_equal(run_script("trap '' TERM; exec sleep 60", 300, false, -1), -ETIMEDOUT);
	assert_in_range(deadline_now() - before, 299, 10000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void ended_with_its_output_closed(void **state)
{
	int64_t before = deadline_now();

	assert_int_equal(run_script("exec >&- 2>&-; exec sleep 60", 300, false, -1), -ETIMEDOUT);
	assert_in_range(deadline_now() - before, 299, 10000);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

static void make(const char *name)
{
	char path[PATH_MAX];
	int fd;

	(void)snprintf(path, sizeof(path), "%s/%s", scratch, name);
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	close(fd);
}

/* As fsck does, it goes on saying what it is at, to nobody; and the lock is its own. It ends only
 * when the test has made the file "go". */
static void goes_on_alone(void **state)
{
	char words[1000];
	int64_t before = deadline_now();
	int status, lock;

	path_set_root(scratch);
	lock = lock_try("image");
	path_set_root(NULL);
	assert_true(lock >= 0);
	(void)snprintf(words, sizeof(words),
		       "echo begun; until [ -e %s/go ]; do [ -d %s ] && sleep 0.05 || exit; done; "
		       "echo pass 2; echo pass 3 >&2; sleep 0.1; /bin/echo pass 4; : >%s/ended",
		       scratch, scratch, scratch);
	assert_int_equal(run_script(words, 1000, true, lock), -ETIMEDOUT);
	assert_in_range(deadline_now() - before, 999, 10000);
	assert_int_equal(error.code, -ETIMEDOUT);
	assert_contains(error.text, "pid");
	assert_string_equal(result.output, "begun");
	close(lock);
	path_set_root(scratch);
	assert_int_equal(lock_try("image"), -EBUSY);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), 0);
	make("go");
	assert_eventually(waitpid(-1, &status, WNOHANG) > 0);
	assert_true(exists("ended"));
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	lock = lock_try("image");
	path_set_root(NULL);
	assert_true(lock >= 0);
	close(lock);
}

static void is_not_killed_when_it_is_quick(void **state)
{
	assert_int_equal(run_script("echo clean; exit 1", 20000, true, -1), 0);
	assert_int_equal(result.exit_code, 1);
	assert_string_equal(result.output, "clean");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("a child's exit code comes back, and its signal as 128 and more", exit_codes),
		UNIT("what a child says on 1 and on 2 is captured as one line", both_outputs),
		UNIT("no control character of a child's words comes through",
		     no_control_characters),
		UNIT("of many words the last are kept", the_end_of_much),
		UNIT("of a child that talks without end the first words are kept, and it ends",
		     the_beginning_of_what_never_ends),
		UNIT("of a child that says little all is kept", the_beginning_may_be_all),
		UNIT("it can be asked whether there is a program", is_there),
		UNIT("a missing program is ENOENT and named", no_such_program),
		UNIT("a file that is no program is refused by name", not_a_program),
		UNIT("neither the caller's PATH nor its environment counts",
		     the_callers_path_is_nothing),
		UNIT("a child reads nothing", stdin_is_nothing),
		UNIT("a child has the descriptors it is given and no others", kept_descriptors),
		UNIT("a child's signals are as a program expects them", signals_are_standard),
		UNIT("a child is ended at the deadline", ended_at_the_deadline),
		UNIT("a child that refuses to end is killed", ended_although_it_refuses),
		UNIT("a child that closed its output is ended at the deadline too",
		     ended_with_its_output_closed),
		UNIT("a child that must not be killed goes on alone with the lock, whatever it says",
		     goes_on_alone),
		UNIT("a child that must not be killed and is quick comes back as any other",
		     is_not_killed_when_it_is_quick),
	};

	return cmocka_run_group_tests_name("spawn", tests, scratch_begin, scratch_end);
}
