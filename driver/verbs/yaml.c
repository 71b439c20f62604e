/* SPDX-License-Identifier: Apache-2.0 */
#include "verbs/yaml.h"

#include <stdbool.h>
#include <strings.h>

#include "base/utf8.h"

#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* "a.b/c-1": starts with a letter, so that it is no number, date or sign of YAML, and no word that
 * YAML 1.1 or 1.2 reads as something else than a string. */
static bool is_plain(const char *string)
{
	static const char *const WORDS[] = {"y",    "n",     "yes",  "no",  "on", "off",
					    "true", "false", "null", "nan", "inf"};

	if (!*string || !strchr(LETTERS, *string) ||
	    string[strspn(string, LETTERS "0123456789._/-")])
		return false;
	for (size_t i = 0; i < ARRAY_SIZE(WORDS); i++)
		if (!strcasecmp(string, WORDS[i]))
			return false;
	return true;
}

/* The number of a character that utf8_character() has found good. */
static unsigned int code_point(const char *string, size_t length)
{
	static const unsigned char FIRST[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	unsigned int code = (unsigned char)*string & FIRST[length];

	for (size_t i = 1; i < length; i++)
		code = code << 6 | ((unsigned char)string[i] & 0x3f);
	return code;
}

static void add_quoted(struct text *text, const char *string)
{
	text_add(text, "\"", 1);
	while (*string) {
		size_t length = utf8_character(string);
		unsigned int code = length ? code_point(string, length) : 0xfffd;

		if (code == '"' || code == '\\')
			text_printf(text, "\\%c", (int)code);
		else if (code == '\n')
			text_add(text, "\\n", 2);
		else if (code >= 0x20 && code < 0x7f)
			text_add(text, string, 1);
		else if (code <= 0xffff)
			text_printf(text, "\\u%04x", code);
		else
			text_printf(text, "\\U%08x", code);
		string += length ? length : 1;
	}
	text_add(text, "\"", 1);
}

static void add_string(struct text *text, const char *string)
{
	if (is_plain(string))
		text_add(text, string, strlen(string));
	else
		add_quoted(text, string);
}

/* And no larger than what a double tells exactly. */
static bool is_whole(double number)
{
	const double exact = 9007199254740992.0; /* 2^53 */

	return number > -exact && number < exact && number == (double)(int64_t)number;
}

static void add_scalar(struct text *text, const cJSON *item)
{
	if (cJSON_IsString(item))
		add_string(text, item->valuestring);
	else if (cJSON_IsBool(item))
		text_printf(text, "%s", cJSON_IsTrue(item) ? "true" : "false");
	else if (cJSON_IsNumber(item) && is_whole(item->valuedouble))
		text_printf(text, "%.0f", item->valuedouble);
	else if (cJSON_IsNumber(item))
		text_printf(text, "%.17g", item->valuedouble);
	else if (cJSON_IsObject(item))
		text_add(text, "{}", 2);
	else
		text_printf(text, "%s", cJSON_IsArray(item) ? "[]" : "null");
}

static bool has_children(const cJSON *item)
{
	return (cJSON_IsObject(item) || cJSON_IsArray(item)) && item->child;
}

/* The children of `parent`, each in a line of its own; the first one's indentation stands there
 * already where it follows the "- " of a list. Depth is bounded by who made the tree: the parser
 * of JSON or ourselves. */
static void add_children(struct text *text, const cJSON *parent, int indent, bool indented)
{
	const cJSON *item;

	cJSON_ArrayForEach(item, parent) {
		text_printf(text, "%*s", indented ? 0 : indent, "");
		indented = false;
		if (cJSON_IsArray(parent)) {
			text_add(text, "- ", 2);
		} else {
			add_string(text, item->string);
			text_printf(text, has_children(item) ? ":\n" : ": ");
		}
		if (!has_children(item)) {
			add_scalar(text, item);
			text_add(text, "\n", 1);
		} else {
			add_children(text, item, indent + 2, cJSON_IsArray(parent));
		}
	}
}

void yaml_add_document(struct text *text, const cJSON *document)
{
	if (text->length)
		text_add(text, "---\n", 4);
	add_children(text, document, 0, false);
}
