#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# guard=exclusive: the kernel itself keeps everybody else out.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=excl$BATS_SUITE_TEST_NUMBER
	MODE=mount
	config exclusive '{"attach": false, "clusters": {"default": {"exclusivePools": ["kube"]}}}'
}

teardown() {
	tidy 1 2
}

# The options of the only mapping of N.
map_words() { # N
	node "$1" sh -c 'cat /sys/bus/rbd/devices/*/config_info' | awk '{ print $2 }'
}

@test "a second node is refused naming the holder, whatever guard it comes with, and gets nothing" {
	local wanted
	wanted=$(options "$V" size=64Mi guard=exclusive)
	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	[[ ,$(map_words 1), == *,exclusive,* ]]

	make_dir 2 "$(pod_dir pod1 "$V")"
	driver_fails "image kube/$V is in use" 2 mount "$(pod_dir pod1 "$V")" "$wanted"
	message_has 10.77.0.11:
	# not awaited: that would take 40 seconds
	assert_faster 20000
	assert_nothing_left 2
	driver_fails "image kube/$V is in use" 2 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	message_has 10.77.0.11:
	assert_nothing_left 2
	# who does not look learns it from the kernel
	driver_fails "holds the image exclusively" 2 \
		mount "$(pod_dir pod1 "$V")" "$(options "$V" guard=none)"
	message_has "EROFS" "it is open by" 10.77.0.11:
	assert_nothing_left 2

	# what others may do meanwhile: nothing
	run lab rbd snap create --no-progress "$POOL/$V@s"
	[[ $status != 0 ]]
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	up 2 pod1 "$V" "$wanted"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_sound "$V"
}

@test "a dead node's lock is broken and its client fenced, and another one takes over with the data" {
	local wanted address
	MODE=exclusive
	wanted=$(options "$V" size=64Mi guard=exclusive)
	# made the whole way, then once more by the fast lane: that writes no record
	up 1 pod1 "$V" "$wanted"
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$wanted"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	address=$(mapping 1 "$V" address)
	lab kill 1

	up 2 pod1 "$V" "$wanted"
	[[ $message != *"could still write"* ]]
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	blocklisted "$address"
	assert_count 1 "$(watchers "$V")"
	write_file 2 "$(pod_dir pod1 "$V")/data"
	reboot 1
	down 2 pod1 "$V"
	up 1 pod1 "$V" "$wanted"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_nothing_left 2
	assert_sound "$V"
}

@test "after a fast lane's holder died, a volume with the default guard takes over: the kernel fences that one, not who is in the old record" {
	local address recorded
	# the record is of this mount
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	up 1 pod2 "kept$V" "$(options "kept$V" size=64Mi)"
	recorded=$(mapping 1 "$V" address)
	down 1 pod1 "$V"
	MODE=exclusive up 2 pod1 "$V" "$(options "$V")"
	write_file 2 "$(pod_dir pod1 "$V")/data"
	address=$(mapping 2 "$V" address)
	[[ $(image_record "$V" holder) == *"address=$recorded "* ]]
	lab kill 2

	up 1 pod1 "$V" "$(options "$V")"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	blocklisted "$address"
	not_blocklisted "$recorded"
	write_file 1 "$(pod_dir pod2 "kept$V")/data"
	down 1 pod1 "$V"
	down 1 pod2 "kept$V"
	assert_nothing_left 1
	reboot 2
	assert_sound "$V"
}

@test "a second node that wants it exclusively takes nothing from a living one that has it without" {
	local writer
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	node 1 sh -c 'while echo . >>"$1" && sync "$1"; do :; done; touch /tmp/refused' - "$(pod_dir pod1 "$V")/log" \
		>/dev/null 2>&1 &
	writer=$!
	within 30 node 1 test -s "$(pod_dir pod1 "$V")/log"
	make_dir 2 "$(pod_dir pod1 "$V")"
	driver_fails "image kube/$V is in use" 2 mount "$(pod_dir pod1 "$V")" "$(options "$V" guard=exclusive)"
	message_has 10.77.0.11:
	assert_nothing_left 2
	node 1 test ! -e /tmp/refused
	node 1 pkill -f '^sh -c while echo'
	wait "$writer" || true
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "expandfs says that nobody can grow it, and is Success where it is large enough; the next mount grows it" {
	local wanted dir
	wanted=$(options "$V" size=64Mi guard=exclusive)
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$wanted"
	driver_fails "mapped with guard=exclusive" 1 \
		expandfs "$wanted" "" "$dir" $((128 << 20)) $((64 << 20))
	message_has "kube/$V" 67108864
	assert_equal "$(image_size "$V")" $((64 << 20))
	driver_ok 1 expandfs "$wanted" "" "$dir" $((64 << 20)) $((32 << 20))
	driver_fails "guard=exclusive" 1 expandvolume "$wanted" "$dir" $((128 << 20)) $((64 << 20))
	write_file 1 "$dir/data"
	down 1 pod1 "$V"
	assert_nothing_left 1

	up 1 pod1 "$V" "$(options "$V" size=128Mi guard=exclusive)"
	assert_equal "$(image_size "$V")" $((128 << 20))
	(($(node 1 stat -f -c '%b * %S' "$dir") > 100 << 20))
	assert_file 1 "$dir/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "an image without the feature is refused with what to do, never mapped by another guard" {
	lab rbd create "$POOL/$V" --size 64M --image-feature layering
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "lacks the feature exclusive-lock" 1 \
		mount "$(pod_dir pod1 "$V")" "$(options "$V" guard=exclusive)"
	message_has "kube/$V" "rbd feature enable kube/$V exclusive-lock"
	assert_nothing_left 1
	assert_equal "$(image_features "$V")" layering
	assert_equal "$(image_record "$V" format)" ""
	# as it says
	lab rbd feature enable "$POOL/$V" exclusive-lock
	up 1 pod1 "$V" "$(options "$V" guard=exclusive)"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "a pool that the configuration has in exclusivePools has that guard for all of its volumes" {
	MODE=exclusive
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "exclusivePools" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" size=64Mi guard=none)"
	message_has "guard"
	assert_no_image "$V"
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	[[ ,$(map_words 1), == *,exclusive,* ]]
	down 1 pod1 "$V"
	assert_nothing_left 1
	# who reads has no lock, and still keeps away from a writer
	up 1 pod1 "$V" "$(options "$V")"
	make_dir 2 "$(pod_dir pod1 "$V")"
	driver_fails "in use" 2 mount "$(pod_dir pod1 "$V")" "$(options "$V" readOnly=true)"
	message_has 10.77.0.11:
	assert_nothing_left 2
	down 1 pod1 "$V"
	up 2 pod1 "$V" "$(options "$V" readOnly=true)"
	assert_mounted 2 "$(pod_dir pod1 "$V")" ro "$V"
	[[ ,$(map_words 2), != *,exclusive,* ]]
	down 2 pod1 "$V"
	assert_nothing_left 2
}
