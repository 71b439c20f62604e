/* SPDX-License-Identifier: Apache-2.0 */
/*
 * PID 1 of a lab node: reaps orphans and runs the commands that `lab run`
 * sends over the control network, one thread per connection: in User-Mode
 * Linux each new memory is a process of the host, and costs 5-10 ms.
 *
 *	agent serve ADDRESS	never returns
 *	agent poweroff		ends the node at once (nothing is unmounted)
 *
 * Static, because it must not depend on what the overlay shows of the host.
 */
#define _GNU_SOURCE
#include "command.h"

#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/wait.h>

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
			{.fd = ended ? -1 : cmd->ended, .events = POLLIN},
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

static unsigned char exit_status(int status)
{
	return (unsigned char)(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
}

static void run_command(int sock, struct command *cmd)
{
	unsigned char status;
	char rest[CHUNK];

	if (send_frame(sock, FRAME_HELLO, "", 0) < 0 || read_request(sock, cmd) < 0 ||
	    command_start(cmd) < 0)
		return;
	if (converse(sock, cmd) < 0) {
		kill(-cmd->pid, SIGKILL); /* nobody waits for it */
		return;
	}
	status = exit_status(cmd->status);
	send_frame(sock, FRAME_EXIT, &status, 1);
	/* A close with unread stdin would reset what the client has to read. */
	shutdown(sock, SHUT_WR);
	while (read(sock, rest, sizeof(rest)) > 0)
		;
}

/* The thread of one connection. */
static void *handle(void *connection)
{
	int sock = (int)(intptr_t)connection, one = 1;
	struct command *cmd = command_new();

	setsockopt(sock, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	if (cmd) {
		run_command(sock, cmd);
		command_forget(cmd);
	}
	close(sock);
	return NULL;
}

static int start_thread(void *(*function)(void *), void *argument)
{
	pthread_t thread;

	return pthread_create(&thread, NULL, function, argument) == 0 ? pthread_detach(thread) : -1;
}

static int serve(const char *address)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = htons(AGENT_PORT)};
	int one = 1, sock = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	sigset_t child;

	inet_pton(AF_INET, address, &at.sin_addr);
	setsockopt(sock, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(sock, (struct sockaddr *)&at, sizeof(at)) < 0 || listen(sock, 128) < 0) {
		perror("agent: listen");
		return 1;
	}
	signal(SIGPIPE, SIG_IGN);
	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	pthread_sigmask(SIG_BLOCK, &child, NULL);
	start_thread(command_reap, NULL);
	for (;;) {
		int client = accept4(sock, NULL, NULL, SOCK_CLOEXEC);

		if (client >= 0 && start_thread(handle, (void *)(intptr_t)client) < 0)
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
