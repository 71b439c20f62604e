/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "ceph/library.h"

#define CEPH_SYMBOL(function) assert_non_null(rados.function);
static void librados_has_every_function(void **state)
{
	struct error error = {0};

	if (ceph_load_rados(&error) < 0)
		fail_msg("%s", error.text);
#include "ceph/symbols_rados.h"
}
#undef CEPH_SYMBOL

#define CEPH_SYMBOL(function) assert_non_null(rbd.function);
static void librbd_has_every_function(void **state)
{
	struct error error = {0};

	if (ceph_load_rbd(&error) < 0)
		fail_msg("%s", error.text);
#include "ceph/symbols_rbd.h"
}
#undef CEPH_SYMBOL

static void loading_again_is_free(void **state)
{
	struct error error = {0};
	struct ceph_rados before = rados;

	assert_int_equal(ceph_load_rados(&error), 0);
	assert_memory_equal(&before, &rados, sizeof(before));
}

static void no_library_was_loaded_before(void **state)
{
	assert_null(rados.rados_connect);
	assert_null(rbd.rbd_open);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		UNIT("no library is loaded before it is asked for", no_library_was_loaded_before),
		UNIT("librados has every function that is called", librados_has_every_function),
		UNIT("librbd has every function that is called", librbd_has_every_function),
		UNIT("loading again is free", loading_again_is_free),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
