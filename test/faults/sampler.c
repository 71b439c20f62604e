/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looks for texts in the arguments and the environment of every process, as fast as it can, until
 * the file STOP is there.
 *
 *   sampler STOP NEEDLES NAME...
 *
 * NEEDLES has one text a line. A line for each find, with the process's name of that moment, and
 * one when it is no longer there, each with the milliseconds since the process was first seen:
 *   found PID NAME cmdline|environ MS
 *   wiped PID NAME cmdline|environ MS
 * "seen NAME" when a process of the NAME (of a program) is seen for the first time. At the end the
 * number of processes.
 */
#define _GNU_SOURCE
#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NEEDLES_MAX   16
#define NAMES_MAX     16
#define PROCESSES_MAX 4096

static char *needles[NEEDLES_MAX];
static size_t needle_count;
static bool seen[NAMES_MAX];

static struct process {
	int pid;
	int64_t since;
	bool in_arguments, in_environment; /* when last seen */
	bool looked, of_kernel;            /* a thread of the kernel has neither */
} processes[PROCESSES_MAX];
static size_t process_count;

static int64_t now_ms(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static struct process *process_of(int pid)
{
	for (size_t i = process_count; i-- > 0;)
		if (processes[i].pid == pid)
			return &processes[i];
	if (process_count == PROCESSES_MAX) {
		fprintf(stderr, "sampler: too many processes\n");
		exit(2);
	}
	processes[process_count] = (struct process){.pid = pid, .since = now_ms()};
	return &processes[process_count++];
}

static ssize_t read_file(int pid, const char *file, char *to, size_t size)
{
	char path[64];
	ssize_t length = 0, count;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	while ((size_t)length < size - 1 &&
	       (count = read(fd, to + length, size - 1 - (size_t)length)) > 0)
		length += count;
	close(fd);
	to[length] = '\0';
	return length;
}

static bool has_needle(const char *text, size_t length)
{
	for (size_t i = 0; i < needle_count; i++)
		if (memmem(text, length, needles[i], strlen(needles[i])))
			return true;
	return false;
}

static void look(struct process *process, const char *name, const char *file, bool *there)
{
	static char text[1 << 18];
	ssize_t length = read_file(process->pid, file, text, sizeof(text));
	bool now;

	if (length <= 0)
		return;
	now = has_needle(text, (size_t)length);
	if (now == *there)
		return;
	*there = now;
	printf("%s %d %s %s %lld\n", now ? "found" : "wiped", process->pid, name, file,
	       (long long)(now_ms() - process->since));
	fflush(stdout);
}

/* A thread of the kernel, by its flags (proc(5); include/linux/sched.h). That it has no arguments
 * does not tell: a process in the middle of its exec has none either. */
static bool is_of_kernel(int pid)
{
	const unsigned long of_kernel = 0x00200000; /* PF_KTHREAD */
	unsigned long flags;
	char stat[512];
	const char *rest;

	if (read_file(pid, "stat", stat, sizeof(stat)) <= 0)
		return false;
	rest = strrchr(stat, ')');
	return rest && sscanf(rest, ") %*c %*d %*d %*d %*d %*d %lu", &flags) == 1 &&
	       (flags & of_kernel);
}

static void note_seen(int i, const char *name, const char *wanted)
{
	if (seen[i] || strcmp(name, wanted) != 0)
		return;
	seen[i] = true;
	printf("seen %s\n", name);
	fflush(stdout);
}

static void visit(int pid, int name_count, char *names[])
{
	struct process *process = process_of(pid);
	char name[64];
	ssize_t length = process->of_kernel ? 0 : read_file(pid, "comm", name, sizeof(name));

	if (length <= 0)
		return;
	name[length - 1] = '\0';
	/* asked once: it costs most of the time */
	if (!process->looked) {
		process->looked = true;
		process->of_kernel = is_of_kernel(pid);
	}
	for (int i = 0; i < name_count; i++)
		note_seen(i, name, names[i]);
	look(process, name, "cmdline", &process->in_arguments);
	look(process, name, "environ", &process->in_environment);
}

static void read_needles(const char *path)
{
	FILE *file = fopen(path, "re");
	size_t size = 0;
	char *line = NULL;

	while (file && needle_count < NEEDLES_MAX && getline(&line, &size, file) > 0) {
		line[strcspn(line, "\n")] = '\0';
		if (strlen(line) < 16) {
			fprintf(stderr, "sampler: too short a text to look for\n");
			exit(2);
		}
		needles[needle_count++] = line;
		line = NULL;
	}
	if (!file || !needle_count) {
		fprintf(stderr, "sampler: nothing to look for in %s\n", path);
		exit(2);
	}
	fclose(file);
}

int main(int argc, char *argv[])
{
	DIR *proc = opendir("/proc");
	const struct dirent *entry;

	if (argc < 3 || argc - 3 > NAMES_MAX || !proc)
		return 2;
	read_needles(argv[2]);
	puts("sampling");
	fflush(stdout);
	while (access(argv[1], F_OK) < 0) {
		rewinddir(proc);
		while ((entry = readdir(proc)))
			if (isdigit((unsigned char)*entry->d_name))
				visit(atoi(entry->d_name), argc - 3, argv + 3);
	}
	printf("processes %zu\n", process_count);
	return 0;
}
