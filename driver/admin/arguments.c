/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/arguments.h"

#include <errno.h>
#include <getopt.h>
#include <stdio.h>

/* getopt_long(3) tells flags apart by a number: the letter where there is one, else this and the
 * place in the table. */
#define NUMBERED 256

/* clang-format off */
static const struct flag_row {
	const char *name;
	char letter;       /* '\0': none */
	const char *value; /* what it takes; NULL: nothing */
	const char *help;
} FLAGS[FLAG_COUNT] = {
	[FLAG_MONITORS] = {"monitors", 'm', "LIST", "the monitors' addresses, by commas"},
	[FLAG_KEYRING] = {"keyring", 'k', "FILE", "the file with the user's key"},
	[FLAG_ID] = {"id", '\0', "USER", "the Ceph user, without client. (default: admin)"},
	[FLAG_CONF] = {"conf", 'c', "FILE", "the ceph.conf (default: $CEPH_CONF, /etc/ceph/ceph.conf)"},
	[FLAG_CLUSTER] = {"cluster", '\0', "NAME", "an entry of the configuration's clusters, or /etc/ceph/NAME.conf"},
	[FLAG_JSON] = {"json", '\0', NULL, "prints JSON"},
	[FLAG_HELP] = {"help", 'h', NULL, "prints this"},
	[FLAG_YES] = {"yes", 'y', NULL, "destroys without asking"},
	[FLAG_SIZE] = {"size", 's', "SIZE", "10Gi, 10G, or bytes"},
	[FLAG_ALLOW_SHRINK] = {"allow-shrink", '\0', NULL, "lets it become smaller: what is behind the new end is lost"},
	[FLAG_FEATURES] = {"features", '\0', "LIST", "the image's features (default: layering,exclusive-lock)"},
	[FLAG_DATA_POOL] = {"data-pool", '\0', "POOL", "where the image's data goes"},
	[FLAG_LONG] = {"long", 'l', NULL, "with size, features and watchers"},
	[FLAG_PREFIX] = {"prefix", '\0', "TEXT", "only names that begin so"},
	[FLAG_FAST] = {"fast", '\0', NULL, "counts whole objects (quick with object-map and fast-diff)"},
	[FLAG_TRASH] = {"trash", '\0', NULL, "moves it to the pool's trash, from where it can be restored"},
	[FLAG_READ_ONLY] = {"read-only", '\0', NULL, "maps it so that nothing can be written"},
	[FLAG_GUARD] = {"guard", '\0', "none", "maps for writing what somebody else has open: your word that it is safe"},
	[FLAG_OPTIONS] = {"options", 'o', "LIST", "the kernel's options, as in mapOptions of a volume"},
	[FLAG_IMAGE] = {"image", '\0', "NAME", "under this name"},
	[FLAG_FORMAT] = {"format", '\0', NULL, "only the record of its format"},
	[FLAG_HOLDER] = {"holder", '\0', NULL, "only the record of its holder"},
};
/* clang-format on */

static int number_of(enum flag flag)
{
	return FLAGS[flag].letter ? FLAGS[flag].letter : NUMBERED + (int)flag;
}

static enum flag flag_of(int number)
{
	enum flag flag = 0;

	while (flag < FLAG_COUNT && number_of(flag) != number)
		flag++;
	return flag;
}

static void build(uint32_t allowed, struct option longs[FLAG_COUNT + 1],
		  char letters[2 * FLAG_COUNT + 2])
{
	char *letter = letters;

	*letter++ = ':'; /* a value that lacks is ':', not '?' */
	for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
		const struct flag_row *row = &FLAGS[flag];

		if (!(allowed & FLAG_BIT(flag)))
			continue;
		*longs++ = (struct option){.name = row->name,
					   .has_arg = row->value ? required_argument : no_argument,
					   .val = number_of(flag)};
		if (row->letter)
			*letter++ = row->letter;
		if (row->letter && row->value)
			*letter++ = ':';
	}
	*longs = (struct option){0};
	*letter = '\0';
}

static int refuse_unknown(const char *verb, const char *word, uint32_t allowed, struct error *error)
{
	size_t length = strcspn(word, "="), least = SIZE_MAX;
	const char *nearest = "";
	char name[64];

	(void)snprintf(name, sizeof(name), "%.*s", (int)length, word);
	for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
		size_t distance;

		if (!(allowed & FLAG_BIT(flag)))
			continue;
		distance = str_distance(name + strspn(name, "-"), FLAGS[flag].name);
		if (distance < least) {
			least = distance;
			nearest = FLAGS[flag].name;
		}
	}
	error_set(error, -EINVAL, "%s has no flag %s", verb, name);
	return error_advise(error, "the nearest one is --%s; `rbd-flexvolume %s --help` lists all",
			    nearest, verb);
}

/* getopt_long(3) has reordered the words: of a short flag only the letter is known. One that other
 * verbs have is told by its long name too. */
static int refuse_letter(const char *verb, int letter, struct error *error)
{
	const bool shown = letter > ' ' && letter < 0x7f;
	const enum flag flag = flag_of(letter);

	error_set(error, -EINVAL, "%s has no flag -%c%s%s%s", verb, shown ? letter : '?',
		  flag < FLAG_COUNT ? " (--" : "", flag < FLAG_COUNT ? FLAGS[flag].name : "",
		  flag < FLAG_COUNT ? ")" : "");
	return error_advise(error, "`rbd-flexvolume %s --help` lists all", verb);
}

/* What getopt_long(3) says '?' or ':' to. `word` is right for long flags only. */
static int refuse(const char *verb, int number, const char *word, uint32_t allowed,
		  struct error *error)
{
	const enum flag flag = flag_of(optopt);
	const bool known = flag < FLAG_COUNT && allowed & FLAG_BIT(flag);

	if (!known && optopt)
		return refuse_letter(verb, optopt, error);
	if (!known)
		return refuse_unknown(verb, word, allowed, error);
	if (number == '?')
		return error_set(error, -EINVAL, "%s: --%s takes no value", verb, FLAGS[flag].name);
	return error_set(error, -EINVAL, "%s: --%s lacks its value: it takes %s", verb,
			 FLAGS[flag].name, FLAGS[flag].value);
}

static int take(const char *verb, enum flag flag, const char *value, struct arguments *ret,
		struct error *error)
{
	if (ret->flags[flag])
		return error_set(error, -EINVAL, "%s: --%s is given twice", verb, FLAGS[flag].name);
	if (value && !*value)
		return error_set(error, -EINVAL, "%s: --%s is empty: it takes %s", verb,
				 FLAGS[flag].name, FLAGS[flag].value);
	ret->flags[flag] = value ? value : "";
	return 0;
}

int arguments_parse(const char *verb, int argc, char *const *argv, uint32_t allowed,
		    struct arguments *ret, struct error *error)
{
	struct option longs[FLAG_COUNT + 1];
	char letters[2 * FLAG_COUNT + 2];
	int number, result = 0;

	*ret = (struct arguments){0};
	build(allowed, longs, letters);
	opterr = 0; /* nobody but kubelet/result speaks to the caller */
	optind = 0; /* glibc: begin anew */
	while (result == 0 && (number = getopt_long(argc, argv, letters, longs, NULL)) != -1) {
		const enum flag flag = flag_of(number);

		if (number == '?' || number == ':')
			return refuse(verb, number, argv[optind - 1], allowed, error);
		result = take(verb, flag, FLAGS[flag].value ? optarg : NULL, ret, error);
	}
	ret->operands = argv + optind;
	ret->count = argc - optind;
	return result;
}

void arguments_describe(uint32_t flags, struct text *output)
{
	for (enum flag flag = 0; flag < FLAG_COUNT; flag++) {
		const struct flag_row *row = &FLAGS[flag];
		char use[64];

		if (!(flags & FLAG_BIT(flag)))
			continue;
		(void)snprintf(use, sizeof(use), "%c%c%s --%s%s%s", row->letter ? '-' : ' ',
			       row->letter ? row->letter : ' ', row->letter ? "," : " ", row->name,
			       row->value ? " " : "", row->value ? row->value : "");
		text_printf(output, "  %-24s %s\n", use, row->help);
	}
}

void arguments_brief(uint32_t flags, struct text *output)
{
	for (enum flag flag = 0; flag < FLAG_COUNT; flag++)
		if (flags & FLAG_BIT(flag))
			text_printf(output, " [--%s%s%s]", FLAGS[flag].name,
				    FLAGS[flag].value ? " " : "",
				    FLAGS[flag].value ? FLAGS[flag].value : "");
}
