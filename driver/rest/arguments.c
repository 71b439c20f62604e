/* SPDX-License-Identifier: Apache-2.0 */
#include "rest/arguments.h"

#include <errno.h>
#include <stddef.h>

#include "base/str.h"
#include "kubelet/grammar.h"

const char arguments_help[] =
	"usage: rbd-rest [OPTION]...\n"
	"       rbd-rest passwd --auth FILE USER [--read-only]\n"
	"\n"
	"Serves the pools and images of a Ceph cluster over REST. Stays in the foreground, tells\n"
	"systemd when it is ready, ends on SIGTERM after the requests in work.\n"
	"\n"
	"  --listen ADDRESS:PORT  where (127.0.0.1:8080); [::1]:8080 for IPv6\n"
	"  --auth FILE            who may ask: users made by `rbd-rest passwd`, or by htpasswd -B;\n"
	"                         needed on any address but loopback\n"
	"  --conf CEPH.CONF       the cluster (/etc/ceph/ceph.conf)\n"
	"  --id USER              the Ceph user, without \"client.\" (admin)\n"
	"  --keyring FILE         its key (/etc/ceph/ceph.client.USER.keyring)\n"
	"  --config FILE          the configuration of rbd-flexvolume, with its section \"rest\"\n"
	"                         ($RBD_FLEXVOLUME_CONFIG, /etc/rbd-flexvolume/config.json)\n"
	"  --tls-cert FILE        serves https with this certificate (chain, PEM)\n"
	"  --tls-key FILE         and its private key\n"
	"  --user NAME            whom it becomes once files are read, if started by root (nobody)\n"
	"  --help, --version\n"
	"\n"
	"passwd puts USER into FILE, or changes its password, which it asks for on a terminal and\n"
	"otherwise reads as one line from standard input; --read-only: this user changes nothing.\n";

struct option_row {
	const char *name;
	size_t offset;
	bool for_serve, for_passwd;
	bool flag; /* takes no value */
};

#define ROW(name, member, serve, passwd, flag)                                    \
	{                                                                         \
		name, offsetof(struct arguments, member), (serve), (passwd), flag \
	}

static const struct option_row OPTIONS[] = {
	ROW("--listen", listen, true, false, false),
	ROW("--auth", auth, true, true, false),
	ROW("--conf", conf, true, false, false),
	ROW("--id", id, true, false, false),
	ROW("--keyring", keyring, true, false, false),
	ROW("--config", config, true, false, false),
	ROW("--tls-cert", tls_cert, true, false, false),
	ROW("--tls-key", tls_key, true, false, false),
	ROW("--user", run_as, true, false, false),
	ROW("--read-only", read_only, false, true, true),
};

static const struct option_row *find(const char *text, size_t length)
{
	for (size_t i = 0; i < ARRAY_SIZE(OPTIONS); i++)
		if (strlen(OPTIONS[i].name) == length && !strncmp(OPTIONS[i].name, text, length))
			return &OPTIONS[i];
	return NULL;
}

static int refuse(const char *word, struct error *error)
{
	const char *known[ARRAY_SIZE(OPTIONS) + 1] = {NULL};

	for (size_t i = 0; i < ARRAY_SIZE(OPTIONS); i++)
		known[i] = OPTIONS[i].name;
	error_set(error, -EINVAL, "\"%.100s\" is no option; the nearest is %s", word,
		  grammar_nearest(word, known));
	return error_advise(error, "`rbd-rest --help` lists all");
}

/* "--auth FILE" and "--auth=FILE". */
static int take_option(int argc, char *const argv[], int *at, struct arguments *ret,
		       struct error *error)
{
	const char *word = argv[*at], *equals = strchr(word, '=');
	const struct option_row *row = find(word, equals ? (size_t)(equals - word) : strlen(word));
	const char **value;

	if (!row || (row->flag && equals))
		return refuse(word, error);
	if (ret->command == COMMAND_PASSWD ? !row->for_passwd : !row->for_serve)
		return error_set(error, -EINVAL, "%s does not belong here", row->name);
	if (row->flag) {
		*(bool *)((char *)ret + row->offset) = true;
		return 0;
	}
	value = (const char **)((char *)ret + row->offset);
	if (*value)
		return error_set(error, -EINVAL, "%s is given twice", row->name);
	*value = equals ? equals + 1 : *at + 1 < argc ? argv[++*at] : "";
	return **value ? 0 : error_set(error, -EINVAL, "%s needs a value", row->name);
}

static int take_word(const char *word, struct arguments *ret, struct error *error)
{
	if (ret->command != COMMAND_PASSWD || ret->user) {
		error_set(error, -EINVAL, "\"%.100s\" is too much", word);
		return error_advise(error, "`rbd-rest --help` shows the use");
	}
	ret->user = word;
	return 0;
}

static int check(const struct arguments *arguments, struct error *error)
{
	if (arguments->command == COMMAND_PASSWD && !arguments->auth)
		return error_set(error, -EINVAL, "passwd needs --auth FILE");
	if (arguments->command == COMMAND_PASSWD && !arguments->user)
		return error_set(error, -EINVAL, "passwd needs the user's name");
	if (!arguments->tls_cert != !arguments->tls_key)
		return error_set(error, -EINVAL,
				 "--tls-cert and --tls-key belong together: one is missing");
	return 0;
}

int command_line_parse(int argc, char *const argv[], struct arguments *ret, struct error *error)
{
	int r = 0, i = 1;

	*ret = (struct arguments){.command = COMMAND_SERVE};
	if (argc > 1 && str_eq(argv[1], "passwd")) {
		ret->command = COMMAND_PASSWD;
		i++;
	}
	for (; i < argc && r >= 0; i++) {
		if (str_eq(argv[i], "--help") || str_eq(argv[i], "-h") || str_eq(argv[i], "help")) {
			ret->command = COMMAND_HELP;
			return 0;
		}
		if (str_eq(argv[i], "--version") || str_eq(argv[i], "version")) {
			ret->command = COMMAND_VERSION;
			return 0;
		}
		r = argv[i][0] == '-' ? take_option(argc, argv, &i, ret, error)
				      : take_word(argv[i], ret, error);
	}
	return r < 0 ? r : check(ret, error);
}
