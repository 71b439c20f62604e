#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Mappings that somebody else has made are neither used nor undone.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=foreign$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1
}

@test "an image that somebody else has mapped here is refused by its device, which stays through everything" {
	local device
	up 1 pod0 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod0 "$V")/data"
	down 1 pod0 "$V"
	device=$(node 1 rbd --id kube map -o noudev "$POOL/$V")
	[[ $device == /dev/rbd* ]]

	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "by somebody else" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	message_has "kube/$V" "$device"
	assert_not_mounted 1 "$(pod_dir pod1 "$V")"
	# what cleans up, does not clean that up
	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	node 1 "$DRIVER" gc
	MODE=attach
	driver_ok 1 detach "$V" node1
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	assert_mapped 1 "$V" 1
	assert_equal "/dev/rbd$(mapping 1 "$V" id)" "$device"
	# mounted by them, it is still theirs
	MODE=mount
	node 1 sh -c 'mkdir -p /mnt/theirs && mount "$1" /mnt/theirs' - "$device"
	driver_fails "by somebody else.*/mnt/theirs" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	# asked to unmount that very directory it does so, and leaves the mapping
	driver_ok 1 unmount /mnt/theirs
	assert_not_mounted 1 /mnt/theirs
	assert_mapped 1 "$V" 1

	node 1 rbd unmap -o noudev "$device"
	up 1 pod1 "$V" "$(options "$V")"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "volumes of our own come and go beside a mapping of somebody else" {
	local device
	lab rbd create "$POOL/$V-theirs" --size 64M
	device=$(node 1 rbd --id kube map -o noudev "$POOL/$V-theirs")
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	down 1 pod1 "$V"
	assert_mapped 1 "$V" 0
	assert_mapped 1 "$V-theirs" 1
	node 1 rbd unmap -o noudev "$device"
	assert_nothing_left 1
}

@test "a directory that is a mount of something else is refused and stays" {
	local dir
	dir=$(pod_dir pod1 "$V")
	make_dir 1 "$dir"
	node 1 mount -t tmpfs theirs "$dir"
	node 1 touch "$dir/their-file"
	driver_fails "mount point" 1 mount "$dir" "$(options "$V" size=64Mi)"
	message_has "$dir" tmpfs
	node 1 test -e "$dir/their-file"
	assert_no_image "$V"
	node 1 umount "$dir"
	assert_nothing_left 1
}
