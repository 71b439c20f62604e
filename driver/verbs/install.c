/* SPDX-License-Identifier: Apache-2.0 */
/* install and uninstall: the options of the installer's room. */
#include <errno.h>
#include <stdio.h>

#include "installer/installer.h"
#include "verbs/verbs.h"

#define USE_INSTALL                                                                        \
	"install [--plugin-dir DIR] [--mode attach|mount] [--secret DIR] [--config FILE] " \
	"[--wait | --check | --here]"
#define USE_UNINSTALL "uninstall [--plugin-dir DIR]"

struct words {
	struct installer installer;
	bool wait, check, here, help;
};

static bool take_mode(const char *value, enum installer_mode *ret)
{
	*ret = str_eq(value, "attach")  ? INSTALLER_ATTACH
	       : str_eq(value, "mount") ? INSTALLER_MOUNT
					: INSTALLER_UNSAID;
	return *ret != INSTALLER_UNSAID;
}

static const char **value_of(struct words *words, bool install, const char *name)
{
	if (str_eq(name, "--plugin-dir"))
		return &words->installer.plugin_dir;
	if (install && str_eq(name, "--secret"))
		return &words->installer.secret;
	if (install && str_eq(name, "--config"))
		return &words->installer.config;
	return NULL;
}

static bool *flag_of(struct words *words, bool install, const char *name)
{
	if (str_eq(name, "--help"))
		return &words->help;
	if (install && str_eq(name, "--wait"))
		return &words->wait;
	if (install && str_eq(name, "--check"))
		return &words->check;
	if (install && str_eq(name, "--here"))
		return &words->here;
	return NULL;
}

static bool take_words(const struct call *call, bool install, struct words *ret)
{
	for (int i = 0; i < call->argc; i++) {
		const char *name = call->argv[i];
		bool *flag = flag_of(ret, install, name);
		const char **value = value_of(ret, install, name);

		if (flag) {
			*flag = true;
			continue;
		}
		if (++i >= call->argc || !*call->argv[i])
			return false;
		if (install && str_eq(name, "--mode")) {
			if (!take_mode(call->argv[i], &ret->installer.mode))
				return false;
			continue;
		}
		if (!value || *value)
			return false;
		*value = call->argv[i];
	}
	return ret->wait + ret->check + ret->here <= 1;
}

static int wrong_use(const char *use, struct error *error)
{
	(void)error_set(error, -EINVAL, "use: %s", use);
	(void)error_advise(error, "`install --help` says more");
	return VERB_WRONG_USE;
}

/* At once: an install takes its time, and --wait does not end. */
static void say(const char *line, void *context)
{
	const struct call *call = context;
	char text[1100];
	int length = snprintf(text, sizeof(text), "%s\n", line);

	(void)result_print(text, (size_t)length, call->terminal->out);
}

static void print_help(struct text *output)
{
	size_t count;
	const struct installer_place *places = installer_places(&count);

	text_printf(
		output, USE_INSTALL
		"\n" USE_UNINSTALL "\n\n"
		"  --plugin-dir DIR     where the kubelet looks for drivers: ceph~rbd is made "
		"there\n"
		"  --mode attach|mount  without it: as the configuration says, else as installed, "
		"else attach\n"
		"  --secret DIR         a mounted Secret: key or userKey, user or userID "
		"(default admin),\n"
		"                       monitors, fsid; they become the cluster \"default\"\n"
		"  --config FILE        the configuration; without a policy it gets a closed one\n"
		"  --wait               stays, and installs again what was changed\n"
		"  --check              is it installed, whole, and does it answer? Exit code 0 "
		"or 1\n"
		"  --here               only .init.json, for a driver that was copied by hand\n\n"
		"Without --plugin-dir, the first of these that exists:\n");
	for (size_t i = 0; i < count; i++)
		text_printf(output, "  %-52s %s\n", places[i].directory, places[i].who);
}

static int run(const struct call *call, const struct words *words, struct error *error)
{
	int r;

	if (words->here)
		return installer_here(&words->installer, call->config->path, error);
	if (words->wait)
		return installer_wait(&words->installer, error);
	if (!words->check)
		return installer_install(&words->installer, error);
	r = installer_check(&words->installer, error);
	return r < 0 ? error_prefix(error, "not ready") : 0;
}

int verb_install(const struct call *call, struct result *result, struct error *error)
{
	struct words words = {.installer = {.say = say, .context = (void *)call}};

	(void)result;
	if (!take_words(call, true, &words))
		return wrong_use(USE_INSTALL, error);
	if (words.help) {
		print_help(call->output);
		return 0;
	}
	return run(call, &words, error);
}

int verb_uninstall(const struct call *call, struct result *result, struct error *error)
{
	struct words words = {.installer = {.say = say, .context = (void *)call}};

	(void)result;
	if (!take_words(call, false, &words))
		return wrong_use(USE_UNINSTALL, error);
	if (words.help) {
		print_help(call->output);
		return 0;
	}
	return installer_uninstall(&words.installer, error);
}
