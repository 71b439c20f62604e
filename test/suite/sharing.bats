#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Several pods of one node on one volume, and several volumes on one image.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=share$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1
}

@test "mount mode: two pods share one mapping, and the last unmount unmaps" {
	local wanted
	wanted=$(options "$V" size=64Mi)

	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	up 1 pod2 "$V" "$wanted"
	assert_mapped 1 "$V" 1
	assert_count 1 "$(watchers "$V")"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	assert_mounted 1 "$(pod_dir pod2 "$V")" rw "$V"
	assert_file 1 "$(pod_dir pod2 "$V")/data" "$sum"

	# the one that came first goes first
	down 1 pod1 "$V"
	assert_not_mounted 1 "$(pod_dir pod1 "$V")"
	assert_mapped 1 "$V" 1
	assert_mounted 1 "$(pod_dir pod2 "$V")" rw "$V"
	write_file 1 "$(pod_dir pod2 "$V")/data"
	down 1 pod2 "$V"
	assert_nothing_left 1
	assert_count 0 "$(watchers "$V")"
	assert_sound "$V"
}

@test "attach mode: each pod has a bind of the global directory, unmountdevice waits for the last" {
	local wanted
	MODE=attach
	wanted=$(options "$V" size=64Mi)

	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	up 1 pod2 "$V" "$wanted"
	assert_mapped 1 "$V" 1
	assert_count 1 "$(watchers "$V")"
	assert_count 3 "$(mounts 1)"
	assert_file 1 "$(pod_dir pod2 "$V")/data" "$sum"

	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	driver_fails "still mounted at $(pod_dir pod2 "$V")" 1 unmountdevice "$(global_dir "$V")"
	assert_mounted 1 "$(global_dir "$V")" rw "$V"
	assert_file 1 "$(pod_dir pod2 "$V")/data" "$sum"
	# the volume is mounted: detach says where, and does nothing
	driver_fails "still mounted at $(global_dir "$V")" 1 detach "$V" node1
	# of another node it knows nothing
	driver_ok 1 detach "$V" node2
	assert_mapped 1 "$V" 1
	driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	assert_mapped 1 "$V" 1
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	assert_nothing_left 1
}

@test "mount mode: a pod with another key is refused, and the first goes on" {
	local wanted other
	wanted=$(options "$V" size=64Mi "secret=$(lab key kube)")
	other=$(options "$V" size=64Mi "secret=$(ceph-authtool --gen-print-key)")

	up 1 pod1 "$V" "$wanted"
	make_dir 1 "$(pod_dir pod2 "$V")"
	driver_fails "kube/$V" 1 mount "$(pod_dir pod2 "$V")" "$other"
	message_has "another key" "$(pod_dir pod1 "$V")"
	assert_not_mounted 1 "$(pod_dir pod2 "$V")"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "a read-only second pod gets a read-only bind of what the first one writes" {
	local mode
	for MODE in mount attach; do
		mode=$V$MODE
		up 1 pod1 "$mode" "$(options "$mode" size=64Mi)"
		write_file 1 "$(pod_dir pod1 "$mode")/data"
		make_dir 1 "$(pod_dir pod2 "$mode")"
		driver_ok 1 mount "$(pod_dir pod2 "$mode")" "$(options "$mode" size=64Mi readwrite=ro)"
		assert_mounted 1 "$(pod_dir pod2 "$mode")" ro "$mode"
		assert_mounted 1 "$(pod_dir pod1 "$mode")" rw "$mode"
		assert_file 1 "$(pod_dir pod2 "$mode")/data" "$sum"
		run node 1 touch "$(pod_dir pod2 "$mode")/new"
		[[ $status != 0 && $output == *"Read-only file system"* ]]
		write_file 1 "$(pod_dir pod1 "$mode")/data"
		driver_ok 1 unmount "$(pod_dir pod2 "$mode")"
		down 1 pod1 "$mode"
		assert_nothing_left 1
	done
}

@test "a writing pod is refused where the volume is in use read-only, naming that pod" {
	local wanted
	up 1 pod0 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod0 "$V")/data"
	down 1 pod0 "$V"

	wanted=$(options "$V" readOnly=true)
	up 1 pod1 "$V" "$wanted"
	assert_mounted 1 "$(pod_dir pod1 "$V")" ro "$V"
	# who only reads leaves no watch
	assert_count 0 "$(watchers "$V")"
	make_dir 1 "$(pod_dir pod2 "$V")"
	driver_fails "read-only" 1 mount "$(pod_dir pod2 "$V")" "$(options "$V")"
	message_has "kube/$V" "$(pod_dir pod1 "$V")"
	assert_not_mounted 1 "$(pod_dir pod2 "$V")"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "a second volume on the same image is refused, naming the first; two that only read have a mapping each" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	make_dir 1 "$(pod_dir pod2 "other$V")"
	driver_fails "in use on this node as volume $V" 1 \
		mount "$(pod_dir pod2 "other$V")" "$(options "other$V" image="$V")"
	message_has "$(pod_dir pod1 "$V")"
	assert_not_mounted 1 "$(pod_dir pod2 "other$V")"
	assert_mapped 1 "$V" 1
	down 1 pod1 "$V"

	up 1 pod1 "$V" "$(options "$V" readOnly=true)"
	up 1 pod2 "other$V" "$(options "other$V" image="$V" readOnly=true)"
	assert_mapped 1 "$V" 2
	assert_file 1 "$(pod_dir pod2 "other$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_mapped 1 "$V" 1
	assert_file 1 "$(pod_dir pod2 "other$V")/data" "$sum"
	down 1 pod2 "other$V"
	assert_nothing_left 1
}

@test "attach mode: two inline volumes of one name are told apart by their images" {
	MODE=attach
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	make_dir 1 "$(pod_dir pod2 "$V")"
	driver_fails "another image" 1 mount "$(pod_dir pod2 "$V")" "$(options "$V" image="other$V")"
	message_has "kube/$V" "kube/other$V"
	driver_fails "another image" 1 waitforattach "" "$(options "$V" image="other$V")"
	assert_not_mounted 1 "$(pod_dir pod2 "$V")"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "mount mode: two inline volumes of one name on two images, beside each other" {
	local first second
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	up 1 pod2 "$V" "$(options "$V" image="other$V" size=64Mi)"
	assert_mapped 1 "$V" 1
	assert_mapped 1 "other$V" 1
	write_file 1 "$(pod_dir pod1 "$V")/data"
	first=$sum
	write_file 1 "$(pod_dir pod2 "$V")/data"
	second=$sum
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$first"
	down 1 pod1 "$V"
	assert_mapped 1 "other$V" 1
	assert_file 1 "$(pod_dir pod2 "$V")/data" "$second"
	down 1 pod2 "$V"
	assert_nothing_left 1
}
