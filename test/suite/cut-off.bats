#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# A node that loses its cable is not dead: it has the volume mounted, and dirty pages. Once another
# node has taken over, nothing of it may ever land, however the image was made.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

# Each image has a user of its own, so that the node has a kernel client for each: fencing one
# does not fence the others.
IMAGES=(default layering idle)

setup() {
	V=cut$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1 2
}

wanted() { # IMAGE
	options "$V$1" size=64Mi "user=cut-$1" "secret=$(<"$BATS_TEST_TMPDIR/key.$1")"
}

file() { pod_dir pod1 "$V$1"; } # IMAGE

prepare() { # IMAGE
	lab ceph auth get-or-create-key "client.cut-$1" mon 'profile rbd' osd "profile rbd pool=$POOL" \
		>"$BATS_TEST_TMPDIR/key.$1"
	[[ $1 != layering ]] ||
		lab rbd create "$POOL/$V$1" --size 64M --image-feature layering
	up 1 pod1 "$V$1" "$(wanted "$1")" || return 1
	write_file 1 "$(file "$1")/data" || return 1
	write_file 1 "$(file "$1")/kept" || return 1
	echo "$sum" >"$BATS_TEST_TMPDIR/sum.$1"
	mapping 1 "$V$1" address >"$BATS_TEST_TMPDIR/address.$1"
}

take_over() { # IMAGE
	up 2 pod1 "$V$1" "$(wanted "$1")" || return 1
	assert_file 2 "$(file "$1")/kept" "$(<"$BATS_TEST_TMPDIR/sum.$1")" || return 1
	blocklisted "$(<"$BATS_TEST_TMPDIR/address.$1")" || return 1
	write_file 2 "$(file "$1")/data" || return 1
	echo "$sum" >"$BATS_TEST_TMPDIR/new.$1"
}

# What the cut-off node still has in memory wants to go out: it must hear that it cannot.
write_late() { # IMAGE
	run -0 node 1 sh -c 'sync "$1" 2>&1 && echo landed; :' - "$(file "$1")/data"
	[[ $output != *landed* ]] || { echo "the late write was taken"; return 1; }
}

take_late_down() { # IMAGE
	down 1 pod1 "$V$1" || return 1
}

assert_untouched() { # IMAGE
	assert_file 2 "$(file "$1")/data" "$(<"$BATS_TEST_TMPDIR/new.$1")" || return 1
	down 2 pod1 "$V$1" || return 1
	assert_sound "$V$1" || return 1
	up 2 pod1 "$V$1" "$(wanted "$1")" || return 1
	assert_file 2 "$(file "$1")/data" "$(<"$BATS_TEST_TMPDIR/new.$1")" || return 1
	assert_file 2 "$(file "$1")/kept" "$(<"$BATS_TEST_TMPDIR/sum.$1")" || return 1
	down 2 pod1 "$V$1"
}

@test "a node that was cut off cannot write after another took over: made by the driver, with layering only, with its lock given away" {
	local image
	together prepare "${IMAGES[@]}"
	assert_count 3 "$(cat "$BATS_TEST_TMPDIR"/address.* | sort -u)"
	# the kernel hands its lock to a snapshot and takes it back only at its next write
	lab rbd snap create --no-progress "$POOL/${V}idle@s" 2>/dev/null
	assert_equal "$(lab rbd lock ls "$POOL/${V}idle")" "" "no lock on the idle image:"

	lab cut 1
	for image in "${IMAGES[@]}"; do
		# overwritten in place: nothing must be read for it
		node 1 sh -c 'head -c 1048576 /dev/zero | dd of="$1" bs=1M conv=notrunc status=none &' - \
			"$(file "$image")/data"
	done
	# gone from the watchers: from now on only the image's record tells who had it
	for image in "${IMAGES[@]}"; do
		within 60 no_watcher "$V$image"
	done
	together take_over "${IMAGES[@]}"

	lab heal 1
	together write_late "${IMAGES[@]}"
	together take_late_down "${IMAGES[@]}"
	assert_nothing_left 1
	together assert_untouched "${IMAGES[@]}"
	assert_nothing_left 2

	# and the node is as good as before, with another client
	up 1 pod1 "${V}default" "$(wanted default)"
	assert_file 1 "$(file default)/data" "$(<"$BATS_TEST_TMPDIR/new.default")"
	down 1 pod1 "${V}default"
	assert_nothing_left 1
}
