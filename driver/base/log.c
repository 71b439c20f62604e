/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <inttypes.h>
#include <limits.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "base/log_targets.h"
#include "base/phase.h"
#include "base/str.h"

#define MESSAGE_MAX 12288

static enum log_target log_target = LOG_TARGET_JOURNAL;
static int log_level = LOG_LEVEL_INFO;

static const struct {
	const char *text;    /* in the line of a call */
	const char *journal; /* as a field of the journal's */
} NAMES[LOG_FIELDS] = {
	[LOG_VERB] = {"", "RBD_VERB"},         [LOG_VOLUME] = {"volume=", "RBD_VOLUME"},
	[LOG_IMAGE] = {"image=", "RBD_IMAGE"}, [LOG_DIRECTORY] = {"directory=", "RBD_DIRECTORY"},
	[LOG_POD] = {"pod=", "RBD_POD"},       [LOG_DEVICE] = {"device=", "RBD_DEVICE"},
};

static char about[LOG_FIELDS][PATH_MAX];

void log_configure(enum log_target target, int level)
{
	log_target = target;
	log_level = level;
}

void log_about(enum log_field field, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(about[field], sizeof(about[field]), format, arguments);
	va_end(arguments);
}

static void deliver(const struct log_line *line)
{
	if (log_target == LOG_TARGET_JOURNAL && (log_to_journal(line) || log_to_syslog(line)))
		return;
	(void)log_to_file(line);
}

/* What is known of the call, and the pairs that this line has beside it. */
static void send_line(enum log_level level, const char *message, const struct log_pair *more,
		      size_t more_count)
{
	struct log_pair pairs[LOG_FIELDS + 4];
	struct log_line line = {.level = level, .message = message, .pairs = pairs};

	for (size_t i = 0; i < LOG_FIELDS; i++)
		if (*about[i])
			pairs[line.pair_count++] = (struct log_pair){NAMES[i].journal, about[i]};
	for (size_t i = 0; i < more_count && line.pair_count < ARRAY_SIZE(pairs); i++)
		if (*more[i].value)
			pairs[line.pair_count++] = more[i];
	deliver(&line);
}

/* Would it end the word that it is, or look like two? */
static bool needs_quotes(const char *value)
{
	for (; *value; value++) {
		if ((unsigned char)*value <= ' ' || *value == '"')
			return true;
	}
	return false;
}

/* One word of the line, whatever stands in it: in quotes where there is a space. */
static void add_word(char *line, size_t size, const char *name, const char *value)
{
	const size_t at = strlen(line);
	const char *quote = needs_quotes(value) ? "\"" : "";
	const size_t start = at + (at > 0) + strlen(name) + strlen(quote);

	(void)snprintf(line + at, size - at, "%s%s%s%s%s", at ? " " : "", name, quote, value,
		       quote);
	for (size_t i = start; *quote && i < start + strlen(value) && i < size; i++)
		if (line[i] == '"')
			line[i] = '\'';
}

void log_say(enum log_level level, const char *format, ...)
{
	char line[MESSAGE_MAX] = "", words[MESSAGE_MAX / 2];
	va_list arguments;
	size_t at;

	if ((int)level > log_level)
		return;
	va_start(arguments, format);
	(void)vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	if (*about[LOG_VERB])
		add_word(line, sizeof(line), "", about[LOG_VERB]);
	if (*about[LOG_VOLUME])
		add_word(line, sizeof(line), NAMES[LOG_VOLUME].text, about[LOG_VOLUME]);
	at = strlen(line);
	(void)snprintf(line + at, sizeof(line) - at, "%s%s", at ? " " : "", words);
	str_one_line(line);
	send_line(level, line, NULL, 0);
}

void log_call(enum log_level level, const char *result, const char *message)
{
	char line[MESSAGE_MAX] = "", phases[512], milliseconds[24];
	const struct log_pair more[] = {
		{"RBD_RESULT", result}, {"RBD_MS", milliseconds}, {"RBD_PHASES", phases}};
	size_t at;

	if ((int)level > log_level)
		return;
	(void)snprintf(milliseconds, sizeof(milliseconds), "%" PRId64,
		       phase_text(phases, sizeof(phases)));
	for (size_t i = 0; i < LOG_FIELDS; i++)
		add_word(line, sizeof(line), NAMES[i].text, about[i]);
	add_word(line, sizeof(line), "ms=", milliseconds);
	add_word(line, sizeof(line), "phases=", phases);
	at = strlen(line);
	(void)snprintf(line + at, sizeof(line) - at, " %s%s%s", result, *message ? ": " : "",
		       message);
	str_one_line(line);
	send_line(level, line, more, ARRAY_SIZE(more));
}
