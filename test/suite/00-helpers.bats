#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# An assertion that cannot fail shows nothing: those that could deceive are seen to fail here.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=helper$BATS_SUITE_TEST_NUMBER
	MODE=mount
	REAL=$DRIVER
}

teardown() {
	DRIVER=$REAL
	tidy 1
}

# pretend SCRIPT: a driver that does that.
pretend() {
	DRIVER=/run/pretended
	node 1 sh -c 'printf "#!/bin/sh\n%s\n" "$1" >/run/pretended; chmod +x /run/pretended' - "$1"
}

refuses() { # WORDS COMMAND...: it fails, and says so
	local words=$1
	shift
	run "$@"
	[[ $status != 0 && $output == *"$words"* ]] && return 0
	printf 'expected: failure with "%s" of %s\nactual:   %s, %s\n' "$words" "$*" "$status" "$output"
	return 1
}

@test "an answer is one JSON object on stdout, with nothing on stderr and exit 0, and has the status asked for" {
	pretend 'echo "{\"status\":\"Success\",\"message\":\"all well\"}"'
	driver_ok 1 init
	message_has "all well"
	refuses "expected: Failure" driver_fails "." 1 init
	pretend 'echo "{\"status\":\"Failure\",\"message\":\"pool x\"}"'
	driver_fails "pool x" 1 init
	refuses "expected: Success" driver_ok 1 init
	refuses "/pool y/" driver_fails "pool y" 1 init
	driver_fails "pool" 1 init
	refuses "expected in the message: pool y" message_has "pool y"
	pretend 'echo "{\"status\":\"Success\"}"; exit 1'
	refuses "exit 1" driver_ok 1 init
	pretend 'echo "{\"status\":\"Success\"}"; echo noise >&2'
	refuses "noise" driver_ok 1 init
	pretend 'echo "{\"status\":\"Success\"}{\"status\":\"Success\"}"'
	refuses "one JSON object" driver_ok 1 init
	pretend 'echo "\"Success\""'
	refuses "one JSON object" driver_ok 1 init
	pretend ':'
	refuses "one JSON object" driver_ok 1 init
	# as the kubelet, it waits for all who hold the answer's descriptors
	pretend 'sleep 2 & echo "{\"status\":\"Success\"}"'
	driver_ok 1 init
	refuses "at most 1000 ms" assert_faster 1000
}

@test "the options are those that the kubelet sends" {
	assert_equal "$(options v size=1Gi pod=uid readwrite=ro secret=a -user image=a=b | jq -cS .)" \
		'{"image":"a=b","kubernetes.io/fsType":"ext4","kubernetes.io/pod.uid":"uid","kubernetes.io/pvOrVolumeName":"v","kubernetes.io/readwrite":"ro","kubernetes.io/secret/key":"YQ==","pool":"kube","size":"1Gi"}'
}

process_left() { [[ $(left 1) == "process: "*" rbd-flexvolume" ]]; }

@test "the looks at a node see mappings, mounts, links and processes, and their absence" {
	assert_nothing_left 1
	refuses "expected: one mount" assert_mounted 1 "$(pod_dir pod1 "$V")"
	refuses "expected: one mapping" mapping 1 "$V" id
	refuses "actual:   0" assert_mapped 1 "$V" 1

	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	refuses "mapping: " assert_nothing_left 1
	refuses "mount: " assert_nothing_left 1
	refuses "not within 1 s" assert_nothing_left 1 1
	refuses "expected: one mount" assert_mounted 1 "$(pod_dir pod1 "$V")" ro
	refuses "expected: one mapping" assert_mounted 1 "$(pod_dir pod1 "$V")" rw "other$V"
	refuses "expected: one mount" assert_mounted 1 "$(pod_dir pod2 "$V")"
	refuses "expected: no mount" assert_not_mounted 1 "$(pod_dir pod1 "$V")"
	refuses "actual:   1" assert_mapped 1 "$V" 0
	assert_count 1 "$(watchers "$V")"
	refuses "expected: 0 line" assert_count 0 "$(watchers "$V")"
	[[ $(mapping 1 "$V" address) == 10.77.0.11:0/* && $(mapping 1 "$V" snapshot) == - ]]
	refuses "in the blocklist" blocklisted "$(mapping 1 "$V" address)"
	not_blocklisted "$(mapping 1 "$V" address)"
	lab ceph osd blocklist add 10.77.0.99:0/7 2>/dev/null
	blocklisted 10.77.0.99:0/7
	refuses "expected: no 10.77.0.99:0/7" not_blocklisted 10.77.0.99:0/7
	lab ceph osd blocklist rm 10.77.0.99:0/7 2>/dev/null
	write_file 1 "$(pod_dir pod1 "$V")/data"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	node 1 sh -c 'printf x | dd of="$1" conv=notrunc status=none' - "$(pod_dir pod1 "$V")/data"
	refuses "expected: $sum" assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"

	node 1 sh -c 'mkdir -p /dev/rbd-flexvolume && ln -s nowhere /dev/rbd-flexvolume/x'
	refuses "link: /dev/rbd-flexvolume/x" assert_nothing_left 1
	node 1 rm /dev/rbd-flexvolume/x
	node 1 sh -c 'cp /bin/sleep /tmp/rbd-flexvolume && { /tmp/rbd-flexvolume 20 >/dev/null 2>&1 & }'
	within 15 process_left
	# a process may end a little later than its answer
	assert_nothing_left 1
	# of a node that shows nothing, nothing is known
	refuses "not running" assert_nothing_left 9
}

@test "the looks at the cluster see an image, its bytes, its records, and a file system's faults" {
	refuses "expected: 1 line" assert_count 1 ""
	printf 'precious' | image_of "$V" 32 $((20 << 20))
	refuses "expected: no image $V" assert_no_image "$V"
	assert_no_image "${V}x"
	assert_equal "$(image_sum "$V")" \
		"$({ head -c $((20 << 20)) /dev/zero; printf 'precious'; head -c $(((12 << 20) - 8)) /dev/zero; } |
			sha256sum | cut -d' ' -f1)"
	assert_equal "$(image_record "$V" format)" ""
	lab rados -p "$POOL" setxattr "rbd_header.$(image_id "$V")" rbd-flexvolume.format "some words"
	assert_equal "$(image_record "$V" format)" "some words"
	assert_equal "$(image_record "$V" holder)" ""
	refuses "cannot be told" image_record "$V-missing" format
	refuses "cannot be told" watchers "$V-missing"
	refuses "e2fsck" assert_sound "$V"
	refuses "No such file" assert_sound "$V-missing"

	truncate -s 16M "$BATS_TEST_TMPDIR/fs"
	mke2fs -q -t ext4 "$BATS_TEST_TMPDIR/fs"
	image_of_file "$V-fs" "$BATS_TEST_TMPDIR/fs"
	assert_sound "$V-fs"
	debugfs -w -R "set_super_value free_blocks_count 7" "$BATS_TEST_TMPDIR/fs" 2>/dev/null
	debugfs -w -R "clri <2>" "$BATS_TEST_TMPDIR/fs" 2>/dev/null
	image_of_file "$V-bad" "$BATS_TEST_TMPDIR/fs"
	refuses "e2fsck" assert_sound "$V-bad"
}

quick() { sleep "0.$1"; }
third_fails() { [[ $1 != 3 ]] || { echo "it was the third"; return 1; }; }

@test "what is done together fails when one fails, and what is asked for within a time ends" {
	together quick 1 2 3
	refuses "it was the third" together third_fails 1 2 3 4
	within 1 true
	refuses "not within 1 s" within 1 false
}
