/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/arguments.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

void arguments_add(struct arguments *arguments, char letter, const char *value)
{
	size_t i = 0, length, room;
	int added;

	while (i < arguments->count && arguments->list[i].letter[1] != letter)
		i++;
	if (i == ARGUMENTS_MAX) {
		arguments->failed = true;
		return;
	}
	if (i == arguments->count) {
		arguments->list[i].letter[0] = '-';
		arguments->list[i].letter[1] = letter;
		arguments->list[i].letter[2] = '\0';
		arguments->list[i].value[0] = '\0';
		arguments->count++;
	}
	length = strlen(arguments->list[i].value);
	room = sizeof(arguments->list[i].value) - length;
	added = snprintf(arguments->list[i].value + length, room, "%s%s", length ? "," : "", value);
	arguments->failed |= added < 0 || (size_t)added >= room;
}

bool arguments_have(const struct arguments *arguments, char letter)
{
	for (size_t i = 0; i < arguments->count; i++)
		if (arguments->list[i].letter[1] == letter)
			return true;
	return false;
}

int arguments_argv(const struct arguments *arguments, const char *program, const char *last,
		   const char *ret[2 * ARGUMENTS_MAX + 3])
{
	size_t count = 0;

	if (arguments->failed)
		return -E2BIG;
	ret[count++] = program;
	for (size_t i = 0; i < arguments->count; i++) {
		ret[count++] = arguments->list[i].letter;
		if (*arguments->list[i].value)
			ret[count++] = arguments->list[i].value;
	}
	ret[count++] = last;
	ret[count] = NULL;
	return 0;
}
