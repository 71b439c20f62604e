/* SPDX-License-Identifier: Apache-2.0 */
#include "fs/option_list.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

#include "base/str.h"

#define ITEMS_MAX 32

static bool is_of(const struct option_rule *rule, const char *fs_type)
{
	return !*rule->fs_type || str_eq(rule->fs_type, fs_type);
}

const struct option_rule *option_rule_find(const struct option_table *table, const char *fs_type,
					   const char *name)
{
	for (size_t i = 0; i < table->rule_count; i++)
		if (is_of(&table->rules[i], fs_type) && str_eq(table->rules[i].name, name))
			return &table->rules[i];
	return NULL;
}

/* The next item of the list, which goes on behind it. -EINVAL: longer than any that is known. */
static int cut(const char **list, struct option_item *ret)
{
	const size_t length = strcspn(*list, ",");
	const char *equals = memchr(*list, '=', length);
	const size_t name = equals ? (size_t)(equals - *list) : length;
	const size_t value = equals ? length - name - 1 : 0;

	if (name == 0 || name >= sizeof(ret->name) || value >= sizeof(ret->value) ||
	    (equals && value == 0))
		return -EINVAL;
	*ret = (struct option_item){0};
	memcpy(ret->name, *list, name);
	if (equals)
		memcpy(ret->value, equals + 1, value);
	*list += length;
	return 0;
}

static const char *nearest(const struct option_table *table, const char *fs_type, const char *name)
{
	const char *best = NULL;
	size_t best_distance = 3;

	for (size_t i = 0; i < table->rule_count; i++) {
		const size_t distance = str_distance(table->rules[i].name, name);

		if (is_of(&table->rules[i], fs_type) && distance < best_distance) {
			best = table->rules[i].name;
			best_distance = distance;
		}
	}
	return best;
}

static int refuse_unknown(const struct option_table *table, const char *fs_type,
			  const struct option_item *item, struct error *error)
{
	const char *other = nearest(table, fs_type, item->name);

	error_set(error, -EINVAL, "%s: %s has no option \"%s\"", table->title, fs_type, item->name);
	if (other)
		error_append(error, " (did you mean \"%s\"?)", other);
	return error_advise(error, "docs/options.md lists those that can be given");
}

static int refuse_known(const struct option_table *table, const struct option_item *item,
			struct error *error)
{
	char text[sizeof(item->name) + sizeof(item->value) + 1];

	(void)snprintf(text, sizeof(text), "%s=%s", item->name, item->value);
	for (size_t i = 0; i < table->refusal_count; i++)
		if (str_eq(table->refusals[i].name, item->name) ||
		    str_eq(table->refusals[i].name, text))
			return error_set(error, -EINVAL, "%s: \"%s\" cannot be given: %s",
					 table->title, table->refusals[i].name,
					 table->refusals[i].why);
	return 0;
}

static bool has_word(const char *words, const char *word)
{
	const size_t length = strlen(word);

	for (const char *at = strchr(word, ' ') ? "" : words; (at = strstr(at, word)); at += length)
		if ((at == words || at[-1] == ' ') && (at[length] == ' ' || !at[length]))
			return length > 0;
	return false;
}

static bool is_number(const struct option_rule *rule, const char *value)
{
	uint64_t number;

	return str_to_u64(value, 10, &number) == 0 && number >= rule->min && number <= rule->max &&
	       (rule->kind != OPTION_POWER || (number & (number - 1)) == 0);
}

static bool is_size(const struct option_rule *rule, const char *value)
{
	const size_t length = strlen(value);
	const char *units = "kmg", *unit = length ? strchr(units, value[length - 1]) : NULL;
	char digits[16];
	uint64_t number;

	if (!unit || !*unit || length > sizeof(digits))
		return false;
	(void)snprintf(digits, sizeof(digits), "%.*s", (int)length - 1, value);
	if (str_to_u64(digits, 10, &number) < 0 || number > UINT32_MAX)
		return false;
	number <<= 10 * (unit - units + 1);
	return number >= rule->min && number <= rule->max && (number & (number - 1)) == 0;
}

static bool is_label(const struct option_rule *rule, const char *value)
{
	return strlen(value) <= rule->max && value[0] != '-' &&
	       value[strspn(value, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				   "0123456789._-")] == '\0';
}

static int refuse_value(const struct option_table *table, const struct option_rule *rule,
			const char *value, const char *wanted, struct error *error)
{
	return error_set(error, -EINVAL, "%s: %s: \"%s\" is not %s", table->title, rule->name,
			 value, wanted);
}

static int check_value(const struct option_table *table, const struct option_rule *rule,
		       const struct option_item *item, struct error *error)
{
	const char *value = item->value;
	char wanted[160];
	bool good;

	if (rule->kind == OPTION_FLAG)
		return *value ? error_set(error, -EINVAL, "%s: %s takes no value", table->title,
					  rule->name)
			      : 0;
	switch (rule->kind) {
	case OPTION_WORD:
		good = has_word(rule->words, value);
		(void)snprintf(wanted, sizeof(wanted), "one of: %s", rule->words);
		break;
	case OPTION_LABEL:
		good = *value && is_label(rule, value);
		(void)snprintf(wanted, sizeof(wanted),
			       "made of at most %" PRIu64 " letters, digits, . _ -", rule->max);
		break;
	case OPTION_SIZE:
		good = is_size(rule, value);
		(void)snprintf(wanted, sizeof(wanted),
			       "a power of two like 64k, from %" PRIu64 "k to %" PRIu64 "k",
			       rule->min >> 10, rule->max >> 10);
		break;
	default:
		good = is_number(rule, value);
		(void)snprintf(wanted, sizeof(wanted), "a %s from %" PRIu64 " to %" PRIu64,
			       rule->kind == OPTION_POWER ? "power of two" : "number", rule->min,
			       rule->max);
	}
	return good ? 0 : refuse_value(table, rule, value, wanted, error);
}

struct reading {
	struct option_item items[ITEMS_MAX];
	const struct option_rule *rules[ITEMS_MAX];
	size_t count;
};

static int check_beside(const struct option_table *table, const struct reading *reading,
			const struct option_rule *rule, struct error *error)
{
	for (size_t i = 0; i < reading->count; i++) {
		if (reading->rules[i] == rule)
			return error_set(error, -EINVAL, "%s: %s is given twice", table->title,
					 rule->name);
		if (rule->group && reading->rules[i]->group == rule->group)
			return error_set(error, -EINVAL, "%s: %s and %s contradict each other",
					 table->title, reading->rules[i]->name, rule->name);
	}
	return 0;
}

static int read_item(const struct option_table *table, const char *fs_type, const char **list,
		     struct reading *reading, struct error *error)
{
	struct option_item *item = &reading->items[reading->count];
	const struct option_rule *rule;
	int result;

	if (reading->count == ITEMS_MAX - 1)
		return error_set(error, -EINVAL, "%s: too many", table->title);
	if (cut(list, item) < 0)
		return error_set(error, -EINVAL,
				 "%s: \"%.120s\" does not begin with a name, or with name=value",
				 table->title, *list);
	result = refuse_known(table, item, error);
	if (result < 0)
		return result;
	rule = option_rule_find(table, fs_type, item->name);
	if (!rule)
		return refuse_unknown(table, fs_type, item, error);
	result = check_value(table, rule, item, error);
	if (result == 0)
		result = check_beside(table, reading, rule, error);
	reading->rules[reading->count++] = rule;
	return result;
}

int option_list_read(const struct option_table *table, const char *fs_type, const char *list,
		     option_visit visit, void *state, struct error *error)
{
	struct reading reading = {.count = 0};
	int result = 0;

	while (result == 0 && !str_empty(list)) {
		result = read_item(table, fs_type, &list, &reading, error);
		/* "a," is not "a" */
		if (result == 0 && *list == ',' && !*++list)
			result = error_set(error, -EINVAL, "%s: it ends in a comma", table->title);
	}
	for (size_t i = 0; visit && result >= 0 && i < reading.count; i++)
		result = visit(state, reading.rules[i], &reading.items[i]);
	return result < 0 ? result : 0;
}
