/* SPDX-License-Identifier: Apache-2.0 */
#include "kubelet/terminal.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/str.h"
#include "kubelet/result.h"

#define BAR_WIDTH   30
#define ERASE_LINE  "\r\033[K"
#define ANSWER_SIZE 32

static bool is_terminal(int fd)
{
	return fd >= 0 && isatty(fd);
}

bool terminal_reads(const struct terminal *terminal)
{
	return is_terminal(terminal->out);
}

bool terminal_answers(const struct terminal *terminal)
{
	return is_terminal(terminal->in) && is_terminal(terminal->err);
}

/* One line; what does not fit is read and dropped. */
static void read_line(int fd, char ret[ANSWER_SIZE])
{
	size_t length = 0;
	ssize_t got;
	char byte;

	while ((got = read(fd, &byte, 1)) != 0) {
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 || byte == '\n')
			break;
		if (length < ANSWER_SIZE - 1)
			ret[length++] = byte;
	}
	ret[length] = '\0';
	str_one_line(ret);
}

int terminal_ask(const struct terminal *terminal, const char *question)
{
	_cleanup_free_ char *words = strdup(question);
	_cleanup_text_ struct text line = {0};
	char answer[ANSWER_SIZE];

	if (!words)
		return 0;
	/* there may be a name in it that somebody else chose: it could move the cursor */
	str_one_line(words);
	text_printf(&line, "%s (yes or no) ", words);
	if (line.failed || result_print(line.data, line.length, terminal->err) < 0)
		return 0;
	read_line(terminal->in, answer);
	return strcasecmp(answer, "yes") == 0 || strcasecmp(answer, "y") == 0;
}

void progress_begin(struct progress *ret, const struct terminal *terminal, const char *what)
{
	*ret = (struct progress){.terminal = terminal, .what = what, .percent = -1};
}

static int percent_of(uint64_t done, uint64_t total)
{
	if (!total || done >= total)
		return 100;
	return (int)((double)done * 100 / (double)total);
}

void progress_show(struct progress *progress, uint64_t done, uint64_t total)
{
	const int percent = percent_of(done, total), filled = percent * BAR_WIDTH / 100;
	char bar[BAR_WIDTH + 1], line[512];
	int length;

	if (percent == progress->percent || !is_terminal(progress->terminal->err))
		return;
	progress->percent = percent;
	memset(bar, ' ', BAR_WIDTH);
	memset(bar, '#', (size_t)filled);
	bar[BAR_WIDTH] = '\0';
	length = snprintf(line, sizeof(line), ERASE_LINE "%.300s [%s] %3d %%", progress->what, bar,
			  percent);
	(void)result_print(line, (size_t)length, progress->terminal->err);
}

void progress_end(struct progress *progress)
{
	if (progress->terminal && progress->percent >= 0)
		(void)result_print(ERASE_LINE, strlen(ERASE_LINE), progress->terminal->err);
	progress->percent = -1;
}
