/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/findings.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "kubelet/json.h"

/* {"verdict":"good","what":"module","words":"loaded"} */
static void print_json(struct findings *findings, const char *verdict, const char *what,
		       const char *words)
{
	cJSON *object = cJSON_CreateObject();
	char *line;

	cJSON_AddStringToObject(object, "verdict", verdict);
	cJSON_AddStringToObject(object, "what", what);
	cJSON_AddStringToObject(object, "words", words);
	json_clean(object);
	line = cJSON_PrintUnformatted(object);
	cJSON_Delete(object);
	if (line)
		text_printf(findings->output, "%s\n  %s", findings->count ? "," : "", line);
	else
		findings->output->failed = true;
	cJSON_free(line);
}

static void print(struct findings *findings, const char *verdict, const char *what,
		  const char *words)
{
	_cleanup_free_ char *line = strdup(words);

	if (findings->json) {
		print_json(findings, verdict, what, words);
	} else if (line) {
		str_one_line(line);
		text_printf(findings->output, "%-6s %-14s %s\n", verdict, what, line);
	}
	findings->output->failed |= !line;
	findings->count++;
}

void findings_begin(struct findings *findings)
{
	if (findings->json)
		text_printf(findings->output, "{\"findings\":[");
}

void findings_end(struct findings *findings)
{
	if (findings->json)
		text_printf(findings->output, "\n],\"wrong\":%u}\n", findings->wrong);
}

void found_good(struct findings *findings, const char *what, const char *format, ...)
{
	char words[2560];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	print(findings, "good", what, words);
}

void found_note(struct findings *findings, const char *what, const char *format, ...)
{
	char words[2560];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(words, sizeof(words), format, arguments);
	va_end(arguments);
	print(findings, "note", what, words);
}

void found_wrong(struct findings *findings, const char *what, const struct error *error)
{
	_cleanup_text_ struct text words = {0};

	text_printf(&words, "%s%s%s", error->text, *error->advice ? "; " : "", error->advice);
	findings->wrong++;
	print(findings, "WRONG", what, words.data ? words.data : "");
}
