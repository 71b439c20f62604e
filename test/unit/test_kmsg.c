/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "fixtures/tree.h"
#include "kernel/kmsg.h"

static char words[512];

/* What the kernel logs between the begin and the end of a call. */
static const char *words_of(const char *device, const char *records)
{
	const char *log = tree_path("dev/kmsg");
	int fd, to;

	tree_write(log, "6,1,100,-;rbd: said before the call began\n");
	fd = kmsg_begin();
	assert_true(fd >= 0);
	to = open(log, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(to, records, strlen(records)), strlen(records));
	close(to);
	kmsg_words(fd, device, words, sizeof(words));
	close(fd);
	return words;
}

static void only_what_was_said_since_the_call_began_counts(void **state)
{
	assert_string_equal(words_of(NULL, "4,2,200,-;rbd: image db: image uses unsupported "
					   "features: 0x40\n"),
			    "rbd: image db: image uses unsupported features: 0x40");
	assert_string_equal(words_of(NULL, ""), "");
}

static void lines_of_others_and_dictionaries_are_left_out(void **state)
{
	assert_string_equal(words_of("rbd0", "6,2,200,-;usb 1-1: new device\n"
					     " SUBSYSTEM=usb\n DEVICE=+usb:1-1\n"
					     "3,3,300,-;libceph: auth protocol 'cephx' mauth "
					     "authentication failed: -13\n"),
			    "libceph: auth protocol 'cephx' mauth authentication failed: -13");
}

static void words_that_a_program_wrote_into_the_log_are_not_the_kernels(void **state)
{
	/* facility 1 (user), level 4 */
	assert_string_equal(words_of(NULL, "12,2,200,-;rbd: everything is fine\n"), "");
}

static void the_file_systems_words_come_with_the_device(void **state)
{
	const char *records = "3,2,200,-;EXT4-fs (rbd1): VFS: Can't find ext4 filesystem\n"
			      "3,3,300,-;EXT4-fs (rbd11): error count since last fsck: 1\n"
			      "3,4,400,-;I/O error, dev rbd1, sector 8 op 0x0:(READ)\n"
			      "3,5,500,-;JBD2: recovery failed on rbd1-8\n";

	assert_string_equal(words_of("rbd1", records),
			    "EXT4-fs (rbd1): VFS: Can't find ext4 filesystem; "
			    "I/O error, dev rbd1, sector 8 op 0x0:(READ); "
			    "JBD2: recovery failed on rbd1-8");
	assert_string_equal(words_of(NULL, records), "");
}

static void another_mappings_words_are_left_out(void **state)
{
	assert_string_equal(words_of("rbd1", "4,2,200,-;rbd: rbd2: failed to acquire lock: -110\n"
					     "4,3,300,-;rbd: rbd1: failed to acquire lock: -30\n"),
			    "rbd: rbd1: failed to acquire lock: -30");
}

static void noise_is_left_out_where_something_telling_was_said(void **state)
{
	const char *noise =
		"6,2,200,-;libceph: mon0 (1)10.77.0.1:6789 session established\n"
		"6,3,300,-;libceph: client4123 fsid b0c1aaaa-0000-4000-8000-000000000000\n";
	char records[512];

	snprintf(records, sizeof(records), "%s4,4,400,-;rbd: pool none does not exist\n", noise);
	assert_string_equal(words_of(NULL, records), "rbd: pool none does not exist");
	/* alone it says that the monitors were reached */
	assert_non_null(strstr(words_of(NULL, noise), "session established"));
}

static void what_is_said_when_all_goes_well_is_no_reason(void **state)
{
	/* of a first map, mount and growth on 6.12 */
	assert_string_equal(
		words_of("rbd0",
			 "6,2,2,-;libceph: loaded (mon/osd proto 15/24)\n"
			 "6,3,3,-;rbd: loaded (major 254)\n"
			 "6,4,4,-;rbd: rbd0: capacity 209715200 features 0x5\n"
			 "6,5,5,-;EXT4-fs (rbd0): mounted filesystem 635d28c5 r/w with ordered "
			 "data mode. Quota mode: none.\n"
			 "6,6,6,-;EXT4-fs (rbd0): resizing filesystem from 204800 to 3145728 "
			 "blocks\n"
			 "6,7,7,-;EXT4-fs (rbd0): resized filesystem to 3145728\n"
			 "6,8,8,-;EXT4-fs (rbd0): unmounting filesystem 635d28c5.\n"),
		"");
}

static void a_key_is_never_repeated(void **state)
{
	words_of(NULL, "3,2,200,-;libceph: bad option at 'secret=AQBhVmVjcmV0a2V5AAAA=='\n");
	assert_null(strstr(words, "AQBh"));
	assert_string_equal(words, "libceph: bad option at 'secret=...");
}

static void the_newest_lines_are_kept_where_not_all_fit(void **state)
{
	char records[8000] = "";

	for (int i = 0; i < 100; i++)
		sprintf(records + strlen(records), "4,%d,%d,-;rbd: line number %d\n", i, i, i);
	words_of(NULL, records);
	assert_true(strlen(words) < sizeof(words));
	assert_non_null(strstr(words, "rbd: line number 99"));
	assert_null(strstr(words, "rbd: line number 1;"));
	assert_int_equal(strncmp(words, "rbd: line number ", 17), 0);
}

static void a_line_said_again_is_said_once(void **state)
{
	assert_string_equal(words_of(NULL, "4,2,2,-;rbd: a; b\n4,3,3,-;rbd: a; b\n"), "rbd: a, b");
}

static void without_a_log_there_are_no_words(void **state)
{
	assert_int_equal(kmsg_begin(), -1);
	memset(words, 'x', sizeof(words));
	kmsg_words(-1, "rbd0", words, sizeof(words));
	assert_string_equal(words, "");
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, tree_setup, tree_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_what_was_said_since_the_call_began_counts),
		TEST(lines_of_others_and_dictionaries_are_left_out),
		TEST(words_that_a_program_wrote_into_the_log_are_not_the_kernels),
		TEST(the_file_systems_words_come_with_the_device),
		TEST(another_mappings_words_are_left_out),
		TEST(noise_is_left_out_where_something_telling_was_said),
		TEST(what_is_said_when_all_goes_well_is_no_reason),
		TEST(a_key_is_never_repeated),
		TEST(the_newest_lines_are_kept_where_not_all_fit),
		TEST(a_line_said_again_is_said_once),
		TEST(without_a_log_there_are_no_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
