#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is not there any more is taken down already (flexvolume-contract.md §6.8).

load helpers

both_modes() { # VERB ARGS...
	for mode in true false; do
		use_config "{\"attach\":$mode}"
		driver "$@"
		assert_answer Success
	done
}

@test "unmount of a directory that does not exist is a success" {
	both_modes unmount /nowhere/pods/1/volumes/ceph~rbd/pv-1
	[ ! -e /nowhere ]
}

@test "unmount of a directory that is no mount is a success, and it stays" {
	mkdir "$BATS_TEST_TMPDIR/pv-1"
	touch "$BATS_TEST_TMPDIR/pv-1/file"
	both_modes unmount "$BATS_TEST_TMPDIR/pv-1"
	both_modes unmount "$BATS_TEST_TMPDIR/pv-1/"
	[ -e "$BATS_TEST_TMPDIR/pv-1/file" ]
}

@test "unmountdevice and detach of nothing are a success" {
	driver unmountdevice /nowhere/plugins/mounts/pv-1
	assert_answer Success
	driver detach pv-1 "$(hostname)"
	assert_answer Success
	driver detach pv-1 another-node
	assert_answer Success
}

@test "a pod can go also with a bad configuration" {
	use_config '{"typo":1}'
	driver unmount /nowhere/pods/1/volumes/ceph~rbd/pv-1
	assert_answer Success
}

@test "unmounting opens no library of Ceph" {
	export LD_DEBUG=files LD_DEBUG_OUTPUT=$BATS_TEST_TMPDIR/loaded
	"$DRIVER" unmount /nowhere/pods/1/volumes/ceph~rbd/pv-1 >/dev/null
	unset LD_DEBUG LD_DEBUG_OUTPUT
	if cat "$BATS_TEST_TMPDIR"/loaded.* | grep -E 'rados|rbd\.so|ceph/'; then return 1; fi
}
