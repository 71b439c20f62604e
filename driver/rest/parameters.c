/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/parameters.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "base/utf8.h"
#include "kubelet/json.h"

void parameters_done(struct parameters *parameters)
{
	for (size_t i = 0; i < parameters->count; i++) {
		free(parameters->list[i].name);
		free(parameters->list[i].value);
	}
	parameters->count = 0;
}

static int check_utf8(const char *text, struct error *error)
{
	while (*text) {
		size_t length = utf8_character(text);

		if (!length)
			return error_set(error, -EINVAL, "what is sent is no valid UTF-8");
		text += length;
	}
	return 0;
}

static int hex_digit(char digit)
{
	if (digit >= '0' && digit <= '9')
		return digit - '0';
	digit = (char)tolower((unsigned char)digit);
	return digit >= 'a' && digit <= 'f' ? digit - 'a' + 10 : -1;
}

/* The byte that "%41" stands for; 0 for none, and for the zero byte. */
static char escaped(const char *text, size_t length)
{
	int high = length >= 3 ? hex_digit(text[1]) : -1;
	int low = length >= 3 ? hex_digit(text[2]) : -1;

	if (high < 0 || low < 0)
		return '\0';
	return (char)(unsigned char)(high << 4 | low);
}

int parameters_decode(const char *text, size_t length, bool plus, char *to, struct error *error)
{
	char *out = to;

	for (size_t i = 0; i < length; i++) {
		char byte = text[i];

		if (byte == '%') {
			byte = escaped(text + i, length - i);
			i += 2;
		} else if (byte == '+' && plus) {
			byte = ' ';
		}
		if (!byte)
			return error_set(error, -EINVAL,
					 "after a %% two hexadecimal digits are expected, and not "
					 "00");
		*out++ = byte;
	}
	*out = '\0';
	return check_utf8(to, error);
}

/* Takes name and value over where it returns 0. */
static int add(struct parameters *parameters, char *name, char *value, struct error *error)
{
	char shown[101];

	(void)snprintf(shown, sizeof(shown), "%s", name);
	str_one_line(shown);
	if (!*name)
		return error_set(error, -EINVAL, "a parameter has no name");
	for (size_t i = 0; i < parameters->count; i++)
		if (str_eq(parameters->list[i].name, name))
			return error_set(error, -EINVAL, "\"%s\" is given twice", shown);
	if (parameters->count == PARAMETERS_MAX)
		return error_set(error, -EINVAL, "more than %d parameters", PARAMETERS_MAX);
	parameters->list[parameters->count++] = (struct parameter){name, value};
	return 0;
}

/* "name=value"; without "=" the value is "". */
static int add_pair(struct parameters *parameters, const char *pair, size_t length,
		    struct error *error)
{
	const char *equals = memchr(pair, '=', length);
	size_t name_length = equals ? (size_t)(equals - pair) : length;
	size_t value_length = equals ? length - name_length - 1 : 0;
	_cleanup_free_ char *name = malloc(name_length + 1), *value = malloc(value_length + 1);
	int r;

	if (!name || !value)
		return error_set(error, -ENOMEM, "not enough memory");
	r = parameters_decode(pair, name_length, true, name, error);
	if (r >= 0)
		r = parameters_decode(equals ? equals + 1 : "", value_length, true, value, error);
	if (r >= 0)
		r = add(parameters, name, value, error);
	if (r < 0)
		return r;
	name = value = NULL;
	return 0;
}

int parameters_add_form(struct parameters *parameters, const char *text, size_t length,
			struct error *error)
{
	const char *end = text + length;

	while (text < end) {
		const char *ampersand = memchr(text, '&', (size_t)(end - text));
		size_t pair = (size_t)((ampersand ? ampersand : end) - text);
		int r = pair ? add_pair(parameters, text, pair, error) : 0;

		if (r < 0)
			return r;
		text += pair + 1;
	}
	return 0;
}

/* As it would stand in a query; NULL where it is nothing that can stand there. */
static char *json_text(const cJSON *item)
{
	char number[32];

	if (cJSON_IsString(item))
		return strdup(item->valuestring);
	if (cJSON_IsBool(item))
		return strdup(cJSON_IsTrue(item) ? "true" : "false");
	/* beyond it two numbers are read as one */
	if (!cJSON_IsNumber(item) || !(item->valuedouble >= 0 && item->valuedouble < 0x1p53) ||
	    item->valuedouble != (double)(uint64_t)item->valuedouble)
		return NULL;
	(void)snprintf(number, sizeof(number), "%.0f", item->valuedouble);
	return strdup(number);
}

static int add_item(struct parameters *parameters, const cJSON *item, struct error *error)
{
	_cleanup_free_ char *name = strdup(item->string), *value = json_text(item);
	int r;

	if (!value)
		return error_set(error, -EINVAL,
				 "\"%.100s\": %s, a string, a whole number below 2^53, true or "
				 "false was expected",
				 item->string, json_kind(item));
	if (!name)
		return error_set(error, -ENOMEM, "not enough memory");
	r = add(parameters, name, value, error);
	if (r < 0)
		return r;
	name = value = NULL;
	return 0;
}

int parameters_add_json(struct parameters *parameters, const char *text, size_t length,
			struct error *error)
{
	_cleanup_free_ char *copy = strndup(text, length);
	_cleanup_json_ cJSON *json = NULL;
	const cJSON *item;
	int r;

	if (!copy)
		return error_set(error, -ENOMEM, "not enough memory");
	if (strlen(copy) != length)
		return error_set(error, -EINVAL, "the body contains a zero byte");
	r = json_parse(copy, 1, &json, error);
	if (r < 0)
		return error_prefix(error, "the body");
	cJSON_ArrayForEach(item, json) {
		r = add_item(parameters, item, error);
		if (r < 0)
			return r;
	}
	return 0;
}
