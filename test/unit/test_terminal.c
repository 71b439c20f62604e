/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and bars, on a pseudo-terminal and without one. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "kubelet/terminal.h"

/* `person` is the side of who sits there. */
struct pty {
	int person;
	struct terminal terminal;
};

static void pty_open(struct pty *ret)
{
	struct termios modes;
	int side;

	ret->person = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(ret->person >= 0);
	assert_int_equal(grantpt(ret->person), 0);
	assert_int_equal(unlockpt(ret->person), 0);
	side = open(ptsname(ret->person), O_RDWR | O_NOCTTY | O_CLOEXEC);
	assert_true(side >= 0);
	assert_int_equal(tcgetattr(side, &modes), 0);
	modes.c_lflag &= ~(tcflag_t)ECHO; /* what is read back is what was written */
	assert_int_equal(tcsetattr(side, TCSANOW, &modes), 0);
	ret->terminal = (struct terminal){.in = side, .out = side, .err = side};
}

static void pty_close(struct pty *pty)
{
	close(pty->terminal.in);
	close(pty->person);
}

static int ask(const char *typed, char *ret_shown, size_t size)
{
	struct pty pty;
	ssize_t got;
	int answer;

	pty_open(&pty);
	assert_int_equal(write(pty.person, typed, strlen(typed)), (ssize_t)strlen(typed));
	answer = terminal_ask(&pty.terminal, "remove it?");
	got = read(pty.person, ret_shown, size - 1);
	assert_true(got >= 0);
	ret_shown[got] = '\0';
	pty_close(&pty);
	return answer;
}

static void only_yes_is_yes(void **state)
{
	static const char *const YES[] = {"yes\n", "y\n", "YES\n", "yes  \n"};
	static const char *const NO[] = {
		"\n",
		"no\n",
		"yess\n",
		"n\n",
		"\x04",
		"ye\n",
		"yesyesyesyesyesyesyesyesyesyesyesyesyesyesyesyesyesyes\n"};
	char shown[256];

	for (size_t i = 0; i < sizeof(YES) / sizeof(*YES); i++)
		assert_int_equal(ask(YES[i], shown, sizeof(shown)), 1);
	for (size_t i = 0; i < sizeof(NO) / sizeof(*NO); i++)
		assert_int_equal(ask(NO[i], shown, sizeof(shown)), 0);
	assert_string_equal(shown, "remove it? (yes or no) ");
}

static void without_a_terminal_nobody_is_asked(void **state)
{
	struct terminal terminal = {.in = -1, .out = -1, .err = -1};
	int pipes[2];
	struct pty pty;

	assert_false(terminal_answers(&terminal));
	assert_false(terminal_reads(&terminal));
	pty_open(&pty);
	assert_int_equal(pipe(pipes), 0);
	assert_true(terminal_answers(&pty.terminal));
	assert_true(terminal_reads(&pty.terminal));
	terminal = pty.terminal;
	terminal.in = pipes[0]; /* `yes | rbd-flexvolume …` */
	assert_false(terminal_answers(&terminal));
	terminal = pty.terminal;
	terminal.err = pipes[1]; /* nobody would read the question */
	assert_false(terminal_answers(&terminal));
	terminal = pty.terminal;
	terminal.out = pipes[1];
	assert_false(terminal_reads(&terminal));
	assert_true(terminal_answers(&terminal));
	close(pipes[0]);
	close(pipes[1]);
	pty_close(&pty);
}

static void a_bar_is_drawn_once_for_each_percentage_and_goes(void **state)
{
	struct progress progress;
	char shown[4096];
	struct pty pty;
	ssize_t got;

	pty_open(&pty);
	progress_begin(&progress, &pty.terminal, "remove kube/db");
	progress_show(&progress, 1, 1000);
	progress_show(&progress, 2, 1000);
	progress_show(&progress, 500, 1000);
	progress_end(&progress);
	got = read(pty.person, shown, sizeof(shown) - 1);
	assert_true(got > 0);
	shown[got] = '\0';
	assert_string_equal(shown, "\r\033[Kremove kube/db [                              ]   0 %"
				   "\r\033[Kremove kube/db [###############               ]  50 %"
				   "\r\033[K");
	pty_close(&pty);
}

static void without_a_terminal_there_is_no_bar(void **state)
{
	int pipes[2];
	struct terminal terminal;
	struct progress progress;
	char byte;

	assert_int_equal(pipe2(pipes, O_NONBLOCK), 0);
	terminal = (struct terminal){.in = -1, .out = pipes[1], .err = pipes[1]};
	progress_begin(&progress, &terminal, "remove kube/db");
	progress_show(&progress, 1, 2);
	progress_end(&progress);
	assert_int_equal(read(pipes[0], &byte, 1), -1);
	close(pipes[0]);
	close(pipes[1]);
}

static void odd_numbers_draw_a_bar_too(void **state)
{
	static const uint64_t PAIRS[][2] = {{0, 0}, {5, 0}, {7, 3}, {UINT64_MAX - 1, UINT64_MAX}};
	struct progress progress;
	char shown[4096];
	struct pty pty;

	for (size_t i = 0; i < sizeof(PAIRS) / sizeof(*PAIRS); i++) {
		ssize_t got;

		pty_open(&pty);
		progress_begin(&progress, &pty.terminal, "x");
		progress_show(&progress, PAIRS[i][0], PAIRS[i][1]);
		got = read(pty.person, shown, sizeof(shown) - 1);
		assert_true(got > 0);
		shown[got] = '\0';
		assert_non_null(strstr(shown, "100 %"));
		pty_close(&pty);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_yes_is_yes),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
		cmocka_unit_test(a_bar_is_drawn_once_for_each_percentage_and_goes),
		cmocka_unit_test(without_a_terminal_there_is_no_bar),
		cmocka_unit_test(odd_numbers_draw_a_bar_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
