#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# A node that has just been started.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=boot$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1
}

@test "after the node was started anew the volume comes up again: the module is loaded, an old device name is no matter" {
	local wanted
	wanted=$(options "$V" size=64Mi)
	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	reboot 1

	run node 1 ls /sys/bus/rbd
	[[ $status != 0 ]]
	# the kubelet finds the directories of before, which are plain ones now
	make_dir 1 "$(global_dir "$V")" "$(pod_dir pod1 "$V")"
	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	driver_ok 1 detach "$V" node1
	# none of that needs the module, nor does init
	driver_ok 1 init
	driver_ok 1 waitforattach /dev/rbd0 "$wanted"
	driver_ok 1 isattached "$wanted" node1
	run node 1 ls /sys/bus/rbd
	[[ $status != 0 ]]

	driver_ok 1 mountdevice "$(global_dir "$V")" /dev/rbd7 "$wanted"
	assert_equal "$(node 1 cat /sys/module/rbd/parameters/single_major)" Y
	driver_ok 1 mount "$(pod_dir pod1 "$V")" "$wanted"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "a device name that another mapping has meanwhile is never believed" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	make_dir 1 "$(global_dir "other$V")"
	driver_ok 1 waitforattach "/dev/rbd$(mapping 1 "$V" id)" "$(options "other$V" size=32Mi)"
	driver_ok 1 mountdevice "$(global_dir "other$V")" "/dev/rbd$(mapping 1 "$V" id)" \
		"$(options "other$V" size=32Mi)"
	assert_mounted 1 "$(global_dir "other$V")" rw "other$V"
	assert_mounted 1 "$(global_dir "$V")" rw "$V"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	driver_ok 1 unmountdevice "$(global_dir "other$V")"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "unmount and unmountdevice of a directory that is no mount, or is not there, are Success" {
	make_dir 1 "$(global_dir "$V")" "$(pod_dir pod1 "$V")"
	for MODE in attach mount; do
		driver_ok 1 unmount "$(pod_dir pod1 "$V")"
		driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	done
	MODE=attach
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	driver_ok 1 unmountdevice "$(global_dir "other$V")"
	assert_nothing_left 1
}
