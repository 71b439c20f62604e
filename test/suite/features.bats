#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Images with features that the node's kernel cannot serve.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

ALL=layering,exclusive-lock,object-map,fast-diff,deep-flatten,journaling

setup() {
	V=features$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1 2
}

@test "an image with journaling and everything else loses journaling only" {
	lab rbd create "$POOL/$V" --size 64M --image-feature "$ALL"

	up 1 pod1 "$V" "$(options "$V")"
	assert_equal "$(image_features "$V")" deep-flatten,exclusive-lock,fast-diff,layering,object-map
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_equal "$(image_features "$V")" deep-flatten,exclusive-lock,fast-diff,layering,object-map
	up 2 pod1 "$V" "$(options "$V")"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_sound "$V"
}

@test "for a pod that only reads nothing is taken away, and it can read" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	lab rbd feature enable "$POOL/$V" journaling

	up 1 pod1 "$V" "$(options "$V" readOnly=true)"
	assert_mounted 1 "$(pod_dir pod1 "$V")" ro "$V"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	assert_count 0 "$(watchers "$V")"
	down 1 pod1 "$V"
	assert_equal "$(image_features "$V")" exclusive-lock,journaling,layering
	assert_nothing_left 1
	assert_sound "$V"
}

@test "nothing is taken away from an image that somebody has open" {
	local bench
	lab rbd create "$POOL/$V" --size 64M --image-feature "$ALL"
	# exec: what is killed below must be rbd itself
	(exec "$ROOT/test/lab/lab" rbd bench --io-type write --io-size 4K --io-threads 1 --io-total 10G \
		"$POOL/$V" >/dev/null 2>&1 3>&-) &
	bench=$!
	within 60 is_watched "$V"

	make_dir 1 "$(global_dir "$V")"
	driver_fails "in use" 1 mountdevice "$(global_dir "$V")" "" "$(options "$V")"
	message_has "kube/$V" "10.77.0.1:"
	kill -KILL "$bench"
	wait "$bench" || true
	assert_equal "$(image_features "$V")" \
		deep-flatten,exclusive-lock,fast-diff,journaling,layering,object-map
	assert_nothing_left 1
}
