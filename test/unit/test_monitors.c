/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "ceph/monitors.h"

static struct monitors parsed(const char *text)
{
	struct monitors monitors;
	struct error error = {0};

	if (monitors_parse(text, &monitors, &error) < 0)
		fail_msg("\"%s\": %s", text, error.text);
	return monitors;
}

static void has(const struct monitors *monitors, size_t index, const char *text, bool v2)
{
	assert_in_range(index, 0, monitors->count - 1);
	assert_string_equal(monitors->list[index].text, text);
	assert_int_equal(monitors->list[index].messenger_v2, v2);
	assert_false(monitors->list[index].answered);
}

static void an_address_alone_has_the_port_of_v1(void **state)
{
	struct monitors monitors = parsed("10.0.0.1");

	assert_int_equal(monitors.count, 1);
	has(&monitors, 0, "10.0.0.1:6789", false);
}

static void lists_are_separated_as_people_do_it(void **state)
{
	static const char *const lists[] = {
		"10.0.0.1,10.0.0.2:6790,10.0.0.3",       "10.0.0.1;10.0.0.2:6790;10.0.0.3",
		"10.0.0.1 10.0.0.2:6790 10.0.0.3",       " 10.0.0.1, 10.0.0.2:6790 ;10.0.0.3 ",
		"10.0.0.1,10.0.0.2:6790\n10.0.0.3",      "10.0.0.1\t10.0.0.2:6790,\t10.0.0.3",
		"v1:10.0.0.1,v1:10.0.0.2:6790,10.0.0.3", "10.0.0.1:6789/0,10.0.0.2:6790/0,10.0.0.3",
	};

	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		struct monitors monitors = parsed(lists[i]);

		assert_int_equal(monitors.count, 3);
		has(&monitors, 0, "10.0.0.1:6789", false);
		has(&monitors, 1, "10.0.0.2:6790", false);
		has(&monitors, 2, "10.0.0.3:6789", false);
	}
}

static void ipv6_stands_in_brackets(void **state)
{
	struct monitors monitors =
		parsed("[fd00::1]:6790,[fd00::2],fd00::3,[v2:[fd00::4]:3300,v1:[fd00::4]:6789]");

	assert_int_equal(monitors.count, 5);
	has(&monitors, 0, "[fd00::1]:6790", false);
	has(&monitors, 1, "[fd00::2]:6789", false);
	has(&monitors, 2, "[fd00::3]:6789", false);
	has(&monitors, 3, "[fd00::4]:3300", true);
	has(&monitors, 4, "[fd00::4]:6789", false);
}

static void groups_have_both_protocols(void **state)
{
	struct monitors monitors = parsed(
		"[v2:10.0.0.1:3300,v1:10.0.0.1:6789],[v2:10.0.0.2:3300/0,v1:10.0.0.2:6789/0]");

	assert_int_equal(monitors.count, 4);
	has(&monitors, 0, "10.0.0.1:3300", true);
	has(&monitors, 1, "10.0.0.1:6789", false);
	has(&monitors, 2, "10.0.0.2:3300", true);
	has(&monitors, 3, "10.0.0.2:6789", false);
}

static void port_3300_speaks_v2(void **state)
{
	struct monitors monitors = parsed("10.0.0.1:3300,v2:10.0.0.2,v1:10.0.0.3:3300");

	has(&monitors, 0, "10.0.0.1:3300", true);
	has(&monitors, 1, "10.0.0.2:3300", true);
	has(&monitors, 2, "10.0.0.3:3300", false);
}

static void the_same_address_counts_once(void **state)
{
	assert_int_equal(parsed("10.0.0.1,10.0.0.1:6789").count, 1);
}

static void names_are_resolved(void **state)
{
	struct monitors monitors = parsed("localhost:7000");

	assert_in_range(monitors.count, 1, 2);
	for (size_t i = 0; i < monitors.count; i++)
		assert_true(strcmp(monitors.list[i].text, "127.0.0.1:7000") == 0 ||
			    strcmp(monitors.list[i].text, "[::1]:7000") == 0);
}

static void refused(const char *text, int code)
{
	struct monitors monitors;
	struct error error = {0};
	int r = monitors_parse(text, &monitors, &error);

	if (r != code)
		fail_msg("\"%s\" was answered %d", text, r);
	assert_int_equal(error.code, code);
	assert_int_not_equal(*error.text, '\0');
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const wrong[] = {
		"",
		" ",
		",",
		"10.0.0.1,",
		",10.0.0.1",
		"10.0.0.1,,2.2.2.2",
		"10.0.0.1:",
		"10.0.0.1:0",
		"10.0.0.1:65536",
		"10.0.0.1:x",
		"[fd00::1",
		"[fd00::1]6789",
		"[]",
		":6789",
		"[v2:10.0.0.1:3300",
		"[v2:10.0.0.1:3300,]",
		"10.0.0.1/24",
		"mon=1",
		"mon\"x",
		"[v1:]",
		"10.0.0.1|2",
		"10.0.0.1:6789/7",
		"[v2:10.0.0.1:3300]x",
	};

	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++)
		refused(wrong[i], -EINVAL);
}

static void a_name_that_does_not_resolve_is_named(void **state)
{
	struct monitors monitors;
	struct error error = {0};

	assert_int_equal(monitors_parse("mon.invalid", &monitors, &error), -ENOENT);
	assert_contains(error.text, "mon.invalid");
}

static void more_than_the_kernel_takes_is_refused(void **state)
{
	char text[2048] = "";

	for (int i = 1; i <= MONITORS_MAX; i++)
		(void)sprintf(text + strlen(text), "%s10.0.0.%d", i > 1 ? "," : "", i);
	assert_int_equal(parsed(text).count, MONITORS_MAX);
	(void)strcat(text, ",10.0.1.1");
	refused(text, -EINVAL);
}

/* ---- ceph.conf ---- */

static int read_conf(const char *content, char monitors[256], char fsid[64], struct error *error)
{
	char path[] = "/tmp/rbd-flexvolume-conf.XXXXXX";
	int fd = mkstemp(path), r;

	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), (ssize_t)strlen(content));
	close(fd);
	r = monitors_from_conf(path, monitors, 256, fsid, 64, error);
	unlink(path);
	return r;
}

static void a_ceph_conf_tells_monitors_and_fsid(void **state)
{
	static const char *const contents[] = {
		"[global]\nfsid = b0c1\nmon host = 10.0.0.1,10.0.0.2\n",
		"[global]\n\tfsid=b0c1\n\tmon_host=10.0.0.1,10.0.0.2 # both\n",
		"fsid = b0c1\nmon-host = \"10.0.0.1,10.0.0.2\"",
		("# mon host = 1.1.1.1\n[global]\n; mon host = 2.2.2.2\nfsid = b0c1\n"
		 "mon host = 10.0.0.1,\\\n10.0.0.2\n[osd]\nmon host = 3.3.3.3\nfsid = dead\n"),
		"[osd]\nfsid = dead\n[global]\r\nFSID = B0c1\r\nMon Host = 10.0.0.1,10.0.0.2\r\n",
	};

	for (size_t i = 0; i < sizeof(contents) / sizeof(contents[0]); i++) {
		char monitors[256], fsid[64];
		struct error error = {0};

		if (read_conf(contents[i], monitors, fsid, &error) < 0)
			fail_msg("%zu: %s", i, error.text);
		assert_string_equal(monitors, "10.0.0.1,10.0.0.2");
		assert_string_equal(fsid,
				    "b0c1"); /* as the cluster says it, however it is written */
	}
}

static void monitors_in_a_conf_may_be_separated_by_semicolons(void **state)
{
	char monitors[256], fsid[64];
	struct error error = {0};

	assert_int_equal(
		read_conf("[global]\nmon host = 10.0.0.1;10.0.0.2\n", monitors, fsid, &error), 0);
	assert_string_equal(monitors, "10.0.0.1;10.0.0.2");
	assert_string_equal(fsid, "");
}

static void a_conf_without_monitors_is_refused(void **state)
{
	char monitors[256], fsid[64];
	struct error error = {0};

	assert_int_equal(read_conf("[client]\nmon host = 10.0.0.1\n", monitors, fsid, &error),
			 -ENOENT);
	assert_contains(error.text, "mon host");
	assert_int_equal(monitors_from_conf("/nonexistent/ceph.conf", monitors, sizeof(monitors),
					    fsid, sizeof(fsid), &error),
			 -ENOENT);
	assert_contains(error.text, "/nonexistent/ceph.conf");
}

/* ---- who answers ---- */

/* A listening socket on 127.0.0.1; the connections that come are never accepted, yet a connect()
 * succeeds, as with a daemon that hangs. */
static int hanging_monitor(uint16_t *ret_port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t length = sizeof(address);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &length), 0);
	*ret_port = ntohs(address.sin_port);
	return fd;
}

/* One that greets who comes, after a while (microseconds), until it is killed. */
static pid_t slow_monitor(const char *banner, useconds_t after, uint16_t *ret_port)
{
	int fd = hanging_monitor(ret_port);
	pid_t pid = fork();

	if (pid == 0) {
		int one = accept(fd, NULL, NULL);

		usleep(after);
		if (one >= 0 && write(one, banner, strlen(banner)) > 0)
			pause();
		_exit(1);
	}
	close(fd);
	return pid;
}

#define IN_ORDER 3

/* They greet one after the other, once somebody has come to each, until they are killed. */
static pid_t monitors_in_order(const char *const banners[IN_ORDER], uint16_t ret_ports[IN_ORDER])
{
	int fds[IN_ORDER];
	pid_t pid;

	for (size_t i = 0; i < IN_ORDER; i++)
		fds[i] = hanging_monitor(&ret_ports[i]);
	pid = fork();
	if (pid == 0) {
		int ones[IN_ORDER];

		for (size_t i = 0; i < IN_ORDER; i++)
			ones[i] = accept(fds[i], NULL, NULL);
		for (size_t i = 0; i < IN_ORDER; i++)
			if (ones[i] < 0 || write(ones[i], banners[i], strlen(banners[i])) < 0)
				_exit(1);
		pause();
		_exit(1);
	}
	for (size_t i = 0; i < IN_ORDER; i++)
		close(fds[i]);
	return pid;
}

static void end(pid_t pid)
{
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void who_speaks_ceph_has_answered(void **state)
{
	/* v1 is the last: what has come before it counts, however late the one that speaks runs */
	static const char *const banners[IN_ORDER] = {"HTTP/1.1 400", "ceph v2\n", "ceph v027"};
	uint16_t ports[IN_ORDER], hung;
	pid_t pid = monitors_in_order(banners, ports);
	int hanging = hanging_monitor(&hung);
	char text[256], kernel[256];
	struct monitors monitors;
	struct error error = {0};
	int64_t start = deadline_now();
	bool is_v2 = true;

	(void)sprintf(text, "127.0.0.1:%u,v2:127.0.0.1:%u,127.0.0.1:%u,127.0.0.1:%u,127.0.0.1:1",
		      ports[2], ports[1], ports[0], hung);
	assert_int_equal(monitors_parse(text, &monitors, &error), 0);
	assert_int_equal(monitors_try(&monitors, deadline_in(20000), deadline_in(20000), &error),
			 2);
	assert_in_range(deadline_now() - start, 0, 10000); /* not the deadline: 50 ms of grace */
	assert_true(monitors.list[0].answered && monitors.list[1].answered);
	assert_false(monitors.list[2].answered || monitors.list[3].answered ||
		     monitors.list[4].answered);
	assert_int_equal(monitors_for_kernel(&monitors, kernel, sizeof(kernel), &is_v2, &error), 0);
	(void)sprintf(text, "127.0.0.1:%u", ports[2]);
	assert_string_equal(kernel, text);
	assert_false(is_v2);
	end(pid);
	close(hanging);
}

static void the_first_answer_is_awaited_longer_than_the_others(void **state)
{
	uint16_t slow, hung;
	pid_t pid = slow_monitor("ceph v2\n", 400000, &slow);
	int hanging = hanging_monitor(&hung);
	struct monitors monitors;
	struct error error = {0};
	int64_t start = deadline_now();
	char text[64];

	(void)sprintf(text, "v2:127.0.0.1:%u,127.0.0.1:%u", slow, hung);
	assert_int_equal(monitors_parse(text, &monitors, &error), 0);
	assert_int_equal(monitors_try(&monitors, deadline_in(100), deadline_in(20000), &error), 1);
	assert_true(monitors.list[0].answered);
	assert_in_range(deadline_now() - start, 390, 10000);
	end(pid);
	close(hanging);
}

static void nobody_answers_within_the_deadline(void **state)
{
	uint16_t hung;
	int hanging = hanging_monitor(&hung);
	struct monitors monitors;
	struct error error = {0};
	int64_t start = deadline_now();
	char text[64];

	(void)sprintf(text, "127.0.0.1:%u", hung);
	assert_int_equal(monitors_parse(text, &monitors, &error), 0);
	assert_int_equal(monitors_try(&monitors, deadline_in(50), deadline_in(200), &error),
			 -ETIMEDOUT);
	assert_in_range(deadline_now() - start, 195, 10000);
	assert_contains(error.text, text);
	close(hanging);
}

static void the_kernel_is_given_v2_only_where_there_is_no_v1(void **state)
{
	struct monitors monitors = {.list = {{"10.0.0.1:3300", true, true, false},
					     {"10.0.0.1:6789", false, false, false},
					     {"10.0.0.2:3300", true, true, false}},
				    .count = 3};
	struct error error = {0};
	char text[64];
	bool v2 = false;

	assert_int_equal(monitors_for_kernel(&monitors, text, sizeof(text), &v2, &error), 0);
	assert_string_equal(text, "10.0.0.1:3300,10.0.0.2:3300");
	assert_true(v2);
	monitors.list[1].answered = true;
	assert_int_equal(monitors_for_kernel(&monitors, text, sizeof(text), &v2, &error), 0);
	assert_string_equal(text, "10.0.0.1:6789");
	assert_false(v2);
	assert_int_equal(monitors_for_kernel(&monitors, text, 14, &v2, &error), 0);
	assert_int_equal(monitors_for_kernel(&monitors, text, 13, &v2, &error), -ENAMETOOLONG);
}

static void a_mode_keeps_the_addresses_of_its_protocol(void **state)
{
	static const char *const text = "10.0.0.1,10.0.0.2:6789,10.0.0.3:3300,"
					"[v2:10.0.0.4:3300,v1:10.0.0.4:6789],10.0.0.1:3300,fd00::1";
	static const char *const v2_modes[] = {"crc", "secure", "prefer-crc", "prefer-secure"};
	struct monitors monitors = parsed(text);
	struct error error = {0};

	assert_int_equal(monitors_for_mode(&monitors, "auto", &error), 0);
	assert_int_equal(monitors.count, 7);
	assert_int_equal(monitors_for_mode(&monitors, "legacy", &error), 0);
	assert_int_equal(monitors.count, 4);
	has(&monitors, 0, "10.0.0.1:6789", false);
	has(&monitors, 1, "10.0.0.2:6789", false);
	has(&monitors, 2, "10.0.0.4:6789", false);
	has(&monitors, 3, "[fd00::1]:6789", false);
	for (size_t i = 0; i < sizeof(v2_modes) / sizeof(v2_modes[0]); i++) {
		monitors = parsed(text);
		assert_int_equal(monitors_for_mode(&monitors, v2_modes[i], &error), 0);
		/* a bare address stands for both, and is listed once */
		assert_int_equal(monitors.count, 4);
		has(&monitors, 0, "10.0.0.1:3300", true);
		has(&monitors, 1, "10.0.0.3:3300", true);
		has(&monitors, 2, "10.0.0.4:3300", true);
		has(&monitors, 3, "[fd00::1]:3300", true);
	}
}

/* One at an address of loopback that nobody else has, until it is killed. */
static pid_t monitor_at(const char *host, uint16_t port, const char *banner)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const int on = 1;
	pid_t pid;

	assert_int_equal(inet_pton(AF_INET, host, &address.sin_addr), 1);
	assert_int_equal(setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)), 0);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, 5), 0);
	pid = fork();
	if (pid == 0) {
		int one = accept(fd, NULL, NULL);

		if (one >= 0 && write(one, banner, strlen(banner)) > 0)
			pause();
		_exit(1);
	}
	close(fd);
	return pid;
}

static void a_bare_address_is_tried_by_both_protocols(void **state)
{
	struct monitors monitors = parsed("127.77.33.1");
	struct error error = {0};
	char kernel[256];
	bool is_v2 = false;
	pid_t pid;

	assert_int_equal(monitors_try_mode(&monitors, "auto", deadline_in(20000),
					   deadline_in(20000), &error),
			 -ETIMEDOUT);
	assert_contains(error.text, "127.77.33.1:6789");
	pid = monitor_at("127.77.33.1", 3300, "ceph v2\n");
	monitors = parsed("127.77.33.1");
	assert_int_equal(monitors_try_mode(&monitors, "auto", deadline_in(20000),
					   deadline_in(20000), &error),
			 0);
	assert_int_equal(monitors_for_kernel(&monitors, kernel, sizeof(kernel), &is_v2, &error), 0);
	assert_string_equal(kernel, "127.77.33.1:3300");
	assert_true(is_v2);
	/* who wants the first, or has said the port, gets no other */
	monitors = parsed("127.77.33.1");
	assert_int_equal(monitors_try_mode(&monitors, "legacy", deadline_in(20000),
					   deadline_in(20000), &error),
			 -ETIMEDOUT);
	monitors = parsed("127.77.33.1:6789");
	assert_int_equal(monitors_try_mode(&monitors, "auto", deadline_in(20000),
					   deadline_in(20000), &error),
			 -ETIMEDOUT);
	end(pid);
}

static void a_mode_that_no_address_is_for_is_refused(void **state)
{
	struct monitors monitors = parsed("10.0.0.1:6789,v1:10.0.0.2");
	struct error error = {0};

	assert_int_equal(monitors_for_mode(&monitors, "secure", &error), -EINVAL);
	assert_contains(error.text, "msMode \"secure\"");
	assert_contains(error.text, "3300");
	monitors = parsed("10.0.0.1:3300");
	assert_int_equal(monitors_for_mode(&monitors, "legacy", &error), -EINVAL);
	assert_contains(error.text, "6789");
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT("an address alone has the port of v1", an_address_alone_has_the_port_of_v1),
		UNIT("lists are separated as people do it", lists_are_separated_as_people_do_it),
		UNIT("IPv6 stands in brackets", ipv6_stands_in_brackets),
		UNIT("groups have both protocols", groups_have_both_protocols),
		UNIT("port 3300 speaks v2", port_3300_speaks_v2),
		UNIT("the same address counts once", the_same_address_counts_once),
		UNIT("names are resolved", names_are_resolved),
		UNIT("what is no list is refused", what_is_no_list_is_refused),
		UNIT("a name that does not resolve is named",
		     a_name_that_does_not_resolve_is_named),
		UNIT("more than the kernel takes is refused",
		     more_than_the_kernel_takes_is_refused),
		UNIT("a ceph.conf tells monitors and fsid", a_ceph_conf_tells_monitors_and_fsid),
		UNIT("monitors in a ceph.conf may be separated by semicolons",
		     monitors_in_a_conf_may_be_separated_by_semicolons),
		UNIT("a ceph.conf without monitors is refused", a_conf_without_monitors_is_refused),
		UNIT("who speaks Ceph has answered, and nobody else", who_speaks_ceph_has_answered),
		UNIT("the first answer is awaited longer than the others",
		     the_first_answer_is_awaited_longer_than_the_others),
		UNIT("nobody answers within the deadline", nobody_answers_within_the_deadline),
		UNIT("a mode keeps the addresses of its protocol",
		     a_mode_keeps_the_addresses_of_its_protocol),
		UNIT("a mode that no address is for is refused",
		     a_mode_that_no_address_is_for_is_refused),
		UNIT("a bare address is tried by both protocols",
		     a_bare_address_is_tried_by_both_protocols),
		UNIT("the kernel is given v2 only where there is no v1",
		     the_kernel_is_given_v2_only_where_there_is_no_v1),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
