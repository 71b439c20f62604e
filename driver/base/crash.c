/* SPDX-License-Identifier: Apache-2.0 */
#include "base/crash.h"

#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/str.h"

static const int signals[] = {SIGABRT, SIGSEGV, SIGBUS, SIGILL, SIGFPE};

static volatile sig_atomic_t answer_fd = -1;
static const char *answer_text;
static size_t answer_length;

static void crashed(int signal_number)
{
	int fd = answer_fd;

	(void)signal_number;
	answer_fd = -1;
	if (fd >= 0)
		(void)!write(fd, answer_text, answer_length);
	_exit(0);
}

void crash_answer(int fd, const char *answer)
{
	/* of its own: the ordinary stack may be what broke */
	static char stack[16384];
	const stack_t alternate = {.ss_sp = stack, .ss_size = sizeof(stack)};
	struct sigaction action = {.sa_handler = crashed, .sa_flags = SA_ONSTACK | SA_RESETHAND};

	answer_text = answer;
	answer_length = strlen(answer);
	answer_fd = fd;
	(void)prctl(PR_SET_DUMPABLE, 0);
	(void)sigaltstack(&alternate, NULL);
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)sigaction(signals[i], &action, NULL);
}

void crash_answered(void)
{
	answer_fd = -1;
}

void crash_reset(void)
{
	answer_fd = -1;
	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		(void)signal(signals[i], SIG_DFL);
}
