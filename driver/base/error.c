/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <stdio.h>
#include <string.h>

/* Keeps the start of a sentence and marks that its end is missing, without cutting a UTF-8
 * sequence in two. */
static void mark_cut(char *text, size_t size)
{
	size_t end = size - sizeof("...");

	while (end > 0 && ((unsigned char)text[end] & 0xc0) == 0x80)
		end--;
	memcpy(text + end, "...", sizeof("..."));
}

__attribute__((format(printf, 4, 0))) static void say(char *text, size_t size, size_t at,
						      const char *format, va_list arguments)
{
	int length = vsnprintf(text + at, size - at, format, arguments);

	if (length < 0)
		text[at] = '\0';
	else if ((size_t)length >= size - at)
		mark_cut(text, size);
}

int error_set(struct error *error, int code, const char *format, ...)
{
	va_list arguments;

	error->code = code;
	error->advice[0] = '\0';
	va_start(arguments, format);
	say(error->text, sizeof(error->text), 0, format, arguments);
	va_end(arguments);
	return code;
}

int error_errno(struct error *error, int code, const char *format, ...)
{
	va_list arguments;

	error->code = code;
	error->advice[0] = '\0';
	va_start(arguments, format);
	say(error->text, sizeof(error->text), 0, format, arguments);
	va_end(arguments);
	return error_append(error, ": %s", strerrordesc_np(-code) ?: "unknown error");
}

int error_prefix(struct error *error, const char *format, ...)
{
	char before[sizeof(error->text)];
	va_list arguments;

	memcpy(before, error->text, sizeof(before));
	va_start(arguments, format);
	say(error->text, sizeof(error->text), 0, format, arguments);
	va_end(arguments);
	return error_append(error, ": %s", before);
}

int error_append(struct error *error, const char *format, ...)
{
	va_list arguments;

	va_start(arguments, format);
	say(error->text, sizeof(error->text), strlen(error->text), format, arguments);
	va_end(arguments);
	return error->code;
}

int error_advise(struct error *error, const char *format, ...)
{
	va_list arguments;

	if (error->advice[0])
		return error->code;
	va_start(arguments, format);
	say(error->advice, sizeof(error->advice), 0, format, arguments);
	va_end(arguments);
	return error->code;
}
