/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fixtures/tree.h"
#include "kernel/key.h"

/* type 1, made at 0x64000000, 16 bytes "0123456789abcdef" */
#define KEY       "AQAAAABkAAAAABAAMDEyMzQ1Njc4OWFiY2RlZg=="
#define OTHER_KEY "AQAAAABkAAAAABAAZmVkY2JhOTg3NjU0MzIxMA=="
/* type 2 with 32 bytes: AES-256 */
#define NEW_KEY "AgAAAABkAAAAACAAMDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="

static struct error error;
static char key[KEY_TEXT_MAX];
static int readable;

static int setup(void **state)
{
	memset(&error, 0, sizeof(error));
	memset(key, 0, sizeof(key));
	readable = -1;
	return tree_setup(state);
}

/* Of a file with this content and mode. */
static int from(const char *content, mode_t mode, const char *user)
{
	const char *path = tree_path("keyring");

	tree_write(path, content);
	assert_int_equal(chmod(path, mode), 0);
	return key_from_keyring(path, user, key, &readable, &error);
}

static void an_aes_128_key_is_good(void **state)
{
	assert_int_equal(key_check(KEY, &error), 0);
}

static void refuse(const char *base64, int code, const char *why)
{
	assert_int_equal(key_check(base64, &error), code);
	assert_non_null(strstr(error.text, why));
	if (strlen(base64) >= 8)
		assert_null(strstr(error.text, base64));
}

static void what_is_no_such_key_is_refused_with_the_reason(void **state)
{
	refuse("", -EINVAL, "too short");
	refuse("not base64!", -EINVAL, "no base64");
	refuse("AQAAAABk", -EINVAL, "too short");
	refuse("AQAAAABkAAAAABAAMDEyMzQ1Njc4OWFiYw==", -EINVAL, "is cut");
	refuse("AAAAAABkAAAAABAAMDEyMzQ1Njc4OWFiY2RlZg==", -EINVAL, "type \"none\"");
	refuse(NEW_KEY, -EKEYREJECTED, "type 2 (AES-256); the kernel's client cannot use it");
	assert_non_null(strstr(error.advice, "older kind"));
	refuse("AwAAAABkAAAAABAAMDEyMzQ1Njc4OWFiY2RlZg==", -EKEYREJECTED, "of type 3; the kernel");
}

static void the_key_of_the_user_is_read_from_its_section(void **state)
{
	assert_int_equal(from("[client.admin]\n\tkey = " OTHER_KEY "\n[client.kube]\n\tkey = " KEY
			      "\n\tcaps mon = \"profile rbd\"\n[client.kube2]\nkey=" OTHER_KEY "\n",
			      0600, "kube"),
			 0);
	assert_string_equal(key, KEY);
	assert_int_equal(readable, 0);
}

static void comments_blanks_and_carriage_returns_are_passed_over(void **state)
{
	assert_int_equal(from("# the node's\r\n\r\n  [client.kube]  ; ours\r\n# key = " OTHER_KEY
			      "\r\n \t key\t=\t" KEY "  # made in 2023\r\n",
			      0600, "kube"),
			 0);
	assert_string_equal(key, KEY);
}

static void a_file_without_a_last_newline_is_read_whole(void **state)
{
	assert_int_equal(from("[client.kube]\nkey=" KEY, 0600, "kube"), 0);
	assert_string_equal(key, KEY);
}

static void a_missing_user_is_named(void **state)
{
	assert_int_equal(from("[client.kube]\nkey = " KEY "\n", 0600, "kub"), -ENOKEY);
	assert_non_null(strstr(error.text, "no key of client.kub in it"));
	assert_string_equal(key, "");
}

static void a_section_without_a_key_has_none(void **state)
{
	assert_int_equal(
		from("[client.kube]\nkeyring = /x\n[client.b]\nkey = " KEY "\n", 0600, "kube"),
		-ENOKEY);
}

static void a_broken_key_says_where_and_not_what(void **state)
{
	assert_int_equal(from("[client.kube]\nkey = AQsecretbroken\n", 0600, "kube"), -EINVAL);
	assert_non_null(strstr(error.text, "client.kube in "));
	assert_null(strstr(error.text, "secretbroken"));
	assert_null(strstr(error.advice, "secretbroken"));
	assert_string_equal(key, "");
}

static void a_file_that_others_can_write_is_refused(void **state)
{
	assert_int_equal(from("[client.kube]\nkey = " KEY "\n", 0602, "kube"), -EPERM);
	assert_non_null(strstr(error.text, "others can write it (mode 0602)"));
	assert_string_equal(key, "");
}

static void a_file_that_others_can_read_works_and_is_told(void **state)
{
	assert_int_equal(from("[client.kube]\nkey = " KEY "\n", 0644, "kube"), 0);
	assert_int_equal(readable, 1);
}

static void what_is_no_file_is_refused_without_waiting(void **state)
{
	const char *path = tree_path("fifo");

	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(key_from_keyring(path, "kube", key, &readable, &error), -EINVAL);
	assert_int_equal(key_from_keyring(tree_path("none"), "kube", key, &readable, &error),
			 -ENOENT);
}

static void a_keyring_of_any_length_is_refused(void **state)
{
	const char *path = tree_path("keyring");

	close(tree_image("keyring", 65537));
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(key_from_keyring(path, "kube", key, &readable, &error), -EFBIG);
}

/* A kernel without libceph does not know the type; one with it gives a serial number. */
static void a_key_is_added_or_the_kernels_reason_is_given(void **state)
{
	int serial = key_add("rbd-flexvolume/unit", KEY, &error);

	if (serial > 0) {
		key_forget(serial);
		return;
	}
	assert_int_not_equal(serial, 0);
	assert_int_equal(error.code, serial);
	assert_non_null(strstr(error.text, "add the key rbd-flexvolume/unit"));
	assert_true(*error.advice);
	assert_null(strstr(error.text, "0123456789"));
}

static void a_key_that_is_none_never_reaches_the_kernel(void **state)
{
	assert_int_equal(key_add("rbd-flexvolume/unit", NEW_KEY, &error), -EKEYREJECTED);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_aes_128_key_is_good),
		TEST(what_is_no_such_key_is_refused_with_the_reason),
		TEST(the_key_of_the_user_is_read_from_its_section),
		TEST(comments_blanks_and_carriage_returns_are_passed_over),
		TEST(a_file_without_a_last_newline_is_read_whole),
		TEST(a_missing_user_is_named),
		TEST(a_section_without_a_key_has_none),
		TEST(a_broken_key_says_where_and_not_what),
		TEST(a_file_that_others_can_write_is_refused),
		TEST(a_file_that_others_can_read_works_and_is_told),
		TEST(what_is_no_file_is_refused_without_waiting),
		TEST(a_keyring_of_any_length_is_refused),
		TEST(a_key_is_added_or_the_kernels_reason_is_given),
		TEST(a_key_that_is_none_never_reaches_the_kernel),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
