/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "command.h"

#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/wait.h>

extern char **environ;

/* Those that run. The lock is held from before a start until it is in the list. */
static struct command *commands;
static pthread_mutex_t commands_lock = PTHREAD_MUTEX_INITIALIZER;

void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

struct command *command_new(void)
{
	struct command *cmd = calloc(1, sizeof(*cmd));

	if (cmd)
		cmd->in = cmd->out = cmd->err = cmd->ended = -1;
	return cmd;
}

/* The length of NAME in "NAME=VALUE", 0: it is none. */
static size_t name_length(const char *word)
{
	size_t length =
		strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789");

	return word[length] == '=' ? length : 0;
}

/* The last one of a name counts. */
static void set_environment(struct command *cmd, char *word)
{
	size_t length = name_length(word) + 1;
	int i = 0;

	while (cmd->environment[i] && strncmp(cmd->environment[i], word, length) != 0)
		i++;
	if (i < MAX_ENVIRONMENT)
		cmd->environment[i] = word;
}

/* NAME=VALUE words before the command are for its environment. An env(1) in between would cost as
 * much as the command. */
static void take_environment(struct command *cmd)
{
	for (char **word = environ; *word; word++)
		set_environment(cmd, *word);
	cmd->program = cmd->argv;
	while (cmd->program[1] && name_length(cmd->program[0]))
		set_environment(cmd, *cmd->program++);
}

/* As execvp() would, but each execve() of a name that is not there makes a process of the host for
 * nothing: a new memory is made before the file is looked for. */
static void find_program(struct command *cmd)
{
	const char *name = cmd->program[0], *directory = getenv("PATH");

	while (!strchr(name, '/') && directory && *directory) {
		int length = (int)strcspn(directory, ":");

		snprintf(cmd->path, sizeof(cmd->path), "%.*s/%s", length, directory, name);
		if (access(cmd->path, X_OK) == 0)
			return;
		directory += length + (directory[length] == ':');
	}
	snprintf(cmd->path, sizeof(cmd->path), "%s", name);
}

/* In the parent's memory, see command_start(). */
static void exec_command(const struct command *cmd, int in, int out, int err)
{
	sigset_t none;

	sigemptyset(&none);
	/* Of its own session: the whole group can be killed, no tty. */
	setsid();
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	signal(SIGPIPE, SIG_DFL);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (strchr(cmd->path, '/'))
		execve(cmd->path, cmd->program, cmd->environment);
	else
		errno = ENOENT;
	int status = errno == ENOENT ? 127 : 126;

	dprintf(2, "lab: %s: %s\n", cmd->program[0], strerror(errno));
	_exit(status);
}

static int open_pipes(struct command *cmd, int theirs[3])
{
	int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1};
	int bad = 0;

	if (cmd->flags & FLAG_NO_STDIN)
		in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else
		bad |= pipe2(in, O_CLOEXEC);
	bad |= pipe2(out, O_CLOEXEC) | pipe2(err, O_CLOEXEC);
	cmd->in = in[1];
	cmd->out = out[0];
	cmd->err = err[0];
	theirs[0] = in[0];
	theirs[1] = out[1];
	theirs[2] = err[1];
	if (bad)
		return -1;
	if (cmd->in >= 0)
		fcntl(cmd->in, F_SETFL, O_NONBLOCK);
	fcntl(cmd->out, F_SETFL, O_NONBLOCK);
	fcntl(cmd->err, F_SETFL, O_NONBLOCK);
	return 0;
}

int command_start(struct command *cmd)
{
	int theirs[3];

	cmd->ended = eventfd(0, EFD_CLOEXEC);
	take_environment(cmd);
	find_program(cmd);
	if (open_pipes(cmd, theirs) == 0 && cmd->ended >= 0) {
		pthread_mutex_lock(&commands_lock);
		/* Not fork(): the copy of our memory would be for nothing. */
		cmd->pid = vfork();
		if (cmd->pid == 0)
			exec_command(cmd, theirs[0], theirs[1], theirs[2]);
		cmd->next = commands;
		if (cmd->pid > 0)
			commands = cmd;
		pthread_mutex_unlock(&commands_lock);
	}
	for (int i = 0; i < 3; i++)
		close_fd(&theirs[i]);
	return cmd->pid > 0 ? 0 : -1;
}

void command_forget(struct command *cmd)
{
	struct command **at = &commands;

	pthread_mutex_lock(&commands_lock);
	while (*at && *at != cmd)
		at = &(*at)->next;
	if (*at)
		*at = cmd->next;
	pthread_mutex_unlock(&commands_lock);
	close_fd(&cmd->in);
	close_fd(&cmd->out);
	close_fd(&cmd->err);
	close_fd(&cmd->ended);
	for (int i = 0; i < cmd->argc; i++)
		free(cmd->argv[i]);
	free(cmd);
}

static void note_end(pid_t pid, int status)
{
	struct command **at = &commands;
	const uint64_t one = 1;

	pthread_mutex_lock(&commands_lock);
	while (*at && (*at)->pid != pid)
		at = &(*at)->next;
	if (*at) {
		struct command *cmd = *at;

		*at = cmd->next;
		cmd->status = status;
		(void)!write(cmd->ended, &one, sizeof(one));
	}
	pthread_mutex_unlock(&commands_lock);
}

void *command_reap(void *unused)
{
	sigset_t child;
	int status, sig;
	pid_t pid;

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	for (;;) {
		while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
			note_end(pid, status);
		sigwait(&child, &sig);
	}
	return unused;
}
