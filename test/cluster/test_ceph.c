/* SPDX-License-Identifier: Apache-2.0 */
/* driver/ceph against a real cluster: test/cluster/run brings it up and starts this. */
#include "cluster.h"

static size_t add(struct CMUnitTest *all, size_t count, const struct CMUnitTest *tests, size_t more)
{
	memcpy(all + count, tests, more * sizeof(*tests));
	return count + more;
}

/* One group, so that there is one plan in the TAP output. */
int main(int argc, char **argv)
{
	struct CMUnitTest all[192];
	size_t count = 0;
	int failed;

	if (argc == 3 && strcmp(argv[1], "hold") == 0)
		return holder_main(argv[2]);
	if (argc == 2)
		cmocka_set_test_filter(argv[1]);
	count = add(all, count, session_tests, session_tests_count);
	count = add(all, count, image_tests, image_tests_count);
	count = add(all, count, change_tests, change_tests_count);
	count = add(all, count, make_tests, make_tests_count);
	count = add(all, count, clone_tests, clone_tests_count);
	count = add(all, count, caps_tests, caps_tests_count);
	count = add(all, count, manage_pool_tests, manage_pool_tests_count);
	count = add(all, count, manage_image_tests, manage_image_tests_count);
	count = add(all, count, manage_change_tests, manage_change_tests_count);
	count = add(all, count, manage_snapshot_tests, manage_snapshot_tests_count);
	count = add(all, count, manage_many_tests, manage_many_tests_count);
	count = add(all, count, full_tests, full_tests_count);
	count = add(all, count, hung_tests, hung_tests_count);
	failed = _cmocka_run_group_tests("ceph", all, count, NULL, NULL);
	(void)fflush(stdout);
	_exit(failed ? 1 : 0); /* no C++ destructors behind calls that were left behind */
}
