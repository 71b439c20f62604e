/* SPDX-License-Identifier: Apache-2.0 */
/*
 * rbd-rest: what is said is read, what needs root is done, root is given up; then the connection
 * and the server run in threads of their own, and this one waits for the signal to end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/path.h"
#include "kubelet/config.h"
#include "kubelet/json.h"
#include "rest/arguments.h"
#include "rest/auth.h"
#include "rest/keep.h"
#include "rest/memory.h"
#include "rest/metrics.h"
#include "rest/notify.h"
#include "rest/passwd.h"
#include "rest/privileges.h"
#include "rest/say.h"
#include "rest/server.h"

#define STOP_DEADLINE 30000 /* ms, that the requests in work have */
#define PEM_MAX       (256 * 1024)

static void settle(void)
{
	struct sigaction ignore = {.sa_handler = SIG_IGN};
	int fd;

	/* a library must not take 0, 1 or 2 for a file of its own */
	do {
		fd = open("/dev/null", O_RDWR | O_CLOEXEC);
	} while (fd >= 0 && fd <= 2);
	if (fd > 2)
		close(fd);
	sigaction(SIGPIPE, &ignore, NULL);
	sigaction(SIGXFSZ, &ignore, NULL);
	umask(077);
	memory_settle();
}

static void block_signals(sigset_t *ret)
{
	sigemptyset(ret);
	sigaddset(ret, SIGTERM);
	sigaddset(ret, SIGINT);
	pthread_sigmask(SIG_BLOCK, ret, NULL);
}

/* The users, or the reason why it may do without. */
static int open_auth(const struct settings *settings, const struct address *address,
		     struct auth **ret, struct error *error)
{
	int r = settings->auth ? auth_open(settings->auth, ret, error) : 0;

	if (r < 0 || address->loopback || (*ret && auth_users(*ret)))
		return r;
	error_set(error, -EPERM, "listen on %s: without users only on loopback", settings->listen);
	return error_advise(error, "make one: rbd-rest passwd --auth FILE USER, and give --auth "
				   "FILE");
}

/* What only root can read is carried into memory: a new connection needs the key again. */
static int carry_keyring(const struct identity *identity, const struct config *config,
			 struct connect_wish *wish, char memory[64], struct error *error)
{
	char path[PATH_MAX];

	if (!identity->change)
		return 0;
	if (connect_find_keyring(config, wish, path, error) < 0)
		return error->code;
	/* it may come later, as the cluster may */
	if (!wish->keyring && access(path, F_OK) < 0)
		return 0;
	if (privileges_carry(identity, path, memory, error) < 0)
		return error_prefix(error, "keyring");
	wish->keyring = memory;
	return 0;
}

static int read_pem(const char *path, char **ret, struct error *error)
{
	char *text = calloc(1, PEM_MAX);
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	ssize_t length = text && fd >= 0 ? read(fd, text, PEM_MAX - 1) : -1;
	int r = length <= 0 ? error_errno(error, length ? -errno : -ENODATA, "read %s", path) : 0;

	if (fd >= 0)
		close(fd);
	*ret = text;
	return r;
}

struct prepared {
	struct config config;
	struct settings settings;
	struct address address;
	struct identity identity;
	struct connect_wish wish;
	char keyring[64];
	struct service service;
	struct server_setup setup;
	char *certificate, *key;
};

/* All that may need root. */
static int prepare(const struct arguments *arguments, struct prepared *ret, struct error *error)
{
	ret->wish = (struct connect_wish){.keyring = arguments->keyring,
					  .user = arguments->id,
					  .conf = arguments->conf,
					  .busy = true};
	if (arguments->config && setenv(CONFIG_ENVIRONMENT, arguments->config, 1) < 0)
		return error_set(error, -ENOMEM, "not enough memory");
	if (config_load(&ret->config, error) < 0 ||
	    settings_take(arguments, &ret->config, &ret->settings, error) < 0 ||
	    settings_address(ret->settings.listen, &ret->address, error) < 0 ||
	    privileges_find(arguments->run_as, &ret->identity, error) < 0 ||
	    open_auth(&ret->settings, &ret->address, &ret->service.auth, error) < 0)
		return error->code;
	if (arguments->tls_cert && (read_pem(arguments->tls_cert, &ret->certificate, error) < 0 ||
				    read_pem(arguments->tls_key, &ret->key, error) < 0))
		return error->code;
	if (carry_keyring(&ret->identity, &ret->config, &ret->wish, ret->keyring, error) < 0)
		return error->code;
	ret->setup.socket = server_listen(&ret->address, ret->settings.listen, error);
	return ret->setup.socket < 0 ? ret->setup.socket : 0;
}

static int serve(struct prepared *prepared, struct error *error)
{
	struct service *service = &prepared->service;
	struct server_setup *setup = &prepared->setup;
	struct server *server;
	sigset_t signals;
	int signal = 0;

	block_signals(&signals);
	service->allow_pool_delete = prepared->settings.allow_pool_delete;
	service->metrics = metrics_new();
	if (!service->metrics)
		return error_set(error, -ENOMEM, "not enough memory");
	setup->service = service;
	setup->certificate = prepared->certificate;
	setup->key = prepared->key;
	setup->ipv6 = prepared->address.address.ss_family == AF_INET6;
	if (keep_start(&prepared->config, &prepared->wish, &service->keep, error) < 0 ||
	    server_start(setup, &server, error) < 0)
		return error->code;
	if (prepared->key)
		explicit_bzero(prepared->key, strlen(prepared->key));
	say("listening on %s (%s, %s)", prepared->settings.listen,
	    prepared->certificate ? "https" : "http", service->auth ? "users" : "without users");
	if (!prepared->certificate && !prepared->address.loopback)
		say("passwords come unencrypted: give --tls-cert and --tls-key, or put a proxy "
		    "before it");
	notify("READY=1\n");
	while (sigwait(&signals, &signal) != 0)
		;
	notify("STOPPING=1\n");
	say("ending: no new connections, the requests in work are answered");
	server_stop(server, deadline_in(STOP_DEADLINE));
	return 0;
}

static int run(const struct arguments *arguments, struct error *error)
{
	static struct prepared prepared;
	int r = prepare(arguments, &prepared, error);

	if (r >= 0)
		r = privileges_drop(&prepared.identity, error);
	return r < 0 ? r : serve(&prepared, error);
}

int main(int argc, char *argv[])
{
	struct arguments arguments;
	struct error error = {0};
	int r;

	settle();
	json_init();
	if (command_line_parse(argc, argv, &arguments, &error) < 0) {
		say_error(&error);
		return 2;
	}
	switch (arguments.command) {
	case COMMAND_HELP:
		return fputs(arguments_help, stdout) < 0;
	case COMMAND_VERSION:
		return printf("rbd-rest %s\n", RBD_FLEXVOLUME_VERSION) < 0;
	case COMMAND_PASSWD:
		r = passwd_run(&arguments, &error);
		break;
	default:
		r = run(&arguments, &error);
	}
	if (r < 0)
		say_error(&error);
	/* threads of librados are at work: nothing is torn down (decision 3) */
	(void)fflush(stdout);
	_exit(r < 0 ? 1 : 0);
}
