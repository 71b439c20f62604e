/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The person at a shell who has run a manual verb: questions, and how far something has come. What
 * a verb prints goes another way (kubelet/result.h); this is only for who sits at a terminal.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* The caller's own, out of reach of every library; -1: none. */
struct terminal {
	int in, out, err;
};

/* Does a person read what is printed? */
bool terminal_reads(const struct terminal *terminal);
/* Can somebody be asked? */
bool terminal_answers(const struct terminal *terminal);

/* "QUESTION (yes or no) " on stderr. 1: "yes" or "y" was typed; 0: anything else, or nothing. */
int terminal_ask(const struct terminal *terminal, const char *question);

/* A bar on stderr, where that is a terminal; drawn anew when the percentage is another one. */
struct progress {
	const struct terminal *terminal;
	const char *what; /* "remove kube/db" */
	int percent;      /* as last drawn; -1: nothing is drawn yet */
};
void progress_begin(struct progress *ret, const struct terminal *terminal, const char *what);
void progress_show(struct progress *progress, uint64_t done, uint64_t total);
/* Takes the bar away: what comes next on the terminal begins in a clean line. All zero: there is
 * none. */
void progress_end(struct progress *progress);
