/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "admin/admin.h"
#include "base/cleanup.h"
#include "volume/connect.h"

static int refuse_verb(const char *group, int argc, char *const *argv, struct error *error)
{
	const char *nearest;
	char meant[COMMAND_MAX];

	nearest = command_nearest(group, argc, argv, meant);
	if (!argc)
		(void)error_set(error, -EINVAL, "%s: the verb behind it is missing", group);
	else
		(void)error_set(error, -EINVAL, "%s has no verb \"%s\"; the nearest one is \"%s\"",
				group, meant, nearest);
	(void)error_advise(error, "`rbd-flexvolume help %s` lists all", group);
	return ADMIN_WRONG_USE;
}

static bool asks_for_help(const char *word)
{
	return str_eq(word, "--help") || str_eq(word, "-h") || str_eq(word, "help");
}

static int check_count(const struct command *command, int count, struct error *error)
{
	if (count >= command->least && count <= command->most)
		return 0;
	(void)error_set(error, -EINVAL, "%s %s takes %s", command->group, command->name,
			*command->operands ? command->operands : "no operand");
	return ADMIN_WRONG_USE;
}

int admin_run(const char *group, int argc, char *const *argv, struct admin *admin,
	      struct error *error)
{
	int words = 0, result;
	char verb[128];

	admin->command = command_find(group, argc, argv, &words);
	if (!admin->command && argc > 0) {
		/* `image --help`, `image snap --help`, `image help snap` */
		const bool last = asks_for_help(argv[argc - 1]), first = asks_for_help(argv[0]);

		if ((last || first) &&
		    admin_help(group, argc - 1, first ? argv + 1 : argv, admin->output))
			return 0;
	}
	if (!admin->command)
		return refuse_verb(group, argc, argv, error);
	(void)snprintf(verb, sizeof(verb), "%s %s", group, admin->command->name);
	/* the last word of the verb stands where a program's name does */
	result = arguments_parse(verb, argc - words + 1, argv + words - 1,
				 admin->command->flags | FLAGS_OF_EVERY, &admin->arguments, error);
	if (result < 0)
		return ADMIN_WRONG_USE;
	if (arguments_have(&admin->arguments, FLAG_HELP)) {
		command_usage(admin->command, admin->output);
		return 0;
	}
	result = check_count(admin->command, admin->arguments.count, error);
	if (result)
		return result;
	admin->json = arguments_have(&admin->arguments, FLAG_JSON);
	admin->person = terminal_reads(admin->terminal);
	admin->lock = -1;
	result = admin->command->run(admin, error);
	cleanup_close(&admin->lock);
	return result;
}

/* A configuration that was refused decides nothing: the error is its own, unless flags say which
 * cluster is meant. */
static int check_config(const struct admin *admin, const char *conf, struct error *error)
{
	/* which cluster would it be, without what the configuration was to say? */
	if (admin->config_error->code == 0 || *conf ||
	    arguments_have(&admin->arguments, FLAG_MONITORS))
		return 0;
	*error = *admin->config_error;
	return error_advise(error, "or say by -m or -c which cluster is meant");
}

int admin_wish(const struct admin *admin, struct connect_wish *ret, struct error *error)
{
	const struct arguments *arguments = &admin->arguments;
	const char *environment = getenv("CEPH_CONF"); /* as the rbd command has it */

	*ret = (struct connect_wish){
		.monitors = arguments_value(arguments, FLAG_MONITORS),
		.keyring = arguments_value(arguments, FLAG_KEYRING),
		.user = arguments_value(arguments, FLAG_ID),
		.conf = arguments_value(arguments, FLAG_CONF),
		.cluster = arguments_value(arguments, FLAG_CLUSTER),
		/* with the leanest set of threads librbd waits for itself in some changes
		 * (rbd_snap_unprotect, 16.2) */
		.busy = true,
	};
	if (!*ret->conf && !*ret->cluster && environment)
		ret->conf = environment;
	return check_config(admin, ret->conf, error);
}

int admin_connect(struct admin *admin, struct error *error)
{
	struct connect_wish wish;

	if (admin_wish(admin, &wish, error) < 0)
		return error->code;
	return connect_as(admin->config, &wish, &admin->cluster, error);
}

int admin_open(struct admin *admin, int operand, enum target_kind kind, struct target *ret,
	       struct error *error)
{
	const char *text = admin->arguments.count > operand ? admin->arguments.operands[operand]
							    : OPTIONS_DEFAULT_POOL;

	if (target_parse(text, kind, ret, error) < 0)
		return ADMIN_WRONG_USE;
	return admin->cluster ? 0 : admin_connect(admin, error);
}

int admin_size(const struct admin *admin, uint64_t *ret, struct error *error)
{
	if (!arguments_have(&admin->arguments, FLAG_SIZE)) {
		(void)error_set(error, -EINVAL, "%s %s needs --size", admin->command->group,
				admin->command->name);
		(void)error_advise(error, "for example --size 10Gi");
		return ADMIN_WRONG_USE;
	}
	return options_parse_size(admin->arguments.flags[FLAG_SIZE], ret, error) < 0
		       ? ADMIN_WRONG_USE
		       : 0;
}

void admin_say(const struct admin *admin, const char *format, ...)
{
	va_list arguments;

	if (admin->json)
		return;
	va_start(arguments, format);
	line_vprint(admin->output, format, arguments);
	va_end(arguments);
}

int admin_confirm(const struct admin *admin, const char *question, struct error *error)
{
	if (arguments_have(&admin->arguments, FLAG_YES))
		return 0;
	if (!terminal_answers(admin->terminal)) {
		(void)error_set(error, -EPERM, "%s Nobody is at a terminal to be asked", question);
		return error_advise(error, "with --yes it is done without a question");
	}
	if (terminal_ask(admin->terminal, question))
		return 0;
	return error_set(error, -ECANCELED, "the answer was not yes: nothing was changed");
}

static int show(void *context, uint64_t done, uint64_t total)
{
	progress_show(context, done, total);
	return 0;
}

void admin_way_begin(struct admin_way *ret, const struct admin *admin, const char *what,
		     const struct target *target)
{
	*ret = (struct admin_way){.way = {.progress = show, .context = &ret->progress}};
	(void)snprintf(ret->what, sizeof(ret->what), "%s %s", what, target->text);
	progress_begin(&ret->progress, admin->terminal, ret->what);
}
