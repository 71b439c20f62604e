#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Mappings of ours that are mounted nowhere, as a driver that was killed leaves them.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=orphan$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1
}

# orphan VOLUME: a mapping of ours with nothing mounted.
orphan() {
	up 1 pod1 "$1" "$(options "$1" size=32Mi)"
	[[ $MODE == mount ]] || node 1 umount "$(global_dir "$1")"
	node 1 umount "$(pod_dir pod1 "$1")"
	assert_mapped 1 "$1" 1
	assert_count 0 "$(mounts 1)"
}

@test "an orphan goes with the next unmount of its directory" {
	orphan "$V"
	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	assert_nothing_left 1
}

@test "an orphan goes with the next unmount of any volume" {
	up 1 pod2 "other$V" "$(options "other$V" size=32Mi)"
	node 1 mkdir -p /mnt/aside
	node 1 mount --move "$(pod_dir pod2 "other$V")" /mnt/aside 2>/dev/null ||
		node 1 sh -c 'mount --bind "$1" /mnt/aside && umount "$1"' - "$(pod_dir pod2 "other$V")"
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	node 1 umount "$(pod_dir pod1 "$V")"
	assert_mapped 1 "$V" 1
	driver_ok 1 unmount /mnt/aside
	# its answer waits 2 s at most for that
	assert_nothing_left 1 60
}

@test "an orphan goes with gc, which says so" {
	orphan "$V"
	run -0 node 1 "$DRIVER" gc
	[[ $output == "1 removed, 0 left"*"$V"* ]]
	assert_nothing_left 1
	run -0 node 1 "$DRIVER" gc
	[[ $output == "0 removed, 0 left"* ]]
	run -0 node 1 "$DRIVER" gc --json
	assert_equal "$output" '{"removed":0,"left":0,"orphans":[]}'
	orphan "$V"
	run -0 node 1 "$DRIVER" gc --json
	assert_equal "$(jq -c '[.removed, .left, (.orphans[] | .poolName, .imageName, .removed)]' <<<"$output")" \
		"[1,0,\"$POOL\",\"$V\",true]"
	assert_nothing_left 1
}

@test "an orphan goes with detach" {
	MODE=attach
	orphan "$V"
	driver_ok 1 detach "$V" node2
	assert_mapped 1 "$V" 1
	driver_ok 1 detach "$V" node1
	assert_nothing_left 1
}

@test "an orphan of the volume is undone before it is mounted, never used again" {
	local wanted before
	wanted=$(options "$V")
	orphan "$V"
	before=$(mapping 1 "$V" device)
	# with another one in between, the number cannot be the same by chance
	up 1 pod2 "other$V" "$(options "other$V" size=32Mi)"
	up 1 pod1 "$V" "$wanted"
	assert_mapped 1 "$V" 1
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	echo "device $before, then $(mapping 1 "$V" device)"
	down 1 pod1 "$V"
	down 1 pod2 "other$V"
	assert_nothing_left 1
}

@test "a mapping that is mounted in another mount namespace is no orphan: it stays, and a mount is refused" {
	local pid
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	pid=$(node 1 sh -c 'unshare -m --propagation private sleep 300 >/dev/null 2>&1 & echo $!')
	within 30 node 1 sh -c '[ "$(readlink "/proc/$1/ns/mnt")" != "$(readlink /proc/1/ns/mnt)" ]' - "$pid"
	node 1 umount "$(pod_dir pod1 "$V")"
	assert_count 0 "$(mounts 1)"

	driver_ok 1 unmount "$(pod_dir pod2 "other$V")"
	run -1 node 1 "$DRIVER" gc
	[[ $output == "0 removed, 1 left"*"$V"* ]]
	run -1 node 1 "$DRIVER" gc --json
	[[ $(jq -r '"\(.left) \(.orphans[0].imageName) \(.orphans[0].why)"' <<<"$output") == "1 $V mounted at "* ]] || return 1
	assert_mapped 1 "$V" 1
	driver_fails "another mount namespace" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	message_has "/dev/rbd$(mapping 1 "$V" id)" "$pid"
	assert_mapped 1 "$V" 1

	node 1 kill "$pid"
	within 30 driver_ok 1 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "an unmount while another mount namespace holds a copy says who, and mounts again" {
	local pid
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	pid=$(node 1 sh -c 'unshare -m --propagation private sleep 300 >/dev/null 2>&1 & echo $!')
	within 30 node 1 sh -c '[ "$(readlink "/proc/$1/ns/mnt")" != "$(readlink /proc/1/ns/mnt)" ]' - "$pid"

	driver_fails "/dev/rbd$(mapping 1 "$V" id)" 1 unmount "$(pod_dir pod1 "$V")"
	message_has "$pid"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	node 1 kill "$pid"
	within 30 driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	assert_nothing_left 1
}

@test "an unmount of a directory that is in use says by whom" {
	local pid
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	pid=$(node 1 sh -c 'cd "$1" && { sleep 300 >/dev/null 2>&1 & } && echo $!' - "$(pod_dir pod1 "$V")")
	driver_fails "held by" 1 unmount "$(pod_dir pod1 "$V")"
	message_has "$pid" sleep "$(pod_dir pod1 "$V")"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	node 1 kill "$pid"
	within 30 driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	assert_nothing_left 1
}
