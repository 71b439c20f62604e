/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <sys/prctl.h>

#include "base/bundle.h"
#include "fixtures/tree.h"

static struct spawn_result result;
static struct error error;

/* An executable that says how it was called. */
static void make_program(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0755);
	static const char words[] = "#!/bin/sh\necho \"${0##*/}\" \"$@\" \"[$MKE2FS_CONFIG]\"\n";

	assert_true(fd >= 0);
	assert_int_equal(write(fd, words, strlen(words)), (ssize_t)strlen(words));
	close(fd);
}

/* What the kernel takes for our executable. */
static void we_are(const char *path)
{
	const char *link = tree_path("proc/self/exe");

	(void)unlink(link);
	assert_int_equal(symlink(path, link), 0);
	bundle_enter();
}

static int bundle_setup(void **state)
{
	assert_int_equal(tree_setup(state), 0);
	make_program(tree_path("b/ld.so"));
	make_program(tree_path("b/ld/mke2fs"));
	make_program(tree_path("b/bin/mke2fs"));
	make_program(tree_path("b/rbd-flexvolume"));
	assert_int_equal(prctl(PR_SET_NAME, "ld.so"), 0);
	assert_int_equal(setenv("OPENSSL_CONF", "/somewhere", 1), 0);
	return 0;
}

static int bundle_teardown(void **state)
{
	path_set_root("/nowhere");
	bundle_enter();
	return tree_teardown(state);
}

static const char *run(const char *name)
{
	const char *const argv[] = {name, "-q", "a b", NULL};
	const struct spawn spawn = {.argv = argv, .deadline = deadline_in(20000)};

	assert_int_equal(spawn_run(&spawn, &result, &error), 0);
	return result.output;
}

static void expect_by_loader(const char *loader, const char *name, const char *file,
			     const char *output)
{
	char expected[2048];

	(void)snprintf(expected, sizeof(expected),
		       "%s --inhibit-cache --library-path %s/b/lib --argv0 %s %s/b/%s -q a b "
		       "[%s/b/etc/mke2fs.conf]",
		       loader, tree_root, name, tree_root, file, tree_root);
	assert_string_equal(output, expected);
}

static void tools_of_the_bundle(void **state)
{
	we_are(tree_path("b/ld.so"));
	assert_true(spawn_can("mke2fs"));
	expect_by_loader("mke2fs", "mke2fs", "bin/mke2fs", run("mke2fs"));
}

static void tools_of_the_host(void **state)
{
	we_are(tree_path("b/ld.so"));
	assert_true(spawn_can("sh"));
	assert_false(spawn_can("e2fsck-of-nobody"));
	assert_string_equal(run("echo"), "-q a b");
}

static void another_of_ourselves(void **state)
{
	we_are(tree_path("b/ld.so"));
	expect_by_loader("ld.so", "rbd-flexvolume", "rbd-flexvolume", run(SPAWN_SELF));
}

static void after_an_upgrade(void **state)
{
	char gone[PATH_MAX];

	(void)snprintf(gone, sizeof(gone), "%s (deleted)", tree_path("b/ld.so"));
	we_are(gone);
	expect_by_loader("mke2fs", "mke2fs", "bin/mke2fs", run("mke2fs"));
}

static void our_own_name(void **state)
{
	char name[16], expected[PATH_MAX];

	we_are(tree_path("b/ld.so"));
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_string_equal(name, "rbd-flexvolume");
	(void)snprintf(expected, sizeof(expected), "%s/b/etc/openssl.cnf", tree_root);
	assert_string_equal(getenv("OPENSSL_CONF"), expected);
	(void)snprintf(expected, sizeof(expected), "%s/b/lib/ceph", tree_root);
	assert_string_equal(getenv("CEPH_LIB"), expected);
}

static void not_in_a_bundle(const char *executable)
{
	char path[PATH_MAX], name[16];
	struct bundle_program program;

	we_are(executable);
	assert_int_equal(bundle_file("etc/mke2fs.conf", path), -ENOENT);
	assert_int_equal(bundle_find("mke2fs", &program), -ENOENT);
	assert_int_equal(bundle_find("rbd-flexvolume", &program), -ENOENT);
	assert_int_equal(prctl(PR_GET_NAME, name), 0);
	assert_string_equal(name, "ld.so");
	assert_string_equal(getenv("OPENSSL_CONF"), "/somewhere");
	assert_string_equal(run("echo"), "-q a b");
}

static void without_a_bundle(void **state)
{
	not_in_a_bundle(tree_path("b/rbd-flexvolume"));
	not_in_a_bundle("/usr/lib/ld-linux-x86-64.so.2");
}

#define BUNDLE_TEST(sentence, function)                                 \
	{                                                               \
		sentence, function, bundle_setup, bundle_teardown, NULL \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		BUNDLE_TEST("a tool of the bundle is run by the bundle's loader under its own "
			    "name, with the bundle's configuration",
			    tools_of_the_bundle),
		BUNDLE_TEST("what the bundle has not is the host's", tools_of_the_host),
		BUNDLE_TEST("another of ourselves is run by the bundle's loader as well",
			    another_of_ourselves),
		BUNDLE_TEST("a call whose loader was taken away by an upgrade still finds its own",
			    after_an_upgrade),
		BUNDLE_TEST("a bundled driver goes by its own name, and its libraries' "
			    "configuration is the bundle's",
			    our_own_name),
		BUNDLE_TEST("the driver that was built, and a host's loader, are no bundle",
			    without_a_bundle),
	};

	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
