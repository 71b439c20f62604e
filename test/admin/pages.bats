#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every example of the pages about the manual verbs is run and answers as it is written there.
# shellcheck source=test/admin/helpers.bash
load helpers

teardown() {
	tidy 1
	clean_pools
	lab ceph config set mon mon_allow_pool_delete true
	for pool in archive fast; do
		lab ceph osd pool rm "$pool" "$pool" --yes-i-really-really-mean-it >/dev/null 2>&1 || :
	done
	lab ceph config rm mon mon_allow_pool_delete
}

@test "docs/admin.md: the examples" {
	as_admin docs/admin.md
	assert_nothing_left 1
}

@test "docs/recipes.md: the examples" {
	as_admin docs/recipes.md
	assert_nothing_left 1
}
