#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# A node's orderly end: what is mounted from the network is unmounted before the network goes.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=down$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1
	! running 3 || lab kill 3
}

# The lines of libmount's notes for DIR.
notes() { # N DIR
	node "$1" sh -c 'grep -F " TARGET=$1 " /run/mount/utab 2>/dev/null; :' - "$2"
}

one_note() { # N DIR
	local all
	all=$(notes "$1" "$2")
	[[ $all == "SRC=/dev/rbd"*" OPTS=_netdev"* && $all != *$'\n'* ]] || { echo "notes: $all"; return 1; }
}

no_notes() { # N DIR
	local all
	all=$(notes "$1" "$2")
	[[ -z $all ]] || { echo "notes: $all"; return 1; }
}

@test "every mount of a volume is noted as one of the network, and forgotten with it" {
	local dir
	for MODE in attach mount; do
		dir=$(pod_dir pod1 "$V$MODE")
		up 1 pod1 "$V$MODE" "$(options "$V$MODE" size=64Mi)"
		within 30 one_note 1 "$dir"
		[[ $MODE != attach ]] || within 30 one_note 1 "$(global_dir "$V$MODE")"
		run -0 node 1 findmnt -m -n -o OPTIONS "$dir"
		[[ $output == *_netdev* ]]
		# asked again: noted once
		driver_ok 1 mount "$dir" "$(options "$V$MODE")"
		up 1 pod2 "$V$MODE" "$(options "$V$MODE")"
		within 30 one_note 1 "$(pod_dir pod2 "$V$MODE")"
		one_note 1 "$dir"
		driver_ok 1 unmount "$(pod_dir pod2 "$V$MODE")"
		within 30 no_notes 1 "$(pod_dir pod2 "$V$MODE")"
		one_note 1 "$dir"
		down 1 pod1 "$V$MODE"
		within 30 no_notes 1 "$dir"
		within 30 no_notes 1 "$(global_dir "$V$MODE")"
		assert_nothing_left 1
	done
}

@test "where libmount is missing everything works, and nothing is noted" {
	local library
	library=$(node 1 sh -c 'ls /usr/lib/*/libmount.so.1')
	node 1 mv "$library" "$library.elsewhere"
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	no_notes 1 "$(pod_dir pod1 "$V")"
	down 1 pod1 "$V"
	node 1 mv "$library.elsewhere" "$library"
	assert_nothing_left 1
	assert_sound "$V"
}

off() { # N
	! running "$1"
}

# Left clean: unmounted in good order, nothing to replay.
assert_clean() { # IMAGE
	local copy=$BATS_TEST_TMPDIR/clean.$1 all
	lab rbd export --no-progress "$POOL/$1" "$copy" || return 1
	all=$(dumpe2fs -h "$copy" 2>&1)
	rm -f "$copy"
	grep -qE '^Filesystem state: +clean$' <<<"$all" && ! grep -q needs_recovery <<<"$all" && return 0
	printf 'expected: a clean file system\nactual:\n%s\n' "$all"
	return 1
}

@test "a node with systemd as its first process powers off in under a minute, the file system clean" {
	local dir
	boot 3 --systemd --timeout 180
	for MODE in attach mount; do
		dir=$(pod_dir pod1 "$V$MODE")
		up 3 pod1 "$V$MODE" "$(options "$V$MODE" size=64Mi)"
		within 30 one_note 3 "$dir"
		# not synced: it has to reach the cluster during the shutdown
		node 3 sh -c 'head -c 8388608 /dev/urandom >"$1/data"' - "$dir"
	done
	run node 3 systemctl --no-block poweroff
	within 60 off 3
	for MODE in attach mount; do
		assert_clean "$V$MODE"
		assert_sound "$V$MODE"
		# and the other node needs no repair and shuts nobody out
		within 60 up 1 pod1 "$V$MODE" "$(options "$V$MODE")"
		assert_equal "$(node 1 stat -c %s "$(pod_dir pod1 "$V$MODE")/data")" 8388608
		down 1 pod1 "$V$MODE"
	done
	assert_nothing_left 1
}
