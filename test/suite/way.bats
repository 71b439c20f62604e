#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The whole way of a volume and back, and its data on another node.
# shellcheck source=test/suite/helpers.bash
load helpers

setup() {
	V=way$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1 2
}

@test "attach mode: made, mapped, formatted, mounted, written, and found again on another node" {
	local json_options device
	json_options=$(options "$V" size=64Mi)

	driver_ok 1 init
	assert_equal "$(jq -c .capabilities.attach <<<"$json")" true
	driver_ok 1 attach "$json_options" node1
	device=$(jq -r .device <<<"$json")
	assert_equal "$(image_size "$V")" $((64 << 20))
	assert_mapped 1 "$V" 0
	driver_ok 1 waitforattach "$device" "$json_options"
	assert_equal "$(jq -r .device <<<"$json")" "$device"
	up 1 pod1 "$V" "$json_options"
	assert_mounted 1 "$(global_dir "$V")" rw "$V"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	driver_ok 1 detach "$V" node1
	assert_nothing_left 1
	assert_sound "$V"

	up 2 pod1 "$V" "$json_options"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
}
