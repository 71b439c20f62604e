#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# A host whose kernel has no rbd: the controller manager's, and a node that was made wrongly.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup_file() {
	boot 3 --rbd=absent
}

teardown_file() {
	lab kill 3
}

setup() {
	V=absent$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1
}

@test "attach on a controller without rbd makes the image, and the kubelet's node brings it up" {
	local wanted device
	wanted=$(options "$V" size=64Mi)
	driver_ok 3 init
	driver_ok 3 attach "$wanted" node1
	device=$(jq -r .device <<<"$json")
	assert_equal "$(image_size "$V")" $((64 << 20))
	driver_ok 3 isattached "$wanted" node1
	driver_ok 3 attach "$wanted" node1
	assert_count 0 "$(watchers "$V")"
	assert_equal "$(image_features "$V")" exclusive-lock,layering

	driver_ok 1 waitforattach "$device" "$wanted"
	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	# the controller cannot see the node, and has nothing to undo
	driver_ok 3 detach "$V" node1
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	driver_ok 3 detach "$V" node1
	up 1 pod1 "$V" "$wanted"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "attach on a controller that knows no cluster is Success, and the kubelet's node makes the image" {
	local wanted
	wanted=$(options "$V" size=64Mi)
	node 3 mount -t tmpfs none /etc/ceph
	driver_ok 3 attach "$wanted" node1
	node 3 umount /etc/ceph
	assert_no_image "$V"
	up 1 pod1 "$V" "$wanted"
	assert_equal "$(image_size "$V")" $((64 << 20))
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "attach refuses what mountdevice would refuse: a missing image without size, an option that is none" {
	driver_fails "size" 3 attach "$(options "$V")" node1
	message_has "kube/$V"
	driver_fails "sise" 3 attach "$(options "$V" sise=64Mi)" node1
	message_has "size"
	# a read-only request makes nothing
	driver_ok 3 attach "$(options "$V" size=64Mi readOnly=true)" node1
	assert_no_image "$V"
}

@test "a node without the module says so, and leaves no image behind" {
	make_dir 3 "$(global_dir "$V")"
	driver_fails "module" 3 mountdevice "$(global_dir "$V")" "" "$(options "$V" size=64Mi)"
	message_has "rbd" "$V"
	assert_no_image "$V"
	driver_ok 3 unmountdevice "$(global_dir "$V")"
}
