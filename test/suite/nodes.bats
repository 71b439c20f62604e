#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Two nodes that want the same image.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=nodes$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1 2
}

@test "a second node is refused at once while the first lives, by its name, and gets nothing" {
	local wanted
	wanted=$(options "$V" size=64Mi)
	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"

	make_dir 2 "$(global_dir "$V")"
	driver_fails "in use" 2 mountdevice "$(global_dir "$V")" "" "$wanted"
	message_has "kube/$V" 10.77.0.11:
	# not awaited: that would take 40 seconds
	assert_faster 20000
	assert_nothing_left 2
	# a file system that is being written cannot be read by another kernel
	driver_fails "in use" 2 mountdevice "$(global_dir "$V")" "" "$(options "$V" readOnly=true)"
	message_has "kube/$V" 10.77.0.11:
	assert_nothing_left 2
	MODE=mount
	make_dir 2 "$(pod_dir pod1 "$V")"
	driver_fails "in use" 2 mount "$(pod_dir pod1 "$V")" "$wanted"
	assert_nothing_left 2
	MODE=attach

	assert_count 1 "$(watchers "$V")"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	up 2 pod1 "$V" "$wanted"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 1
	assert_nothing_left 2
}

race() { # N
	make_dir "$1" "$(global_dir "$V")"
	call "$1" mountdevice "$(global_dir "$V")" "" "$(options "$V" size=64Mi)" || return 1
	echo "$status" >"$BATS_TEST_TMPDIR/race.$1"
	echo "$message"
}

@test "two nodes that begin at the same moment: one gets the new volume, the other nothing" {
	local winner loser
	# each gives way to the other four times; where both did to the end, the kubelet asks again
	for _ in 1 2 3 4 5 6; do
		together race 1 2
		! grep -q Success "$BATS_TEST_TMPDIR"/race.? || break
	done
	assert_equal "$(sort -u "$BATS_TEST_TMPDIR"/race.?)" $'Failure\nSuccess'
	winner=$(grep -l Success "$BATS_TEST_TMPDIR"/race.?)
	winner=${winner##*.}
	loser=$((3 - winner))
	assert_mounted "$winner" "$(global_dir "$V")" rw "$V"
	assert_nothing_left "$loser"
	assert_count 1 "$(watchers "$V")"
	write_file "$winner" "$(global_dir "$V")/data"
	driver_ok "$winner" unmountdevice "$(global_dir "$V")"
	assert_sound "$V"
	up "$loser" pod1 "$V" "$(options "$V")"
	assert_file "$loser" "$(pod_dir pod1 "$V")/data" "$sum"
	down "$loser" pod1 "$V"
	assert_nothing_left 1
	assert_nothing_left 2
}

@test "a dead node is fenced, and another one takes over with the data" {
	local wanted address
	wanted=$(options "$V" size=64Mi)
	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	address=$(mapping 1 "$V" address)
	lab kill 1

	up 2 pod1 "$V" "$wanted"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	blocklisted "$address"
	assert_count 1 "$(watchers "$V")"
	write_file 2 "$(pod_dir pod1 "$V")/data"

	# it is the dead kernel that is shut out, not the machine
	reboot 1
	make_dir 1 "$(global_dir "$V")"
	driver_fails "10.77.0.12:" 1 mountdevice "$(global_dir "$V")" "" "$wanted"
	down 2 pod1 "$V"
	up 1 pod1 "$V" "$wanted"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_nothing_left 2
	assert_sound "$V"
}

@test "who only reads waits until a dead writer is gone, and shuts nobody out" {
	local address
	MODE=mount
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	address=$(mapping 1 "$V" address)
	lab kill 1

	up 2 pod1 "$V" "$(options "$V" readOnly=true)"
	assert_mounted 2 "$(pod_dir pod1 "$V")" ro "$V"
	not_blocklisted "$address"
	down 2 pod1 "$V"
	# who writes does
	up 2 pod1 "$V" "$(options "$V")"
	blocklisted "$address"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_sound "$V"
	reboot 1
}

@test "a node whose client was shut out maps anew with another one, joins no pod to what is lost, and can unmount it" {
	local address
	MODE=mount
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	address=$(mapping 1 "$V" address)
	lab ceph osd blocklist add "$address" 2>/dev/null
	within 30 not_writable

	make_dir 1 "$(pod_dir pod2 "$V")"
	driver_fails "blocklisted" 1 mount "$(pod_dir pod2 "$V")" "$(options "$V" size=64Mi)"
	message_has "kube/$V"
	assert_not_mounted 1 "$(pod_dir pod2 "$V")"
	up 1 pod3 "other$V" "$(options "other$V" size=64Mi)"
	[[ $(mapping 1 "other$V" address) != "$address" ]]
	write_file 1 "$(pod_dir pod3 "other$V")/data"
	assert_file 1 "$(pod_dir pod3 "other$V")/data" "$sum"

	down 1 pod1 "$V"
	assert_mapped 1 "$V" 0
	assert_file 1 "$(pod_dir pod3 "other$V")/data" "$sum"
	down 1 pod3 "other$V"
	assert_nothing_left 1
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

not_writable() {
	! node 1 sh -c 'echo late >"$1" && sync "$1"' - "$(pod_dir pod1 "$V")/late"
}
