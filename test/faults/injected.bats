#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The kernel refuses, and children fail: what was done is undone, nothing is mapped or mounted, the
# image that the call made is gone, and the answer says what, why, and what to do.
# shellcheck disable=SC2016,SC2030,SC2031 # what a node's shell expands; bats runs each test in a process of its own
source "${BATS_TEST_DIRNAME:?}/faults.bash"

setup() {
	V=inject$BATS_SUITE_TEST_NUMBER
	MODE=mount
	REAL=$DRIVER
	DIR=$(pod_dir pod1 "$V")
	JSON=$(options "$V" size=32Mi)
	make_dir 1 "$DIR"
	node 1 modprobe rbd single_major=Y
	wrappers=0
}

teardown() {
	restore_programs
	tidy 1
}

# replace PROGRAM LINE...: a script in its place, in node 1, until restore_programs.
replace() {
	local program=$1
	shift
	node 1 sh -c 'name=$1; shift
		{ echo "#!/bin/sh"; printf "%s\n" "$@"; } >"/tmp/instead.$name"
		chmod 755 "/tmp/instead.$name"
		mount --bind "/tmp/instead.$name" "$(readlink -f "/sbin/$name")"' - "$program" "$@"
}

restore_programs() {
	node 1 sh -c 'for i in /sbin/mke2fs /sbin/modprobe; do
		f=$(readlink -f "$i")
		if mountpoint -q "$f"; then umount "$f"; fi
	done'
}

# inject STRACE OPTION...: the driver's calls run under strace from now on, with a fault injected into
# caller, worker and children. /tmp/trace in the node has what was traced.
inject() {
	local wrapper
	wrapper=wrapper.$BATS_SUITE_TEST_NUMBER.$((++wrappers))
	{
		printf '#!/bin/sh\nexec strace -f --seccomp-bpf -qq -o /tmp/trace'
		printf ' %q' "$@"
		printf ' %q "$@"\n' "$REAL"
	} >"$SHARE/1/$wrapper"
	chmod 755 "$SHARE/1/$wrapper"
	DRIVER=/share/$wrapper
}

# The fault came at all.
injected() {
	local count
	count=$(node 1 grep -c INJECTED /tmp/trace || true)
	((count > 0)) || { echo "nothing was injected:"; node 1 tail -n 5 /tmp/trace; return 1; }
}

# undone REGEX WORDS...: the mount fails so, and nothing of it is left, not the image either.
undone() {
	driver_fails "$1" 1 mount "$DIR" "$JSON"
	shift
	message_has "mount volume $V at $DIR" "; " "$@"
	assert_nothing_left 1
	assert_no_image "$V"
	DRIVER=$REAL
}

# After all: without the fault it works.
works() {
	DRIVER=$REAL
	driver_ok 1 mount "$DIR" "$JSON"
	assert_mounted 1 "$DIR" rw "$V"
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "the device cannot be opened" {
	inject -P /dev/rbd0 -e trace=openat -e inject=openat:error=EIO:when=1
	undone "open /dev/rbd0" "Input/output error" "kube/$V"
	injected
	works
}

@test "the device cannot be opened, and somebody looks at it just then: it is unmapped all the same" {
	inject -P /sys/bus/rbd/remove_single_major -P /dev/rbd0 -e trace=write,openat \
		-e inject=openat:error=EIO:when=1 -e inject=write:error=EBUSY:when=1
	undone "open /dev/rbd0" "Input/output error" "kube/$V"
	assert_equal "$(node 1 grep -c INJECTED /tmp/trace)" 2
	works
}

@test "the device cannot be read" {
	inject -P /dev/rbd0 -e trace=pread64,read -e inject=pread64:error=EIO:when=1+
	undone "look at what is on image kube/$V" "Input/output error"
	injected
}

@test "the kernel refuses to map" {
	inject -P /sys/bus/rbd/add_single_major -e trace=write -e inject=write:error=EINVAL
	undone "map image kube/$V" EINVAL
	injected
	inject -P /sys/bus/rbd/add_single_major -e trace=openat -e inject=openat:error=EACCES
	undone "map image kube/$V" "/sys/bus/rbd/add" root
	injected
}

@test "the kernel's keyring is full" {
	inject -e trace=add_key -e inject=add_key:error=EDQUOT
	undone "map image kube/$V" "key" "maxkeys"
	injected
}

@test "there is no memory for a worker" {
	inject -e trace=clone,clone3,fork,vfork -e inject=clone,clone3,fork,vfork:error=EAGAIN:when=1
	undone "worker" "Resource temporarily unavailable"
	injected
}

@test "a kernel without the new mount calls: mount(2) does it" {
	inject -e trace=fsopen,mount -e inject=fsopen:error=ENOSYS
	driver_ok 1 mount "$DIR" "$JSON"
	injected
	node 1 grep -q 'mount("/dev/rbd' /tmp/trace
	assert_mounted 1 "$DIR" rw "$V"
	node 1 grep -q " $DIR ext4 .*errors=remount-ro" /proc/mounts
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
}

@test "a mount that fails at any of its calls is undone" {
	local fault
	for fault in fsopen:error=EIO fsconfig:error=EIO:when=3 fsmount:error=ENOSYS move_mount:error=EIO; do
		inject -e "trace=${fault%%:*}" -e "inject=$fault"
		# a file system has been made, so the image has data, and stays
		driver_fails "mount image kube/$V" 1 mount "$DIR" "$JSON"
		message_has "$DIR" "; "
		injected
		assert_nothing_left 1
		# it never was the holder, and must not be fenced for it
		assert_equal "$(image_record "$V" holder)" "" "the holder's record:"
	done
	works
}

@test "mke2fs fails: the image is gone, and the next call formats" {
	replace mke2fs 'echo no such luck >&2' 'exit 1'
	undone "mke2fs ended with 1: no such luck" "format image kube/$V with ext4"
	restore_programs
	works
}

@test "mke2fs dies in the middle: the image stays with its record, and the next call formats it anew" {
	# the last argument is the device
	replace mke2fs 'for device; do :; done' 'head -c 3000000 /dev/urandom >"$device"' 'kill -9 $$'
	driver_fails "mke2fs ended with 137" 1 mount "$DIR" "$JSON"
	message_has "image kube/$V, made by this call, stays"
	assert_nothing_left 1
	[[ $(image_record "$V" format) == formatting* ]]
	restore_programs
	works
	[[ $(image_record "$V" format) == formatted* ]]
}

@test "modprobe fails: said with what it said, before anything is made" {
	node 1 modprobe -r rbd
	replace modprobe 'echo no such luck >&2' 'exit 3'
	undone "modprobe ended with 3" "no such luck" "/etc/modules-load.d"
	restore_programs
	works
}

@test "the kernel does not unmap: mounted again where it was, or left for the next call" {
	driver_ok 1 mount "$DIR" "$JSON"
	write_file 1 "$DIR/data"
	inject -P /sys/bus/rbd/remove_single_major -e trace=write -e inject=write:error=EBUSY
	driver_fails "unmap" 1 unmount "$DIR"
	message_has "; "
	injected
	assert_mounted 1 "$DIR" rw "$V"
	assert_file 1 "$DIR/data" "$sum"

	inject -P /sys/bus/rbd/remove_single_major -e trace=write -e inject=write:error=ETIMEDOUT
	driver_fails "unmap" 1 unmount "$DIR"
	message_has "; "
	injected
	DRIVER=$REAL
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "an umount that fails is said, and it stays mounted" {
	driver_ok 1 mount "$DIR" "$JSON"
	inject -e trace=umount2 -e inject=umount2:error=EIO
	driver_fails "unmount $DIR" 1 unmount "$DIR"
	message_has "Input/output error"
	injected
	assert_mounted 1 "$DIR" rw "$V"
	DRIVER=$REAL
	driver_ok 1 unmount "$DIR"
	assert_nothing_left 1
}
