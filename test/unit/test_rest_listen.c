/* SPDX-License-Identifier: Apache-2.0 */
/* What rbd-rest listens on, also where the kernel has no IPv6: socket(2) is ours here. */
#include "unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/syscall.h>

#include "base/cleanup.h"
#include "rest/server.h"

static int refused_family, refused_with;

/* NOLINTNEXTLINE(readability-inconsistent-declaration-parameter-name) */
int socket(int family, int type, int protocol)
{
	if (family != refused_family)
		return (int)syscall(SYS_socket, family, type, protocol);
	errno = refused_with;
	return -1;
}

/* On any port that is free. */
static int listen_on(const char *text, struct address *address, struct error *error)
{
	assert_int_equal(settings_address(text, address, error), 0);
	if (address->address.ss_family == AF_INET6)
		((struct sockaddr_in6 *)&address->address)->sin6_port = 0;
	else
		((struct sockaddr_in *)&address->address)->sin_port = 0;
	return server_listen(address, text, error);
}

static int reset(void **state)
{
	refused_family = -1;
	return 0;
}

static void all_addresses_are_those_of_ipv4_where_the_kernel_has_no_ipv6(void **state)
{
	struct sockaddr_storage bound = {0};
	socklen_t length = sizeof(bound);
	struct address address;
	struct error error = {0};
	_cleanup_close_ int fd = -1;

	refused_family = AF_INET6;
	refused_with = EAFNOSUPPORT;
	fd = listen_on("*:8080", &address, &error);
	if (fd < 0)
		fail_msg("%s", error.text);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &length), 0);
	assert_int_equal(bound.ss_family, AF_INET);
	assert_int_equal(((struct sockaddr_in *)&bound)->sin_addr.s_addr, INADDR_ANY);
	assert_int_equal(address.address.ss_family, AF_INET);
	assert_false(address.loopback);
}

static void the_port_is_kept(void **state)
{
	struct address address;
	struct error error = {0};

	refused_family = AF_INET6;
	refused_with = EAFNOSUPPORT;
	assert_int_equal(settings_address("*:48123", &address, &error), 0);
	cleanup_close(&(int){server_listen(&address, "*:48123", &error)});
	assert_int_equal(ntohs(((struct sockaddr_in *)&address.address)->sin_port), 48123);
}

static void an_address_of_ipv6_that_was_named_is_refused_there(void **state)
{
	struct address address;
	struct error error = {0};

	refused_family = AF_INET6;
	refused_with = EAFNOSUPPORT;
	assert_int_equal(listen_on("[::]:8080", &address, &error), -EAFNOSUPPORT);
	assert_contains(error.advice, "no IPv6");
}

static void what_cannot_be_listened_on_has_an_advice(void **state)
{
	struct sockaddr_in bound = {0};
	socklen_t length = sizeof(bound);
	struct address address;
	struct error error = {0};
	_cleanup_close_ int fd = listen_on("127.0.0.1:8080", &address, &error);

	assert_true(fd >= 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&bound, &length), 0);
	((struct sockaddr_in *)&address.address)->sin_port = bound.sin_port;
	assert_int_equal(server_listen(&address, "127.0.0.1:8080", &error), -EADDRINUSE);
	assert_contains(error.advice, "another program");
	assert_int_equal(listen_on("192.0.2.1:8080", &address, &error), -EADDRNOTAVAIL);
	assert_contains(error.advice, "no such address");
	refused_family = AF_INET;
	refused_with = EACCES;
	assert_int_equal(listen_on("0.0.0.0:80", &address, &error), -EACCES);
	assert_contains(error.advice, "CAP_NET_BIND_SERVICE");
}

int main(void)
{
#define LISTEN_TEST(sentence, function)               \
	{                                             \
		sentence, function, reset, NULL, NULL \
	}
	const struct CMUnitTest tests[] = {
		LISTEN_TEST("all addresses are those of IPv4 where the kernel has no IPv6",
			    all_addresses_are_those_of_ipv4_where_the_kernel_has_no_ipv6),
		LISTEN_TEST("the port is kept", the_port_is_kept),
		LISTEN_TEST("an address of IPv6 that was named is refused there",
			    an_address_of_ipv6_that_was_named_is_refused_there),
		LISTEN_TEST("what cannot be listened on has an advice",
			    what_cannot_be_listened_on_has_an_advice),
	};

	return cmocka_run_group_tests_name("listen", tests, NULL, NULL);
}
