#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# What a call that fails says, and that it leaves nothing behind.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=fail$BATS_SUITE_TEST_NUMBER
	MODE=mount
	make_dir 1 "$(pod_dir pod1 "$V")"
}

teardown() {
	tidy 1
}

# mount_fails REGEX OPTION...: nothing is left of it.
mount_fails() {
	local regex=$1
	shift
	driver_fails "$regex" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" "$@")"
	assert_nothing_left 1
}

@test "a missing image without size: the line to add is named, nothing is made" {
	mount_fails "image kube/$V does not exist"
	message_has "size"
	assert_no_image "$V"
	# a read-only volume is not made even with a size
	mount_fails "image kube/$V does not exist" size=64Mi readOnly=true
	assert_no_image "$V"
}

@test "a pool that is not there, and one that the user may not use" {
	mount_fails "pool" pool=nowhere size=64Mi
	message_has nowhere
	lab ceph osd pool create "forbidden$V" 1 >/dev/null 2>&1
	mount_fails "forbidden$V" "pool=forbidden$V" size=64Mi
	message_has kube
}

@test "a map that the kernel refuses: its words are said, and the image that the call made is removed again" {
	node 1 modprobe rbd
	# as a container sees /sys: for reading only
	node 1 mount -o remount,bind,ro /sys
	mount_fails "map image kube/$V" size=64Mi
	message_has "Read-only file system"
	node 1 mount -o remount,bind,rw /sys
	assert_no_image "$V"
}

@test "a key that is wrong, a user that is none, a keyring that is not there" {
	mount_fails "$V" size=64Mi "secret=$(ceph-authtool --gen-print-key)"
	message_has "client.kube: the monitors refuse"
	message_has "kube/$V"
	mount_fails "nobody" size=64Mi user=nobody "secret=$(ceph-authtool --gen-print-key)"
	mount_fails "/etc/ceph/ceph.client.nobody.keyring" size=64Mi user=nobody
	mount_fails "key" size=64Mi secret=nonsense
	assert_no_image "$V"
}

@test "monitors that nobody can reach: answered within the deadline, by their addresses" {
	config impatient '{"attach": false, "deadlines": {"connect": 3}}'
	MODE=impatient
	mount_fails "10.77.0.99" size=64Mi monitors=10.77.0.99
	message_has "kube/$V" "3.0 s"
	# sooner than without the configuration, where ten seconds are waited
	assert_faster 9500
	assert_no_image "$V"
}

@test "a node whose cable is off is answered within the deadline" {
	config impatient '{"attach": false, "deadlines": {"connect": 3}}'
	MODE=impatient
	lab cut 1
	mount_fails "kube/$V" size=64Mi
	message_has "10.77.0.1" "3.0 s"
	# sooner than without the configuration, where ten seconds are waited
	assert_faster 9500
	lab heal 1
	assert_no_image "$V"
}

@test "a directory that is not there: the image that the call made is removed again" {
	node 1 rmdir "$(pod_dir pod1 "$V")"
	mount_fails "$(pod_dir pod1 "$V")" size=64Mi
	message_has "No such file or directory" "$V"
	assert_no_image "$V"
}

@test "a directory that is a file: the image that the call made is removed again" {
	node 1 sh -c 'rmdir "$1" && echo theirs >"$1"' - "$(pod_dir pod1 "$V")"
	mount_fails "$(pod_dir pod1 "$V")" size=64Mi
	message_has "Not a directory"
	assert_equal "$(node 1 cat "$(pod_dir pod1 "$V")")" theirs
	assert_no_image "$V"
}

@test "a file system that this kernel cannot write: the kernel's words are said" {
	local file=$BATS_TEST_TMPDIR/ext4
	truncate -s 64M "$file"
	mke2fs -q -t ext4 "$file"
	debugfs -w -R "set_super_value feature_ro_compat 0x80000000" "$file" 2>/dev/null
	image_of_file "$V" "$file"
	mount_fails "kube/$V"
	message_has "the kernel said" "unsupported optional features" "$(pod_dir pod1 "$V")"
	assert_count 0 "$(watchers "$V")"
}

@test "an image that was there stays when the call fails" {
	lab rbd create "$POOL/$V" --size 64M
	node 1 rmdir "$(pod_dir pod1 "$V")"
	mount_fails "$(pod_dir pod1 "$V")" size=64Mi
	image_exists "$V"
	assert_count 0 "$(watchers "$V")"
}

@test "a directory that is the mount of another volume is refused, and that volume stays" {
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	driver_fails "mount point of something else" 1 \
		mount "$(pod_dir pod1 "$V")" "$(options "other$V" size=32Mi)"
	message_has "$(pod_dir pod1 "$V")"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	assert_no_image "other$V"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "a cluster that is not the one asked for is refused before anything is made" {
	mount_fails "00000000-1111-2222-3333-444444444444" size=64Mi \
		fsid=00000000-1111-2222-3333-444444444444
	assert_no_image "$V"
}

@test "attach mode: mount before mountdevice says what is missing" {
	MODE=attach
	mount_fails "mountdevice" size=64Mi
	message_has "$V"
	assert_no_image "$V"
}

@test "an image that is too small for a file system is not left half made" {
	mount_fails "size" size=4
	message_has MiB
	assert_no_image "$V"
}
