#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Volumes that are a snapshot: read-only, beside the head and its writers.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=snap$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1 2
}

# An image with a file in it, and a snapshot of each of its two contents.
prepare() {
	up 1 pod0 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod0 "$V")/data"
	monday=$sum
	node 1 sync -f "$(pod_dir pod0 "$V")"
	lab rbd snap create --no-progress "$POOL/$V@monday" 2>/dev/null
	write_file 1 "$(pod_dir pod0 "$V")/data"
	tuesday=$sum
	down 1 pod0 "$V"
	lab rbd snap create --no-progress "$POOL/$V@tuesday" 2>/dev/null
}

# snapshot_of N POD VOLUME SNAPSHOT SUM: comes up with that content.
snapshot_of() {
	up "$1" "$2" "$3" "$(options "$3" image="$V" snapshot="$4")" || return 1
	assert_mounted "$1" "$(pod_dir "$2" "$3")" ro || return 1
	assert_file "$1" "$(pod_dir "$2" "$3")/data" "$5"
}

@test "head and snapshots beside each other on one node and on two, each with its own content" {
	local monday tuesday now record
	prepare
	up 1 pod0 "$V" "$(options "$V")"
	record=$(image_record "$V" holder)
	write_file 1 "$(pod_dir pod0 "$V")/data"
	now=$sum

	snapshot_of 1 pod1 "mon$V" monday "$monday"
	snapshot_of 1 pod2 "tue$V" tuesday "$tuesday"
	# the same label as the head's, in another pod
	snapshot_of 1 pod3 "$V" tuesday "$tuesday"
	snapshot_of 2 pod1 "mon$V" monday "$monday"
	assert_mapped 1 "$V" 4
	assert_equal "$(mappings 1 | awk '{ print $3 }' | sort | tr '\n' ' ')" "- monday tuesday tuesday "
	# no watch and no record of those that read
	assert_count 1 "$(watchers "$V")"
	assert_equal "$(image_record "$V" holder)" "$record"
	run node 1 touch "$(pod_dir pod1 "mon$V")/new"
	[[ $status != 0 && $output == *"Read-only file system"* ]]

	assert_file 1 "$(pod_dir pod0 "$V")/data" "$now"
	write_file 1 "$(pod_dir pod0 "$V")/data"
	down 1 pod0 "$V"
	assert_file 1 "$(pod_dir pod1 "mon$V")/data" "$monday"
	# a writer comes back beside them
	up 1 pod0 "$V" "$(options "$V")"
	assert_file 1 "$(pod_dir pod0 "$V")/data" "$sum"
	down 1 pod3 "$V"
	down 1 pod1 "mon$V"
	down 1 pod2 "tue$V"
	down 1 pod0 "$V"
	down 2 pod1 "mon$V"
	assert_nothing_left 1
	assert_nothing_left 2
	assert_sound "$V"
}

@test "a second pod of a snapshot's volume joins it, the last unmount unmaps" {
	local monday tuesday
	prepare
	snapshot_of 1 pod1 "mon$V" monday "$monday"
	snapshot_of 1 pod2 "mon$V" monday "$monday"
	assert_mapped 1 "$V" 1
	down 1 pod1 "mon$V"
	assert_mapped 1 "$V" 1
	assert_file 1 "$(pod_dir pod2 "mon$V")/data" "$monday"
	down 1 pod2 "mon$V"
	assert_nothing_left 1

	MODE=attach
	snapshot_of 1 pod1 "mon$V" monday "$monday"
	down 1 pod1 "mon$V"
	assert_nothing_left 1
}

@test "a snapshot that is not there is named, and nothing is made" {
	local monday tuesday
	prepare
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "has no snapshot friday" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" snapshot=friday)"
	message_has "kube/$V"
	assert_nothing_left 1
	driver_fails "does not exist" 1 mount "$(pod_dir pod1 "$V")" \
		"$(options "$V" image="no$V" snapshot=monday)"
	assert_no_image "no$V"
	assert_nothing_left 1
}

@test "of an image that nobody can map for writing a snapshot can be read, and nothing is changed" {
	local monday tuesday before
	prepare
	lab rbd feature enable "$POOL/$V" journaling
	before=$(image_features "$V")
	snapshot_of 1 pod1 "$V" tuesday "$tuesday"
	down 1 pod1 "$V"
	assert_equal "$(image_features "$V")" "$before"
	assert_nothing_left 1
}

@test "a snapshot without a file system is never formatted" {
	lab rbd create "$POOL/$V" --size 64M --image-feature layering
	lab rbd snap create --no-progress "$POOL/$V@empty" 2>/dev/null
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "read-only volume is never formatted" 1 \
		mount "$(pod_dir pod1 "$V")" "$(options "$V" snapshot=empty)"
	message_has "kube/$V@empty"
	assert_equal "$(image_record "$V" format)" ""
	assert_nothing_left 1
}

@test "an image that another node writes can be read with guard=none only" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	node 1 sync -f "$(pod_dir pod1 "$V")"
	make_dir 2 "$(pod_dir pod1 "$V")"
	driver_fails "in use" 2 mount "$(pod_dir pod1 "$V")" "$(options "$V" readOnly=true)"
	message_has 10.77.0.11:
	assert_nothing_left 2
	up 2 pod1 "$V" "$(options "$V" readOnly=true guard=none)"
	assert_mounted 2 "$(pod_dir pod1 "$V")" ro "$V"
	assert_count 1 "$(watchers "$V")"
	down 2 pod1 "$V"
	assert_nothing_left 2
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}
