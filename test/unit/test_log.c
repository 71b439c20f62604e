/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <endian.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "base/log.h"
#include "fixtures/tree.h"
#include "verbs/verbs.h"

#define JOURNAL "run/systemd/journal/socket"
#define SYSLOG  "dev/log"
#define FILE_   "var/log/rbd-flexvolume.log"

static int setup(void **state)
{
	signal(SIGXFSZ, SIG_IGN); /* as main does */
	log_configure(LOG_TARGET_JOURNAL, LOG_LEVEL_INFO);
	for (int field = 0; field < LOG_FIELDS; field++)
		log_about((enum log_field)field, "%s", "");
	return tree_setup(state);
}

/* A socket of a log daemon. */
static int listen_at(const char *name)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	assert_true(fd >= 0);
	assert_true(strlen(tree_path("%s", name)) < sizeof(address.sun_path));
	strcpy(address.sun_path, tree_path("%s", name));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	return fd;
}

static char got[65536];
static size_t got_length;

/* The next datagram; "" where none has come. */
static const char *next_of(int fd)
{
	ssize_t length = recv(fd, got, sizeof(got) - 1, 0);

	got_length = length > 0 ? (size_t)length : 0;
	got[got_length] = '\0';
	return got;
}

static const char *file_text(void)
{
	return tree_read(tree_path(FILE_));
}

static void the_journal_gets_each_field_by_its_name(void **state)
{
	int journal = listen_at(JOURNAL), syslog = listen_at(SYSLOG);

	log_about(LOG_VERB, "mount");
	log_about(LOG_VOLUME, "mysql");
	log_about(LOG_IMAGE, "kube/mysql");
	log_about(LOG_POD, "%s/%s", "shop", "mysql-0");
	log_about(LOG_DEVICE, "/dev/rbd%d", 3);
	log_call(LOG_LEVEL_INFO, "Success", "");
	next_of(journal);
	assert_contains(got, "PRIORITY=6\n");
	assert_contains(got, "\nSYSLOG_IDENTIFIER=rbd-flexvolume\n");
	assert_contains(got, "\nMESSAGE=mount volume=mysql image=kube/mysql directory= "
			     "pod=shop/mysql-0 device=/dev/rbd3 ms=");
	assert_contains(got, "\nRBD_VERB=mount\n");
	assert_contains(got, "\nRBD_VOLUME=mysql\n");
	assert_contains(got, "\nRBD_IMAGE=kube/mysql\n");
	assert_contains(got, "\nRBD_POD=shop/mysql-0\n");
	assert_contains(got, "\nRBD_DEVICE=/dev/rbd3\n");
	assert_contains(got, "\nRBD_RESULT=Success\n");
	assert_null(strstr(got, "RBD_DIRECTORY"));
	assert_string_equal(next_of(syslog), "");
	assert_string_equal(file_text(), "");
	close(journal);
	close(syslog);
}

static void a_value_of_two_lines_is_one_value_and_one_line_of_text(void **state)
{
	static const char value[] = "a\nMESSAGE=forged";
	int journal = listen_at(JOURNAL);
	uint64_t length;
	char *at;

	log_about(LOG_VOLUME, "%s", value);
	log_say(LOG_LEVEL_INFO, "words\nRBD_RESULT=forged");
	next_of(journal);
	assert_contains(got, "\nMESSAGE=volume=\"a MESSAGE=forged\" words RBD_RESULT=forged\n");
	assert_null(strstr(got, "\nRBD_RESULT="));
	at = strstr(got, "\nRBD_VOLUME\n");
	assert_non_null(at);
	at += strlen("\nRBD_VOLUME\n");
	memcpy(&length, at, sizeof(length));
	assert_int_equal(le64toh(length), strlen(value));
	at += sizeof(length);
	assert_memory_equal(at, value, strlen(value));
	assert_int_equal(at[strlen(value)], '\n');
	assert_ptr_equal(at + strlen(value) + 1, got + got_length);
	close(journal);
}

static void each_line_says_the_volume_that_the_call_is_about(void **state)
{
	int journal = listen_at(JOURNAL);

	log_about(LOG_VERB, "mountdevice");
	log_about(LOG_VOLUME, "mysql");
	log_say(LOG_LEVEL_WARNING, "fenced %s", "10.0.0.1:0/5");
	next_of(journal);
	assert_contains(got, "PRIORITY=4\n");
	assert_contains(got, "\nMESSAGE=mountdevice volume=mysql fenced 10.0.0.1:0/5\n");
	assert_contains(got, "\nRBD_VOLUME=mysql\n");
	close(journal);
}

static void a_value_cannot_pass_for_another_field_of_the_line(void **state)
{
	int syslog = listen_at(SYSLOG);

	log_about(LOG_VOLUME, "a\" image=b");
	log_about(LOG_IMAGE, "kube/c");
	log_call(LOG_LEVEL_INFO, "Success", "");
	assert_contains(next_of(syslog), " volume=\"a' image=b\" image=kube/c ");
	close(syslog);
}

static void without_a_journal_syslog_gets_the_line(void **state)
{
	int syslog = listen_at(SYSLOG);
	char expected[128];

	log_about(LOG_VERB, "mount");
	log_about(LOG_VOLUME, "mysql");
	log_say(LOG_LEVEL_ERROR, "a\nb");
	snprintf(expected, sizeof(expected), "<27>rbd-flexvolume[%d]: mount volume=mysql a b",
		 getpid());
	assert_string_equal(next_of(syslog), expected);
	assert_string_equal(file_text(), "");
	close(syslog);
}

static void without_both_a_file_of_root_alone_gets_it(void **state)
{
	struct stat status;

	(void)tree_path(FILE_);
	log_say(LOG_LEVEL_WARNING, "first");
	log_say(LOG_LEVEL_INFO, "second");
	assert_int_equal(stat(tree_path(FILE_), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_contains(file_text(), "] warning: first\n2");
	assert_contains(file_text(), "] info: second\n");
	/* 2026-11-25T16:11:58.123Z */
	assert_int_equal(file_text()[10], 'T');
	assert_int_equal(file_text()[23], 'Z');
}

static void a_journal_that_nobody_reads_costs_no_time(void **state)
{
	const int64_t began = deadline_now();
	int journal = listen_at(JOURNAL);

	(void)tree_path(FILE_);
	/* more than any queue takes (net.unix.max_dgram_qlen and the buffer) */
	for (int i = 0; i < 4000; i++)
		log_say(LOG_LEVEL_INFO, "line %d", i);
	/* 5 ms for each are what a busy machine may take, but nobody waits so short */
	assert_true(deadline_now() - began < 20000);
	assert_contains(next_of(journal), "line 0");
	/* what it did not take is in the file */
	assert_contains(file_text(), "] info: line ");
	close(journal);
}

static void a_journal_that_has_died_is_passed_by(void **state)
{
	int journal = listen_at(JOURNAL), syslog = listen_at(SYSLOG);

	close(journal);
	log_say(LOG_LEVEL_INFO, "to syslog");
	assert_contains(next_of(syslog), "to syslog");
	close(syslog);
	(void)tree_path(FILE_);
	log_say(LOG_LEVEL_INFO, "to the file");
	assert_contains(file_text(), "to the file");
}

static void a_syslog_of_streams_is_passed_by(void **state)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	strcpy(address.sun_path, tree_path(SYSLOG));
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 1), 0);
	(void)tree_path(FILE_);
	log_say(LOG_LEVEL_INFO, "words");
	assert_contains(file_text(), "words");
	close(fd);
}

static void the_configuration_can_name_the_file_alone(void **state)
{
	int journal = listen_at(JOURNAL);

	(void)tree_path(FILE_);
	log_configure(LOG_TARGET_FILE, LOG_LEVEL_INFO);
	log_say(LOG_LEVEL_INFO, "words");
	assert_string_equal(next_of(journal), "");
	assert_contains(file_text(), "words");
	close(journal);
}

static void what_is_below_the_level_is_not_said(void **state)
{
	int journal = listen_at(JOURNAL);

	log_configure(LOG_TARGET_JOURNAL, LOG_LEVEL_WARNING);
	log_say(LOG_LEVEL_INFO, "created");
	log_call(LOG_LEVEL_INFO, "Success", "");
	assert_string_equal(next_of(journal), "");
	log_call(LOG_LEVEL_ERROR, "Failure", "why");
	assert_contains(next_of(journal), " Failure: why\n");
	log_configure(LOG_TARGET_JOURNAL, LOG_LEVEL_DEBUG);
	log_say(LOG_LEVEL_DEBUG, "seen");
	assert_contains(next_of(journal), "MESSAGE=seen\n");
	close(journal);
}

static void a_full_file_is_turned_over_once(void **state)
{
	const off_t most = 1024 * 1024;
	struct stat status, old;
	int fd = open(tree_path(FILE_), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(fd, most - 10), 0);
	close(fd);
	log_say(LOG_LEVEL_INFO, "fresh");
	log_say(LOG_LEVEL_INFO, "and more");
	assert_int_equal(stat(tree_path(FILE_), &status), 0);
	assert_int_equal(status.st_mode & 07777, 0600);
	assert_contains(file_text(), "fresh\n");
	assert_contains(file_text(), "and more\n");
	assert_int_equal(stat(tree_path(FILE_ ".1"), &old), 0);
	assert_int_equal(old.st_size, most - 10);
}

/* Many processes write at once, over the cap: each line is whole, and nothing but the oldest is
 * lost. */
static void writers_at_once_lose_nothing_but_the_oldest(void **state)
{
	enum { WRITERS = 8, LINES = 40 };
	const off_t most = 1024 * 1024;
	int status, fd = open(tree_path(FILE_), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	pid_t pids[WRITERS];

	assert_int_equal(ftruncate(fd, most - 2000), 0);
	close(fd);
	fflush(NULL);
	for (int i = 0; i < WRITERS; i++) {
		pids[i] = fork();
		if (pids[i] == 0) {
			for (int j = 0; j < LINES; j++)
				log_say(LOG_LEVEL_INFO, "writer %d line %d end", i, j);
			_exit(0);
		}
	}
	for (int i = 0; i < WRITERS; i++)
		assert_int_equal(waitpid(pids[i], &status, 0), pids[i]);
	assert_int_equal(tree_shell("cat %s.1 %s | grep -acE "
				    "'info: writer [0-9] line [0-9]+ end$' | grep -qx %d",
				    tree_path(FILE_), tree_path(FILE_), WRITERS * LINES),
			 0);
}

static void a_file_that_cannot_be_turned_over_stays_in_its_bounds(void **state)
{
	const off_t most = 1024 * 1024;
	struct stat status;
	int fd = open(tree_path(FILE_), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(ftruncate(fd, most), 0);
	close(fd);
	/* no file can take the name of a folder */
	(void)tree_path(FILE_ ".1/x/y");
	for (int i = 0; i < 2000; i++)
		log_say(LOG_LEVEL_INFO, "%080d", i);
	assert_int_equal(stat(tree_path(FILE_), &status), 0);
	assert_true(status.st_size > most && status.st_size < most + 70000);
}

static void neither_a_link_nor_a_pipe_is_written_to(void **state)
{
	tree_write(tree_path("victim"), "as it was");
	assert_int_equal(symlink(tree_path("victim"), tree_path(FILE_)), 0);
	log_say(LOG_LEVEL_INFO, "words");
	assert_string_equal(tree_read(tree_path("victim")), "as it was");
	assert_int_equal(unlink(tree_path(FILE_)), 0);
	assert_int_equal(mkfifo(tree_path(FILE_), 0600), 0);
	log_say(LOG_LEVEL_INFO, "words"); /* would wait for a reader */
}

static void no_place_at_all_is_no_failure(void **state)
{
	const int64_t began = deadline_now();

	/* no folder */
	log_say(LOG_LEVEL_INFO, "words");
	/* a folder in its place */
	(void)tree_path(FILE_ "/x");
	log_say(LOG_LEVEL_INFO, "words");
	assert_true(deadline_now() - began < 10000);
}

static void body_full(void)
{
	char path[PATH_MAX + 64];
	int fd;

	snprintf(path, sizeof(path), "%s/var/log", tree_root);
	CHECK(mount("none", path, "tmpfs", 0, "size=4k") == 0);
	log_say(LOG_LEVEL_INFO, "made");
	strcat(path, "/fill");
	fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	CHECK(fd >= 0);
	while (write(fd, path, 64) > 0)
		;
	close(fd);
	for (int i = 0; i < 100; i++)
		log_say(LOG_LEVEL_INFO, "%080d", i);
	path[strlen(path) - strlen("/fill")] = '\0';
	CHECK(mount(NULL, path, NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	log_say(LOG_LEVEL_INFO, "words");
}

static void a_full_and_a_read_only_disk_are_no_failure(void **state)
{
	(void)tree_path(FILE_);
	tree_private(body_full);
}

static void body_limited(void)
{
	const struct rlimit limit = {.rlim_cur = 0, .rlim_max = 0};

	CHECK(setrlimit(RLIMIT_FSIZE, &limit) == 0);
	log_say(LOG_LEVEL_INFO, "words");
}

static void a_limit_on_files_is_no_failure(void **state)
{
	(void)tree_path(FILE_);
	tree_private(body_limited);
	assert_string_equal(file_text(), "");
}

#define KEY "AQBqTOxn8wmtBxAAoSPvHQ0qXKQm0JmnbF8h0g=="

static void a_secret_is_in_no_line(void **state)
{
	/* base64 of the key, as the kubelet sends it */
	static const char sent[] = "QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ==";
	static const enum argument arguments[REQUEST_ARGUMENTS_MAX] = {ARGUMENT_DIRECTORY,
								       ARGUMENT_JSON};
	static char options[] = "{\"kubernetes.io/pvOrVolumeName\":\"mysql\",\"image\":\"db\","
				"\"kubernetes.io/pod.name\":\"mysql-0\","
				"\"kubernetes.io/pod.namespace\":\"shop\","
				"\"kubernetes.io/secret/key\":\"QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWE"
				"tRbTBKbW5iRjhoMGc9PQ==\"}";
	static char program[] = "rbd", verb[] = "mount", directory[] = "/pods/1/mysql";
	char *argv[] = {program, verb, directory, options, NULL};
	_cleanup_config_ struct config config = {.path = "", .log_level = LOG_LEVEL_DEBUG};
	_cleanup_request_ struct request request;
	struct error error = {0}, config_error = {0};
	struct call call = {.request = &request, .config = &config, .config_error = &config_error};
	static struct result result;
	int journal = listen_at(JOURNAL), lines = 0;

	request_init(verb, &request);
	story_begin(&call);
	assert_int_equal(request_parse(verb, arguments, 4, argv, &request, &error), 0);
	assert_string_equal(request.options.secret_key, KEY);
	story_about(&request);
	log_say(LOG_LEVEL_DEBUG, "seen");
	result_success(&result);
	story_end(&result);
	while (*next_of(journal)) {
		lines++;
		assert_null(memmem(got, got_length, KEY, strlen(KEY)));
		assert_null(memmem(got, got_length, sent, strlen(sent)));
		assert_contains(got, "RBD_VOLUME=mysql\n");
		assert_contains(got, "RBD_POD=shop/mysql-0\n");
		assert_contains(got, "RBD_IMAGE=rbd/db\n");
	}
	assert_int_equal(lines, 2);
	close(journal);
}

#define TREE(sentence, function)                               \
	{                                                      \
		sentence, function, setup, tree_teardown, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TREE("the journal gets each field by its name",
		     the_journal_gets_each_field_by_its_name),
		TREE("a value of two lines is one value, and one line of text",
		     a_value_of_two_lines_is_one_value_and_one_line_of_text),
		TREE("each line says the volume that the call is about",
		     each_line_says_the_volume_that_the_call_is_about),
		TREE("a value cannot pass for another field of the line",
		     a_value_cannot_pass_for_another_field_of_the_line),
		TREE("without a journal syslog gets the line",
		     without_a_journal_syslog_gets_the_line),
		TREE("without both a file of root alone gets it",
		     without_both_a_file_of_root_alone_gets_it),
		TREE("a journal that nobody reads costs no time",
		     a_journal_that_nobody_reads_costs_no_time),
		TREE("a journal that has died is passed by", a_journal_that_has_died_is_passed_by),
		TREE("a syslog of streams is passed by", a_syslog_of_streams_is_passed_by),
		TREE("the configuration can name the file alone",
		     the_configuration_can_name_the_file_alone),
		TREE("what is below the level is not said", what_is_below_the_level_is_not_said),
		TREE("a full file is turned over once", a_full_file_is_turned_over_once),
		TREE("writers at once lose nothing but the oldest",
		     writers_at_once_lose_nothing_but_the_oldest),
		TREE("a file that cannot be turned over stays in its bounds",
		     a_file_that_cannot_be_turned_over_stays_in_its_bounds),
		TREE("neither a link nor a pipe is written to",
		     neither_a_link_nor_a_pipe_is_written_to),
		TREE("no place at all is no failure", no_place_at_all_is_no_failure),
		TREE("a full and a read-only disk are no failure",
		     a_full_and_a_read_only_disk_are_no_failure),
		TREE("a limit on files is no failure", a_limit_on_files_is_no_failure),
		TREE("a Secret is in no line", a_secret_is_in_no_line),
	};

	return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
