/* SPDX-License-Identifier: Apache-2.0 */
/* Questions and bars, on a pseudo-terminal and without one. */
#include <errno.h>
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

/*
 * All that was shown: once the other side is closed, reading ends with EIO behind the last byte. A
 * single read may have less: the kernel hands over what was written from a work queue
 * (drivers/tty/tty_buffer.c).
 */
static void pty_close(struct pty *pty, char *ret_shown, size_t size)
{
	size_t length = 0;
	ssize_t got;

	close(pty->terminal.in);
	while ((got = read(pty->person, ret_shown + length, size - 1 - length)) > 0)
		length += (size_t)got;
	assert_true(got == -1 && errno == EIO);
	ret_shown[length] = '\0';
	close(pty->person);
}

static int ask_that(const char *question, const char *typed, char *ret_shown, size_t size)
{
	struct pty pty;
	int answer;

	pty_open(&pty);
	assert_int_equal(write(pty.person, typed, strlen(typed)), (ssize_t)strlen(typed));
	answer = terminal_ask(&pty.terminal, question);
	pty_close(&pty, ret_shown, size);
	return answer;
}

static int ask(const char *typed, char *ret_shown, size_t size)
{
	return ask_that("remove it?", typed, ret_shown, size);
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

/* Somebody else may have chosen the name in it. */
static void a_question_moves_no_cursor(void **state)
{
	char shown[256];

	assert_int_equal(ask_that("remove e\x1b[2Jv\nil?", "no\n", shown, sizeof(shown)), 0);
	assert_string_equal(shown, "remove e [2Jv il? (yes or no) ");
}

static void without_a_terminal_nobody_is_asked(void **state)
{
	struct terminal terminal = {.in = -1, .out = -1, .err = -1};
	char shown[16];
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
	pty_close(&pty, shown, sizeof(shown));
	assert_string_equal(shown, "");
}

static void a_bar_is_drawn_once_for_each_percentage_and_goes(void **state)
{
	struct progress progress;
	char shown[4096];
	struct pty pty;

	pty_open(&pty);
	progress_begin(&progress, &pty.terminal, "remove kube/db");
	progress_show(&progress, 1, 1000);
	progress_show(&progress, 2, 1000);
	progress_show(&progress, 500, 1000);
	progress_end(&progress);
	pty_close(&pty, shown, sizeof(shown));
	assert_string_equal(shown, "\r\033[Kremove kube/db [                              ]   0 %"
				   "\r\033[Kremove kube/db [###############               ]  50 %"
				   "\r\033[K");
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
		pty_open(&pty);
		progress_begin(&progress, &pty.terminal, "x");
		progress_show(&progress, PAIRS[i][0], PAIRS[i][1]);
		pty_close(&pty, shown, sizeof(shown));
		assert_non_null(strstr(shown, "100 %"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_yes_is_yes),
		cmocka_unit_test(a_question_moves_no_cursor),
		cmocka_unit_test(without_a_terminal_nobody_is_asked),
		cmocka_unit_test(a_bar_is_drawn_once_for_each_percentage_and_goes),
		cmocka_unit_test(without_a_terminal_there_is_no_bar),
		cmocka_unit_test(odd_numbers_draw_a_bar_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
