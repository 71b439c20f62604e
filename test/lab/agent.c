/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 of a lab node: reaps orphans and runs the commands that `lab run`
 * sends over the control network, one process per connection.
 *
 *	agent serve ADDRESS	never returns
 *	agent poweroff		ends the node at once (nothing is unmounted)
 *
 * Static, because it must not depend on what the overlay shows of the host.
 */
#define _GNU_SOURCE
#include "frame.h"

#include <fcntl.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>

enum { MAX_ARGS = 4096 };

struct command {
	char *argv[MAX_ARGS + 1];
	int argc;
	unsigned char flags;
	pid_t pid;
	int pidfd;
	int in, out, err;    /* our ends of its pipes; -1: closed */
	char pending[CHUNK]; /* stdin that the pipe did not take yet */
	size_t pending_at, pending_len;
	int stdin_ended;
};

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Reads the request: arguments and flags up to FRAME_GO. */
static int read_request(int sock, struct command *cmd)
{
	unsigned char head[FRAME_HEAD];

	for (;;) {
		if (read_all(sock, head, sizeof(head)) < 0)
			return -1;
		if (head[0] == FRAME_GO)
			return cmd->argc > 0 ? 0 : -1;
		if (frame_len(head) > FRAME_MAX || cmd->argc == MAX_ARGS)
			return -1;

		char *data = calloc(1, frame_len(head) + 1);

		if (!data || read_all(sock, data, frame_len(head)) < 0)
			return -1;
		if (head[0] == FRAME_ARG)
			cmd->argv[cmd->argc++] = data;
		else if (head[0] == FRAME_FLAGS)
			cmd->flags = (unsigned char)data[0];
		else
			return -1;
	}
}

static void exec_command(const struct command *cmd, int in, int out, int err)
{
	/* Of its own session: the whole group can be killed, no tty. */
	setsid();
	dup2(in, 0);
	dup2(out, 1);
	dup2(err, 2);
	execvp(cmd->argv[0], cmd->argv);
	int status = errno == ENOENT ? 127 : 126;

	dprintf(2, "lab: %s: %s\n", cmd->argv[0], strerror(errno));
	_exit(status);
}

static int start_command(struct command *cmd)
{
	int in[2] = {-1, -1}, out[2], err[2];

	if (cmd->flags & FLAG_NO_STDIN)
		in[0] = open("/dev/null", O_RDONLY | O_CLOEXEC);
	else if (pipe2(in, O_CLOEXEC) < 0)
		return -1;
	if (pipe2(out, O_CLOEXEC) < 0 || pipe2(err, O_CLOEXEC) < 0)
		return -1;
	cmd->pid = fork();
	if (cmd->pid == 0)
		exec_command(cmd, in[0], out[1], err[1]);
	if (cmd->pid < 0)
		return -1;
	close(in[0]);
	close(out[1]);
	close(err[1]);
	cmd->in = in[1];
	cmd->out = out[0];
	cmd->err = err[0];
	cmd->pidfd = (int)syscall(SYS_pidfd_open, cmd->pid, 0);
	if (cmd->in >= 0)
		fcntl(cmd->in, F_SETFL, O_NONBLOCK);
	fcntl(cmd->out, F_SETFL, O_NONBLOCK);
	fcntl(cmd->err, F_SETFL, O_NONBLOCK);
	return cmd->pidfd < 0 ? -1 : 0;
}

/* One frame of stdin from the client, kept until the pipe takes it. */
static int take_stdin(int sock, struct command *cmd)
{
	unsigned char head[FRAME_HEAD];

	if (read_all(sock, head, sizeof(head)) < 0)
		return -1;
	if (head[0] != FRAME_STDIN || frame_len(head) > CHUNK)
		return -1;
	cmd->pending_at = 0;
	cmd->pending_len = frame_len(head);
	if (cmd->pending_len == 0)
		cmd->stdin_ended = 1;
	return read_all(sock, cmd->pending, cmd->pending_len);
}

static void feed_stdin(struct command *cmd)
{
	while (cmd->in >= 0 && cmd->pending_len > 0) {
		ssize_t n = write(cmd->in, cmd->pending + cmd->pending_at, cmd->pending_len);

		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0) { /* it reads no more */
			close_fd(&cmd->in);
			break;
		}
		cmd->pending_at += (size_t)n;
		cmd->pending_len -= (size_t)n;
	}
	cmd->pending_len = 0;
	if (cmd->stdin_ended)
		close_fd(&cmd->in);
}

/* Passes on what is there; at the end of file closes *fd. */
static int pass_output(int sock, int type, int *fd)
{
	char buf[CHUNK];

	while (*fd >= 0) {
		ssize_t n = read(*fd, buf, sizeof(buf));

		if (n < 0 && errno == EAGAIN)
			return 0;
		if (n <= 0)
			close_fd(fd);
		else if (send_frame(sock, type, buf, (size_t)n) < 0)
			return -1;
	}
	return 0;
}

static int pass_both(int sock, struct command *cmd)
{
	if (pass_output(sock, FRAME_STDOUT, &cmd->out) < 0)
		return -1;
	return pass_output(sock, FRAME_STDERR, &cmd->err);
}

/*
 * Until the command has ended (and, if asked for, nobody holds its output any
 * more). Returns -1 when the client went away.
 */
static int converse(int sock, struct command *cmd)
{
	int ended = 0;

	while (!ended || ((cmd->flags & FLAG_WAIT_EOF) && (cmd->out >= 0 || cmd->err >= 0))) {
		struct pollfd fds[] = {
			{.fd = sock, .events = POLLRDHUP},
			{.fd = cmd->out, .events = POLLIN},
			{.fd = cmd->err, .events = POLLIN},
			{.fd = ended ? -1 : cmd->pidfd, .events = POLLIN},
			{.fd = -1, .events = POLLOUT},
		};

		if (cmd->pending_len > 0)
			fds[4].fd = cmd->in;
		else
			fds[0].events |= POLLIN;
		if (poll(fds, 5, -1) < 0)
			return -1;
		if (fds[0].revents & (POLLRDHUP | POLLHUP | POLLERR))
			return -1;
		if (fds[0].revents && take_stdin(sock, cmd) < 0)
			return -1;
		feed_stdin(cmd);
		ended |= fds[3].revents != 0;
		/* After the end is known, so that nothing is left in a pipe. */
		if (pass_both(sock, cmd) < 0)
			return -1;
	}
	return 0;
}

static int exit_status(struct command *cmd)
{
	int status = 0;

	while (waitpid(cmd->pid, &status, 0) < 0 && errno == EINTR)
		;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The process of one connection. */
static void handle(int sock)
{
	static struct command cmd;
	char rest[CHUNK];
	int one = 1;

	signal(SIGCHLD, SIG_DFL);
	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (send_frame(sock, FRAME_HELLO, "", 0) < 0 || read_request(sock, &cmd) < 0 ||
	    start_command(&cmd) < 0)
		_exit(1);
	signal(SIGPIPE, SIG_IGN);
	if (converse(sock, &cmd) < 0) {
		kill(-cmd.pid, SIGKILL); /* nobody waits for it */
		_exit(1);
	}

	unsigned char status = (unsigned char)exit_status(&cmd);

	send_frame(sock, FRAME_EXIT, &status, 1);
	/* A close with unread stdin would reset what the client has to read. */
	shutdown(sock, SHUT_WR);
	while (read(sock, rest, sizeof(rest)) > 0)
		;
	_exit(0);
}

static void reap(int sig)
{
	int saved = errno;

	(void)sig;
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	errno = saved;
}

static int serve(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(AGENT_PORT)};
	struct sigaction on_child = {.sa_handler = reap, .sa_flags = SA_RESTART};
	int one = 1, sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	inet_pton(AF_INET, address, &at.sin_addr);
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(sock, 128) < 0) {
		perror("agent: listen");
		return 1;
	}
	sigaction(SIGCHLD, &on_child, NULL);
	for (;;) {
		int client = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

		if (client < 0)
			continue;
		if (fork() == 0)
			handle(client);
		close(client);
	}
}

int main(int argc, char **argv)
{
	if (argc == 3 && strcmp(argv[1], "serve") == 0)
		return serve(argv[2]);
	if (argc == 2 && strcmp(argv[1], "poweroff") == 0)
		return reboot(RB_POWER_OFF);
	fprintf(stderr, "usage: agent serve ADDRESS | agent poweroff\n");
	return 2;
}
