/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a plan so many times and tells how long its parts took: timer ROUNDS [NUMBER] <PLAN
 *   begin NAME      what follows is timed, as one
 *   run WORD...     a program that must succeed (and, where it answers JSON, with Success)
 *   refused WORD... one whose answer must be Failure
 *   end
 * What stands outside of begin and end is run untimed. "{r}" in a word becomes the round's number,
 * from NUMBER on (default 0). Prints for each round and name "NAME ROUND MICROSECONDS KIB": wall
 * time from before the fork to after the wait, and the largest ru_maxrss of its programs. Output
 * of the programs goes to nowhere but, if one fails, to stderr.
 */
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define LINES 512
#define WORDS 32

/* A program that was just run may leave a process of its own behind that is still ending. */
#define SETTLE 50000000 /* ns before each timed part */

static char *plan[LINES];
static int lines;
static int output; /* a file in memory */

static void fail(const char *what)
{
	char text[4096];
	ssize_t length = pread(output, text, sizeof(text) - 1, 0);

	text[length > 0 ? length : 0] = '\0';
	fprintf(stderr, "timer: %s\n%s\n", what, text);
	exit(1);
}

static void read_plan(void)
{
	char *line = NULL;
	size_t size = 0;

	while (getline(&line, &size, stdin) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (!*line || *line == '#')
			continue;
		if (lines == LINES || !(plan[lines++] = strdup(line)))
			fail("the plan is too long");
	}
	free(line);
}

static long now(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000000 + time.tv_nsec;
}

/* A copy with the round's number wherever "{r}" stands, and nothing for "{}": plans have no quotes.
 */
static char *fill_in(const char *word, int round)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	if (!file)
		fail("no memory");
	for (const char *c = word; *c; c++) {
		if (strncmp(c, "{r}", 3) == 0) {
			fprintf(file, "%d", round);
			c += 2;
		} else if (strcmp(word, "{}") != 0) {
			fputc(*c, file);
		}
	}
	fclose(file);
	return text;
}

static void split(const char *line, int round, char *words[WORDS])
{
	char *copy = strdup(line), *rest = copy, *word;
	int count = 0;

	while ((word = strsep(&rest, " ")) && count < WORDS - 1)
		words[count++] = fill_in(word, round);
	words[count] = NULL;
	free(copy);
}

static bool answered(const char *status)
{
	char text[4096] = "";

	if (pread(output, text, sizeof(text) - 1, 0) < 1 || *text != '{')
		return strcmp(status, "Success") == 0;
	return strstr(text, status) != NULL;
}

/* Adds to *nanoseconds the time that the program took. */
static void run(const char *line, int round, long *nanoseconds, long *kib)
{
	const char *command = strchr(line, ' ');
	bool refused = strncmp(line, "refused ", 8) == 0;
	posix_spawn_file_actions_t actions;
	char *words[WORDS];
	struct rusage usage;
	int status = 0;
	pid_t pid;
	long start;

	if (!command)
		fail(line);
	split(command + 1, round, words);
	if (!words[0])
		fail(line);
	if (ftruncate(output, 0) < 0 || lseek(output, 0, SEEK_SET) < 0)
		fail("cannot empty the output");
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
	posix_spawn_file_actions_adddup2(&actions, output, 1);
	posix_spawn_file_actions_adddup2(&actions, output, 2);
	start = now();
	if (posix_spawnp(&pid, words[0], &actions, NULL, words, environ) != 0)
		fail(line);
	if (wait4(pid, &status, 0, &usage) != pid)
		fail("wait");
	*nanoseconds += now() - start;
	posix_spawn_file_actions_destroy(&actions);
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0 ||
	    !answered(refused ? "Failure" : "Success"))
		fail(line);
	if (usage.ru_maxrss > *kib)
		*kib = usage.ru_maxrss;
	for (char **word = words; *word; word++)
		free(*word);
}

static void play(int round)
{
	const struct timespec settle = {.tv_nsec = SETTLE};
	const char *name = NULL;
	long nanoseconds = 0, kib = 0;

	for (int i = 0; i < lines; i++) {
		if (strncmp(plan[i], "begin ", 6) == 0) {
			name = plan[i] + 6;
			nanoseconds = kib = 0;
			nanosleep(&settle, NULL);
		} else if (strcmp(plan[i], "end") == 0) {
			printf("%s %d %ld %ld\n", name, round, nanoseconds / 1000, kib);
			fflush(stdout);
		} else {
			run(plan[i], round, &nanoseconds, &kib);
		}
	}
}

int main(int argc, char *argv[])
{
	int rounds = argc > 1 ? atoi(argv[1]) : 1;
	int first = argc > 2 ? atoi(argv[2]) : 0;

	output = memfd_create("output", MFD_CLOEXEC);
	read_plan();
	for (int round = first; round < first + rounds; round++)
		play(round);
	return 0;
}
