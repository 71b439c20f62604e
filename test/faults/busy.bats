#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What is in use is neither unmounted nor unmapped by force, and comes back as it was; a check of a
# file system that takes too long is not killed.
# shellcheck disable=SC2016,SC2030,SC2031 # what a node's shell expands; bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

setup_file() {
	config fsck '{"attach":false,"deadlines":{"call":2,"fsck":1,"map":20}}'
}

setup() {
	V=busy$BATS_SUITE_TEST_NUMBER
	MODE=mount
	DIR=$(pod_dir pod1 "$V")
}

teardown() {
	release_all
	[[ -n ${BATS_TEST_COMPLETED:-} ]] || resume_osd >/dev/null 2>&1 || true
	node 1 sh -c 'for p in $(cat /tmp/holders 2>/dev/null); do kill -9 $p; done; rm -f /tmp/holders' 2>/dev/null || true
	tidy 1
}

# in_background COMMAND...: on node 1; prints its pid, and ends with the test.
in_background() {
	node 1 sh -c '"$@" >/dev/null 2>&1 </dev/null & echo $! | tee -a /tmp/holders' - "$@"
}

end_of() { # PID
	node 1 kill -9 "$1"
	within 30 node 1 test ! -e "/proc/$1"
}

@test "an unmount while it is in use: the processes are named, it stays mounted, later it works" {
	local holder worker
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	write_file 1 "$DIR/data"
	holder=$(in_background tail -f "$DIR/data")
	worker=$(in_background sh -c 'cd "$1" && exec sleep 100' - "$DIR")
	within 30 node 1 sh -c 'ls -l /proc/$1/fd | grep -q /data && [ "$(readlink /proc/$2/cwd)" = "$3" ]' - \
		"$holder" "$worker" "$DIR"

	driver_fails "$DIR" 1 unmount "$DIR"
	message_has "pid $holder (tail)" "pid $worker (sleep)" "in use" "; "
	assert_faster 10000
	assert_mounted 1 "$DIR" rw "$V"
	assert_file 1 "$DIR/data" "$sum"

	end_of "$worker"
	driver_fails "$DIR" 1 unmount "$DIR"
	message_has "pid $holder (tail)"
	end_of "$holder"
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
	assert_sound "$V"
}

# the_mount: what tells this mount from another: device, directory, options of mount and file system.
the_mount() {
	node 1 cat /proc/1/mountinfo | awk -v dir="$DIR" '$5 == dir { $1 = $2 = ""; print }'
}

# A copy of all mounts in a mount namespace that $holder keeps; private: no unmount reaches it.
copy_elsewhere() {
	holder=$(in_background unshare --mount --propagation private sleep 100)
	within 30 node 1 sh -c '[ "$(readlink /proc/$1/ns/mnt)" != "$(readlink /proc/1/ns/mnt)" ]' - "$holder"
}

@test "a copy of the mount in another mount namespace: no unmap, mounted again as it was, later it works" {
	local holder before
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	write_file 1 "$DIR/data"
	before=$(the_mount)
	copy_elsewhere

	driver_fails "$DIR|/dev/rbd" 1 unmount "$DIR"
	message_has "pid $holder" "; "
	assert_faster 15000
	assert_equal "$(the_mount)" "$before"
	assert_file 1 "$DIR/data" "$sum"
	write_file 1 "$DIR/more"

	end_of "$holder"
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "a copy of a read-only mount in another mount namespace comes back read-only" {
	local holder before
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$(options "$V" readOnly=true)"
	assert_mounted 1 "$DIR" ro "$V"
	before=$(the_mount)
	copy_elsewhere
	driver_fails "$DIR|/dev/rbd" 1 unmount "$DIR"
	assert_equal "$(the_mount)" "$before"
	end_of "$holder"
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
}

@test "a copy of a read-only bind of what is written elsewhere comes back as it was" {
	local holder before
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	write_file 1 "$DIR/data"
	up 1 pod2 "$V" "$(options "$V" readwrite=ro)"
	down 1 pod1 "$V"
	DIR=$(pod_dir pod2 "$V")
	assert_mounted 1 "$DIR" ro "$V"
	before=$(the_mount)
	copy_elsewhere
	driver_fails "$DIR|/dev/rbd" 1 unmount "$DIR"
	assert_equal "$(the_mount)" "$before"
	assert_file 1 "$DIR/data" "$sum"
	end_of "$holder"
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
	assert_sound "$V"
}

# A file system that has to be checked whole, block by block.
make_unclean() { # IMAGE
	local copy=$BATS_TEST_TMPDIR/unclean
	lab rbd export --no-progress "$POOL/$1" "$copy"
	debugfs -w -R 'ssv state 0' "$copy" 2>/dev/null
	lab rbd rm --no-progress "$POOL/$1"
	lab rbd import --no-progress --image-feature layering,exclusive-lock "$copy" "$POOL/$1"
}

e2fsck_pid() {
	node 1 pgrep -x e2fsck
}

no_e2fsck() {
	! e2fsck_pid
}

@test "e2fsck at its deadline goes on alone with the lock, who asks meanwhile learns of it, then it works" {
	local checker
	MODE=fsck
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	write_file 1 "$DIR/data"
	down 1 pod1 "$V"
	make_unclean "$V"

	# the worker is held where it starts e2fsck (vfork, clone or clone3), and the OSD stops answering
	hold mount 1 'worker:#56,58,435' mount "$DIR" "$(options "$V")"
	held mount
	lab osd pause 0
	release mount
	within 30 e2fsck_pid
	checker=$(e2fsck_pid)
	outcome mount
	assert_equal "$status" Failure
	message_has "$V" "e2fsck (pid $checker) has not ended in time and goes on alone"
	assert_faster 12000
	assert_equal "$(e2fsck_pid)" "$checker"

	driver_fails "waiting for the lock of this image: pid [0-9]+ \((e2fsck|rbd-worker)\): checking the file system" 1 mount "$DIR" "$(options "$V")"
	assert_equal "$(e2fsck_pid)" "$checker"
	assert_not_mounted 1 "$DIR"

	resume_osd
	within 30 no_e2fsck
	repeat 30 1 mount "$DIR" "$(options "$V")"
	assert_mounted 1 "$DIR" rw "$V"
	assert_file 1 "$DIR/data" "$sum"
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
	assert_sound "$V"
}
