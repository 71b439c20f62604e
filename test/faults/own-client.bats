#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# A watch that this node's own kernel client has left behind.
# shellcheck disable=SC2030,SC2031 # bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

setup() {
	V=own$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	node 1 tc qdisc del dev vec0 root 2>/dev/null || true
	tidy 1
}

# Who watches IMAGE while node 1 has no mapping of it.
left_watch() { # IMAGE
	assert_mapped 1 "$1" 0 || return 1
	[[ -n $(watchers "$1") ]]
}

# kill_in_map IMAGE: caller and worker die in the kernel's map, after it has begun to watch the image:
# each request takes so long that this can be seen. The watch stays, nothing is mapped.
kill_in_map() {
	node 1 tc qdisc add dev vec0 root netem delay 400ms
	lab run 1 --timeout 60 -- env "RBD_FLEXVOLUME_CONFIG=/share/$MODE.json" "$DRIVER" mount \
		"$(pod_dir pod1 "$1")" "$(options "$1")" >/dev/null 2>&1 </dev/null &
	within 30 is_watched "$1" || return 1
	node 1 pkill -KILL -x 'rbd-worker|rbd-flexvolume' || return 1
	wait $! || true
	node 1 tc qdisc del dev vec0 root
}

is_watched() { [[ -n $(watchers "$1") ]]; }

@test "a dead watch of the node's own client is awaited, and the client that serves other volumes not fenced" {
	local address
	up 1 pod1 "$V-other" "$(options "$V-other" size=32Mi)"
	write_file 1 "$(pod_dir pod1 "$V-other")/before"
	address=$(mapping 1 "$V-other" address)
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	down 1 pod1 "$V"

	kill_in_map "$V"
	left_watch "$V" >/dev/null || kill_in_map "$V"
	left_watch "$V"
	[[ $(watchers "$V") == "$address" ]]

	driver_ok 1 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	# by then it would have been blocklisted, and writes would fail
	assert_equal "$(lab ceph osd blocklist ls 2>/dev/null | grep -cF "$address ")" 0 "fences of the own client"
	node 1 sh -c 'echo 3 >/proc/sys/vm/drop_caches'
	assert_file 1 "$(pod_dir pod1 "$V-other")/before" "$sum"
	write_file 1 "$(pod_dir pod1 "$V-other")/after"
	down 1 pod1 "$V"
	down 1 pod1 "$V-other"
	assert_nothing_left 1
	assert_sound "$V-other"
}
