/* SPDX-License-Identifier: Apache-2.0 */
/* A command that the agent runs: its words, its start, its end. */
#ifndef LAB_COMMAND_H
#define LAB_COMMAND_H

#include "frame.h"

#include <limits.h>
#include <stdlib.h>
#include <sys/types.h>

enum { MAX_ARGS = 4096, MAX_ENVIRONMENT = 64 };

struct command {
	char *argv[MAX_ARGS + 1];
	int argc;
	char **program; /* of argv: behind the words that are its environment */
	char *environment[MAX_ENVIRONMENT + 1];
	char path[PATH_MAX]; /* the program's */
	unsigned char flags;
	pid_t pid;
	int status;          /* of its end, once `ended` can be read */
	int ended;           /* an eventfd; -1: not started */
	int in, out, err;    /* our ends of its pipes; -1: closed */
	char pending[CHUNK]; /* stdin that the pipe did not take yet */
	size_t pending_at, pending_len;
	int stdin_ended;
	struct command *next;
};

void close_fd(int *fd);
struct command *command_new(void);
/* Its argv and flags are set. The ends of its pipes and `ended` are open then. 0, or -1. */
int command_start(struct command *cmd);
/* Nobody asks for it any more, whether it has ended or not. */
void command_forget(struct command *cmd);
/* Reaps all children, commands and what others have left behind, and never returns. SIGCHLD is
 * blocked in all threads. */
void *command_reap(void *unused);

#endif
