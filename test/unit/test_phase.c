/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <sys/wait.h>

#include "base/phase.h"

static char text[512];

/* Each test in a process of its own: the table is the process's. */
static void alone(void (*body)(void))
{
	int status = -1;
	pid_t pid;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		body();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void wait_for(int64_t milliseconds)
{
	deadline_pause(milliseconds, deadline_in(milliseconds));
}

/* In a child nothing of cmocka may be used. */
static void need(bool condition, const char *what)
{
	if (condition)
		return;
	(void)fprintf(stderr, "not so: %s: \"%s\"\n", what, text);
	_exit(1);
}

static void nothing(void)
{
	need(phase_text(text, sizeof(text)) == 0, "no time");
	need(!*text, "no phase");
}

static void a_call_without_phases_has_none(void **state)
{
	alone(nothing);
}

static void one_after_the_other(void)
{
	int first, second, read = 0;
	int64_t began = deadline_now(), whole, all;

	phase_begin("lock");
	wait_for(30);
	phase_begin("map");
	wait_for(60);
	whole = phase_text(text, sizeof(text));
	all = deadline_now() - began;
	need(sscanf(text, "lock:%d,map:%d%n", &first, &second, &read) == 2 && !text[read],
	     "two phases in their order");
	need(first >= 29 && second >= 59, "the time that they took");
	need(first + second == whole && whole <= all && whole >= 89, "the sum is the whole");
}

static void phases_follow_each_other_and_add_up_to_the_whole(void **state)
{
	alone(one_after_the_other);
}

static void again(void)
{
	int first, second, read = 0;
	int64_t before, between;

	phase_begin("guard");
	wait_for(20);
	before = deadline_now();
	phase_begin("map");
	phase_begin("guard");
	between = deadline_now() - before;
	wait_for(20);
	(void)phase_text(text, sizeof(text));
	need(sscanf(text, "guard:%d,map:%d%n", &first, &second, &read) == 2 && !text[read],
	     "one entry each");
	need(first >= 39 && second <= between, "both times in it");
}

static void a_phase_that_comes_again_goes_on(void **state)
{
	alone(again);
}

static void in_a_child(void)
{
	pid_t pid;
	int status;

	phase_begin("unmount");
	phase_share();
	pid = fork();
	if (pid == 0) {
		phase_begin("unmap");
		wait_for(30);
		_exit(0);
	}
	need(waitpid(pid, &status, 0) == pid, "the worker ends");
	(void)phase_text(text, sizeof(text));
	need(!strncmp(text, "unmount:", 8) && strstr(text, ",unmap:"), "the worker's phase");
	need(atoi(strstr(text, "unmap:") + 6) >= 29, "and its time");
}

static void what_the_worker_begins_counts(void **state)
{
	alone(in_a_child);
}

static void too_many(void)
{
	static const char *const names[] = {"a", "b", "c", "d", "e", "f", "g", "h", "i",
					    "j", "k", "l", "m", "n", "o", "p", "q", "r",
					    "s", "t", "u", "v", "w", "x", "y", "z"};
	char little[9];

	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		phase_begin(names[i]);
	wait_for(5);
	need(phase_text(text, sizeof(text)) >= 4, "no time is lost");
	need(strstr(text, ",x:") && !strstr(text, "y:"), "what does not fit is left out");
	(void)phase_text(little, sizeof(little));
	need(strlen(little) < sizeof(little), "a short text stays in its place");
}

static void too_many_phases_and_a_short_text_do_no_harm(void **state)
{
	alone(too_many);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		UNIT("a call without phases has none", a_call_without_phases_has_none),
		UNIT("phases follow each other and add up to the whole",
		     phases_follow_each_other_and_add_up_to_the_whole),
		UNIT("a phase that comes again goes on", a_phase_that_comes_again_goes_on),
		UNIT("what the worker begins counts", what_the_worker_begins_counts),
		UNIT("too many phases and a short text do no harm",
		     too_many_phases_and_a_short_text_do_no_harm),
	};

	return cmocka_run_group_tests_name("phase", tests, NULL, NULL);
}
