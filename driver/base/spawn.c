/* SPDX-License-Identifier: Apache-2.0 */
#include "base/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bundle.h"
#include "base/cleanup.h"
#include "base/str.h"

/* The last bytes of an output of any length. */
struct tail {
	char bytes[sizeof(((struct spawn_result *)0)->output)];
	size_t length;
};

static void tail_add(struct tail *tail, const char *bytes, size_t length)
{
	const size_t room = sizeof(tail->bytes) - 1;
	size_t over;

	if (length > room) {
		bytes += length - room;
		length = room;
	}
	over = tail->length + length > room ? tail->length + length - room : 0;
	memmove(tail->bytes, tail->bytes + over, tail->length - over);
	memcpy(tail->bytes + tail->length - over, bytes, length);
	tail->length += length - over;
	tail->bytes[tail->length] = '\0';
}

/* How argv is started: the program itself, or by the bundle's loader, whose words come first. */
struct program {
	char file[PATH_MAX]; /* to be executed */
	struct bundle_program bundled;
	const char *first[7];
	size_t first_count;
};

static int find_bundled(const char *name, struct program *ret)
{
	struct bundle_program *bundled = &ret->bundled;
	const char *const first[] = {bundled->loader,  "--inhibit-cache", "--library-path",
				     bundled->library, "--argv0",         name,
				     bundled->file};
	int result = bundle_find(name, bundled);

	if (result < 0)
		return result;
	memcpy(ret->first, first, sizeof(first));
	ret->first_count = ARRAY_SIZE(first);
	return str_copy(ret->file, sizeof(ret->file), bundled->loader);
}

static int find_program(const char *name, struct program *ret)
{
	static const char *const folders[] = {"/usr/sbin", "/usr/bin", "/sbin", "/bin"};

	ret->first_count = 0;
	if (find_bundled(str_eq(name, SPAWN_SELF) ? "rbd-flexvolume" : name, ret) == 0)
		return 0;
	if (strchr(name, '/'))
		return str_copy(ret->file, sizeof(ret->file), name);
	for (size_t i = 0; i < ARRAY_SIZE(folders); i++) {
		if (snprintf(ret->file, sizeof(ret->file), "%s/%s", folders[i], name) <
			    (int)sizeof(ret->file) &&
		    access(ret->file, X_OK) == 0)
			return 0;
	}
	return -ENOENT;
}

bool spawn_can(const char *name)
{
	struct program program;

	return find_program(name, &program) == 0;
}

/* The loader's words and, but for its name, what argv says. To be freed; NULL: no memory. */
static char **list_arguments(const struct program *program, const char *const *argv)
{
	const size_t first = program->first_count;
	const size_t skip = first ? 1 : 0;
	size_t count = 0;
	char **list;

	while (argv[count])
		count++;
	list = calloc(first + count + 1, sizeof(*list));
	if (!list)
		return NULL;
	memcpy(list, program->first, first * sizeof(*list));
	memcpy(list + first, argv + skip, (count - skip) * sizeof(*list));
	return list;
}

static int add_descriptors(posix_spawn_file_actions_t *actions, const struct spawn *spawn, int pipe)
{
	int result = posix_spawn_file_actions_addopen(actions, 0, "/dev/null", O_RDONLY, 0);

	if (!result)
		result = posix_spawn_file_actions_adddup2(actions, pipe, 1);
	if (!result)
		result = posix_spawn_file_actions_adddup2(actions, pipe, 2);
	/* onto itself: posix_spawn() then takes the close-on-exec flag away (POSIX.1-2017 TC) */
	for (size_t i = 0; !result && i < spawn->keep_count; i++)
		result = posix_spawn_file_actions_adddup2(actions, spawn->keep[i], spawn->keep[i]);
	return -result;
}

static int execute(const struct program *program, const struct spawn *spawn,
		   const posix_spawn_file_actions_t *actions, const posix_spawnattr_t *attributes,
		   pid_t *ret)
{
	char configuration[PATH_MAX + 16] = "MKE2FS_CONFIG=";
	const char *const environment[] = {"PATH=/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL=C",
					   program->first_count ? configuration : NULL, NULL};
	_cleanup_free_ char **argv = list_arguments(program, spawn->argv);

	if (!argv)
		return -ENOMEM;
	/* the host's would name what another version can */
	(void)bundle_file("etc/mke2fs.conf", configuration + strlen(configuration));
	return -posix_spawn(ret, program->file, actions, attributes, argv,
			    (char *const *)environment);
}

static int launch(const struct spawn *spawn, const struct program *program, int pipe, pid_t *ret)
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, standard;
	struct sigaction ignore = {.sa_handler = SIG_IGN}, before;
	int result;

	(void)sigemptyset(&none);
	(void)sigfillset(&standard);
	/* one that goes on alone must not die of saying so to nobody */
	if (spawn->never_kill) {
		(void)sigdelset(&standard, SIGPIPE);
		(void)sigaction(SIGPIPE, &ignore, &before);
	}
	(void)posix_spawn_file_actions_init(&actions);
	(void)posix_spawnattr_init(&attributes);
	(void)posix_spawnattr_setsigmask(&attributes, &none);
	(void)posix_spawnattr_setsigdefault(&attributes, &standard);
	(void)posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	result = add_descriptors(&actions, spawn, pipe);
	if (!result)
		result = execute(program, spawn, &actions, &attributes, ret);
	if (spawn->never_kill)
		(void)sigaction(SIGPIPE, &before, NULL);
	(void)posix_spawnattr_destroy(&attributes);
	(void)posix_spawn_file_actions_destroy(&actions);
	return result;
}

/* The same, but the first bytes. Is there room for more? */
static bool tail_keep(struct tail *tail, const char *bytes, size_t length)
{
	const size_t room = sizeof(tail->bytes) - 1 - tail->length;

	tail_add(tail, bytes, length < room ? length : room);
	return length < room;
}

/* Reads until the other end is closed, or all that is wanted has come: 0, or -ETIMEDOUT. */
static int drain(int pipe, bool beginning, struct tail *tail, struct deadline deadline)
{
	struct pollfd waiting = {.fd = pipe, .events = POLLIN};
	char bytes[1024];

	for (;;) {
		int ready = poll(&waiting, 1, deadline_left(deadline));
		ssize_t count;

		if (ready == 0)
			return -ETIMEDOUT;
		if (ready < 0 && errno != EINTR)
			return -errno;
		if (ready < 0)
			continue;
		count = read(pipe, bytes, sizeof(bytes));
		if (count == 0)
			return 0;
		if (count > 0 && !beginning)
			tail_add(tail, bytes, (size_t)count);
		else if (count > 0 && !tail_keep(tail, bytes, (size_t)count))
			return 0;
		else if (count < 0 && errno != EINTR && errno != EAGAIN)
			return -errno;
	}
}

/* The child has closed its output, so it is about to end; nothing tells of the end itself on all
 * kernels that we serve (pidfd: 5.3). */
static int reap(pid_t pid, struct deadline deadline, int *ret_status)
{
	for (;;) {
		pid_t done = waitpid(pid, ret_status, WNOHANG);

		if (done == pid)
			return 0;
		if (done < 0 && errno != EINTR)
			return -errno;
		if (deadline_passed(deadline))
			return -ETIMEDOUT;
		deadline_pause(1, deadline);
	}
}

static void kill_gently(pid_t pid)
{
	int status;

	(void)kill(pid, SIGTERM);
	if (reap(pid, deadline_in(1000), &status) != -ETIMEDOUT)
		return;
	(void)kill(pid, SIGKILL);
	/* one that sleeps uninterruptibly outlives this: nobody waits for it */
	(void)reap(pid, deadline_in(500), &status);
}

static int watch(const struct spawn *spawn, pid_t pid, int *pipe, struct spawn_result *ret,
		 struct error *error)
{
	struct tail tail = {.length = 0};
	int status = 0;
	int result = drain(*pipe, spawn->beginning, &tail, spawn->deadline);

	if (spawn->beginning)
		close(TAKE_FD(*pipe));
	if (result == 0)
		result = reap(pid, spawn->deadline, &status);
	memcpy(ret->output, tail.bytes, sizeof(ret->output));
	str_one_line(ret->output);
	if (result == -ETIMEDOUT && spawn->never_kill)
		return error_set(error, result,
				 "%s (pid %d) has not ended in time and goes on alone",
				 spawn->argv[0], pid);
	if (result < 0)
		kill_gently(pid);
	if (result == -ETIMEDOUT)
		return error_set(error, result, "%s did not end in time and was ended",
				 spawn->argv[0]);
	if (result < 0)
		return error_errno(error, result, "wait for %s", spawn->argv[0]);
	ret->exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
	return 0;
}

int spawn_run(const struct spawn *spawn, struct spawn_result *ret, struct error *error)
{
	_cleanup_close_ int reading = -1, writing = -1;
	struct program program;
	int ends[2], result;
	pid_t pid = -1;

	*ret = (struct spawn_result){.exit_code = -1};
	result = find_program(spawn->argv[0], &program);
	if (result < 0)
		return error_set(error, result,
				 "run %s: no such program in /usr/sbin, /usr/bin, /sbin, /bin",
				 spawn->argv[0]);
	if (pipe2(ends, O_CLOEXEC) < 0)
		return error_errno(error, -errno, "make a pipe for %s", spawn->argv[0]);
	reading = ends[0];
	writing = ends[1];
	result = launch(spawn, &program, writing, &pid);
	if (result < 0)
		return error_errno(error, result, "run %s", program.file);
	close(TAKE_FD(writing));
	return watch(spawn, pid, &reading, ret, error);
}
