#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands
# shellcheck disable=SC2016,SC2030,SC2031
# A node whose whole root, for its first process too, has no library of the driver: the way of a
# volume and back.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	FROM=("monitors=10.77.0.1" "secret=$(lab key kube)")
}

teardown() {
	lab kill 1
}

# All the way, FS being the file system, with a mkfs in it, back, and up again with what was written.
there_and_back() { # FS
	local volume=$1$BATS_SUITE_TEST_NUMBER wanted
	wanted=$(options "$volume" "fsType=$1" size=512Mi "${FROM[@]}")
	up 1 pod1 "$volume" "$wanted" || return 1
	assert_mounted 1 "$(global_dir "$volume")" rw "$volume" || return 1
	assert_mounted 1 "$(pod_dir pod1 "$volume")" rw "$volume" || return 1
	[[ $(node 1 cat /proc/mounts) == *" $(pod_dir pod1 "$volume") $1 "* ]] || return 1
	write_file 1 "$(pod_dir pod1 "$volume")/data" || return 1
	down 1 pod1 "$volume" || return 1
	assert_nothing_left 1 || return 1
	assert_sound "$volume" || return 1

	up 1 pod2 "$volume" "$wanted" || return 1
	assert_file 1 "$(pod_dir pod2 "$volume")/data" "$sum" || return 1
	down 1 pod2 "$volume" || return 1
	assert_nothing_left 1
}

# The root of node 1 is that tree, and has no program of the host's.
assert_root() { # KIND
	assert_equal "$(node 1 ls /)" "$(ls "$ROOTS/$1")" || return 1
	assert_equal "$(node 1 readlink /proc/1/root)" / || return 1
	[[ $(node 1 awk '{ print $5 }' /proc/1/mountinfo) != */usr/lib/modules* ]]
}

@test "a node whose root has nothing but the bundle: ext4 and xfs made, mounted, written, found again" {
	boot_node 1
	load_modules 1
	become 1 empty
	assert_root empty
	there_and_back ext4
	there_and_back xfs
}

@test "a node whose root has nothing but the bundle and no module loaded is told what to do" {
	boot_node 1
	become 1 empty
	make_dir 1 "$(global_dir module)"
	driver_fails "modprobe" 1 mountdevice "$(global_dir module)" "" "$(options module size=64Mi "${FROM[@]}")"
	message_has "there is no modprobe on this node" "modprobe rbd single_major=Y"
	assert_nothing_left 1
}

@test "a node with a musl root like Alpine's: its own modprobe is run; ext4 and xfs there and back" {
	boot_node 1
	become 1 musl
	[[ -z $(node 1 ls -d /sys/bus/rbd 2>/dev/null) ]]
	there_and_back ext4
	there_and_back xfs
}

@test "a node with a Debian 11 root: ext4 and xfs there and back, by the bundle's tools" {
	boot_node 1
	load_modules 1
	become 1 debian11
	there_and_back ext4
	there_and_back xfs
}

# Once, by an image that was made elsewhere: its file system remembers an error.
@test "a node whose root has nothing but the bundle: a repair is done by the bundle's e2fsck" {
	local volume=fsck file=$BATS_TEST_TMPDIR/ext4 wanted
	sum=$(head -c 100000 /dev/urandom | tee "$BATS_TEST_TMPDIR/data" | sha256sum)
	mke2fs -q -t ext4 "$file" 64M
	debugfs -w -f - "$file" >/dev/null 2>&1 <<-END
		write $BATS_TEST_TMPDIR/data data
		set_super_value state 2
	END
	[[ $(dumpe2fs -h "$file" 2>/dev/null) == *'with errors'* ]]
	image_of_file "$volume" "$file"
	boot_node 1
	load_modules 1
	become 1 empty
	wanted=$(options "$volume" "${FROM[@]}")
	up 1 pod1 "$volume" "$wanted"
	assert_file 1 "$(pod_dir pod1 "$volume")/data" "${sum%% *}"
	down 1 pod1 "$volume"
	assert_nothing_left 1
	lab rbd export --no-progress "$POOL/$volume" "$BATS_TEST_TMPDIR/after"
	[[ $(dumpe2fs -h "$BATS_TEST_TMPDIR/after" 2>/dev/null) == *'Filesystem state:'*' clean'* ]]
}
