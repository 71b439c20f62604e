/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The phases of one call: secure stdio → parse → verb → answer. Whatever happens, the kubelet gets
 * one JSON object and exit status 0: with another status it would log the arguments, and the
 * Secret is among them (flexvolume-contract.md §2).
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>

#include "base/bundle.h"
#include "base/crash.h"
#include "base/phase.h"
#include "verbs/verbs.h"

/* Something to write to and read from that takes all and gives nothing, at 3 or above. */
static int open_sink(void)
{
	int fds[2], high, fd = open("/dev/null", O_RDWR | O_CLOEXEC | O_NOCTTY);

	if (fd < 0 && pipe2(fds, O_CLOEXEC) == 0) {
		close(fds[0]); /* nobody reads: each write is an EPIPE, SIGPIPE is ignored */
		fd = fds[1];
	}
	if (fd < 0 || fd > 2)
		return fd;
	high = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	close(fd);
	return high;
}

/* The caller's own descriptors to 3 and above, closed on exec, out of reach of every library. -1
 * where 0, 1 and 2 cannot be made safe: then no library may be called. */
static int secure_stdio(bool manual, struct terminal *ret)
{
	_cleanup_close_ int sink = -1;

	/* only people are asked anything */
	ret->in = manual ? fcntl(0, F_DUPFD_CLOEXEC, 3) : -1;
	ret->out = fcntl(1, F_DUPFD_CLOEXEC, 3);
	ret->err = fcntl(2, F_DUPFD_CLOEXEC, 3);
	sink = open_sink();
	if (sink < 0)
		return -1;
	for (int fd = 0; fd <= 2; fd++)
		if (dup2(sink, fd) < 0)
			return -1;
	/* the kubelet reads both as one: with the one closed, the answer goes to the other */
	if (ret->out < 0)
		ret->out = ret->err;
	return 0;
}

/* What the caller's process had set must not reach us: a SIGCHLD that is ignored would take away
 * our children's exit status, a blocked SIGTERM would make the kubelet crash. */
static void settle(bool manual)
{
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN); /* a file that may not grow is an errno, not the end */
	signal(SIGCHLD, SIG_DFL);
	signal(SIGTERM, SIG_DFL);
	umask(022);
	/* only a courtesy to whoever wants to unmount where we were started; what people name is
	 * where they stand */
	if (!manual && chdir("/") < 0)
		return;
}

/* What has been parsed needs to stand in /proc/PID/cmdline no longer. */
static void wipe_arguments(const struct verb *verb, bool parsed, int argc, char *argv[])
{
	for (int i = 2; i < argc; i++)
		if (!parsed || verb->arguments[i - 2] == ARGUMENT_JSON)
			explicit_bzero(argv[i], strlen(argv[i]));
}

static void say_unknown(const char *name, struct result *result)
{
	result_not_supported(result, *name ? name : "a call without a verb");
	if (*name)
		snprintf(result->message, sizeof(result->message),
			 "%.100s is not supported; the nearest verb is %s, `help` lists all", name,
			 verbs_nearest(name));
}

static int call_verb(const struct verb *verb, struct call *call, int argc, char *argv[],
		     struct request *request, struct result *result, struct error *error)
{
	bool parsed;

	if (verb->flags & VERB_BARE) {
		wipe_arguments(verb, false, argc, argv);
		return verb->run(call, result, error);
	}
	if ((verb->flags & VERB_ATTACH_MODE) && !call->config->capabilities.attach) {
		result_not_supported(result, verb->name);
		return 0;
	}
	parsed = request_parse(verb->name, verb->arguments, argc, argv, request, error) >= 0;
	wipe_arguments(verb, parsed, argc, argv);
	story_about(request);
	if (!parsed)
		return error->code;
	if (call->config_error->code < 0 && !(verb->flags & VERB_CONFIG_OPTIONAL)) {
		*error = *call->config_error;
		return error->code;
	}
	return verb->run(call, result, error);
}

static void answer_kubelet(const struct verb *verb, struct terminal stdio, int argc, char *argv[])
{
	_cleanup_config_ struct config config = {.path = ""};
	_cleanup_request_ struct request request;
	struct error error = {0}, config_error = {0};
	static struct result result;
	struct call call = {.request = &request, .config = &config, .config_error = &config_error};

	request_init(verb->name, &request);
	if (!(verb->flags & VERB_BARE)) {
		phase_begin("start");
		config_load(&config, &config_error);
		story_begin(&call);
	}
	if (call_verb(verb, &call, argc, argv, &request, &result, &error) < 0)
		result_failure(&result, &error);
	result_write(&result, stdio.out);
	crash_answered();
	if (!(verb->flags & VERB_BARE))
		story_end(&result);
}

/* The exit code. */
static int answer_person(const struct verb *verb, struct terminal stdio, int argc, char *argv[])
{
	_cleanup_config_ struct config config = {.path = ""};
	_cleanup_request_ struct request request;
	_cleanup_text_ struct text output = {0};
	struct error error = {0}, config_error = {0};
	static struct result result;
	struct call call = {.request = &request,
			    .config = &config,
			    .config_error = &config_error,
			    .argc = argc - 2,
			    .argv = argv + 2,
			    .terminal = &stdio,
			    .output = &output};
	int r;

	request_init(verb->name, &request);
	config_load(&config, &config_error);
	r = verb->run(&call, &result, &error);
	if (output.failed && r >= 0)
		r = error_set(&error, -ENOMEM, "%s: not enough memory", verb->name);
	if (output.length && result_print(output.data, output.length, stdio.out) < 0 && r == 0)
		r = 1;
	if (r < 0 || r == VERB_WRONG_USE)
		result_explain(&error, stdio.err);
	return r < 0 ? 1 : r;
}

int main(int argc, char *argv[])
{
	const char *name = argc > 1 ? argv[1] : "";
	const struct verb *verb = verbs_find(name);
	const bool manual = verb && verb->flags & VERB_MANUAL;
	static struct result result;
	struct terminal stdio;

	settle(manual);
	if (secure_stdio(manual, &stdio) < 0) {
		snprintf(result.message, sizeof(result.message),
			 "%.100s: stdin, stdout and stderr cannot be made safe: no /dev/null",
			 name);
		result_write(&result, stdio.out >= 0 ? stdio.out : 1);
		_exit(0);
	}
	bundle_enter();
	if (manual)
		_exit(answer_person(verb, stdio, argc, argv));
	crash_answer(stdio.out, "{\"status\":\"Failure\",\"message\":\"the driver broke down (a "
				"crash in it or in a Ceph library); the next call starts anew; "
				"see the log of the node\"}\n");
	if (verb) {
		answer_kubelet(verb, stdio, argc, argv);
		_exit(0);
	}
	say_unknown(name, &result);
	result_write(&result, stdio.out);
	crash_answered();
	_exit(0);
}
