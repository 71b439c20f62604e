#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# docs/troubleshooting.md, the rows of the node: its kernel, its files, its pods.
source "${BATS_TEST_DIRNAME:?}/troubleshooting.bash"

# masked FILE: as if it were not installed, until unmasked.
masked() { node 1 sh -c 'mount --bind /dev/null "$(readlink -f "$1")"' - "$1"; }
unmasked() { node 1 sh -c 'umount "$(readlink -f "$1")"' - "$1"; }

@test "module: a kernel without rbd" {
	boot 3 --rbd=absent
	make_dir 3 "$DIR"
	driver_fails . 3 mount "$DIR" "$(options "$V" size=64Mi)"
	says
	no_image_left
	lab kill 3
}

@test "sys-read-only: /sys as a container sees it" {
	node 1 modprobe rbd
	node 1 mount -o remount,bind,ro /sys
	bad
	node 1 mount -o remount,bind,rw /sys
	no_image_left
}

@test "program: mke2fs is not installed" {
	masked /sbin/mke2fs
	bad
	message_has e2fsprogs
	unmasked /sbin/mke2fs
	no_image_left
}

@test "library: librados is not installed" {
	local file
	file=$(node 1 sh -c 'ls /usr/lib/*/librados.so.2')
	masked "$file"
	bad
	message_has librados2
	unmasked "$file"
	no_image_left
}

@test "keyring-missing: neither a Secret nor a keyring" {
	bad user=nobody
	message_has /etc/ceph/ceph.client.nobody.keyring
}

@test "keyring-user: a keyring without that user" {
	bad user=nobody keyring=/etc/ceph/ceph.client.kube.keyring
}

@test "keyring-writable: a keyring that others can write" {
	node 1 chmod 0666 /etc/ceph/ceph.client.kube.keyring
	bad
	message_has "chmod 600 /etc/ceph/ceph.client.kube.keyring"
	node 1 chmod 0600 /etc/ceph/ceph.client.kube.keyring
}

@test "monitors-none: nothing says where the cluster is" {
	node 1 mount -t tmpfs none /etc/ceph
	bad "secret=$(lab key kube)"
	node 1 umount /etc/ceph
}

@test "directory-missing: the directory is not there" {
	node 1 rmdir "$DIR"
	bad
	no_image_left
}

@test "directory-file: the directory is a file" {
	node 1 sh -c 'rmdir "$1" && echo theirs >"$1"' - "$DIR"
	bad
	assert_equal "$(node 1 cat "$DIR")" theirs
	no_image_left
}

@test "directory-taken: something else is mounted there" {
	node 1 mount -t tmpfs theirs "$DIR"
	bad
	node 1 umount "$DIR"
	no_image_left
}

@test "kernel-mount: a file system that this kernel cannot write" {
	local file=$BATS_TEST_TMPDIR/ext4
	truncate -s 64M "$file"
	mke2fs -q -t ext4 "$file"
	debugfs -w -R "set_super_value feature_ro_compat 0x80000000" "$file" 2>/dev/null
	image_of_file "$V" "$file"
	refused mount "$DIR" "$(options "$V")"
	message_has "the kernel said"
}

# With the volume up at $DIR: what is refused then, without a change to it.
beside() { # VERB ARG...
	driver_fails . 1 "$@" || return 1
	says || return 1
	assert_mounted 1 "$DIR" "" "$V"
}

@test "other-key: a second pod with another key" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi "secret=$(lab key kube)")"
	make_dir 1 "$(pod_dir pod2 "$V")"
	beside mount "$(pod_dir pod2 "$V")" "$(options "$V" "secret=$(ceph-authtool --gen-print-key)")"
	down 1 pod1 "$V"
}

@test "two-volumes: two PersistentVolumes on one image" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	make_dir 1 "$(pod_dir pod2 "other$V")"
	beside mount "$(pod_dir pod2 "other$V")" "$(options "other$V" "image=$V")"
	message_has "volume $V"
	down 1 pod1 "$V"
}

@test "inline-names: attach mode, two inline volumes of one name on different images; in mount mode both work" {
	MODE=attach
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	make_dir 1 "$(pod_dir pod2 "$V")"
	beside mount "$(pod_dir pod2 "$V")" "$(options "$V" image="other$V" size=64Mi)"
	down 1 pod1 "$V"
	MODE=mount
	up 1 pod1 "$V" "$(options "$V")"
	up 1 pod2 "$V" "$(options "$V" image="other$V" size=64Mi)"
	assert_mounted 1 "$DIR" rw "$V"
	assert_mounted 1 "$(pod_dir pod2 "$V")" rw "other$V"
	down 1 pod1 "$V"
	down 1 pod2 "$V"
	assert_nothing_left 1
}

@test "readers-first: a pod that writes, where others read" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$(options "$V" readOnly=true)"
	make_dir 1 "$(pod_dir pod2 "$V")"
	beside mount "$(pod_dir pod2 "$V")" "$(options "$V")"
	message_has "$DIR"
	down 1 pod1 "$V"
}

@test "foreign-mapping: somebody has mapped the image by hand" {
	lab rbd create "$POOL/$V" --size 64M
	node 1 rbd --id kube map --options noudev "$POOL/$V"
	driver_fails . 1 mount "$DIR" "$(options "$V")"
	says
	node 1 rbd unmap --options noudev "$POOL/$V"
}

@test "blocklisted: a pod joins a volume whose client was shut out" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	lab ceph osd blocklist add "$(mapping 1 "$V" address)" 2>/dev/null
	within 30 not_writable
	make_dir 1 "$(pod_dir pod2 "$V")"
	beside mount "$(pod_dir pod2 "$V")" "$(options "$V")"
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$(options "$V")"
	down 1 pod1 "$V"
}

not_writable() { ! node 1 sh -c 'echo late >"$1" && sync "$1"' - "$DIR/late"; }

@test "no-mountdevice: mount in attach mode before mountdevice" {
	MODE=attach
	bad
}

@test "mount-busy: a process has the pod's directory" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	node 1 setsid -f sh -c 'cd "$1" && exec sleep 600' - "$DIR"
	within 30 node 1 sh -c '[ "$(readlink "/proc/$(pgrep -x sleep)/cwd")" = "$1" ]' - "$DIR"
	beside unmount "$DIR"
	message_has sleep
	node 1 pkill -x sleep
	down 1 pod1 "$V"
}

@test "unmount-early: unmountdevice while a pod has the volume, and detach" {
	MODE=attach
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	beside unmountdevice "$(global_dir "$V")"
	down 1 pod1 "$V"
}

@test "detach-early: detach while the volume is mounted" {
	MODE=attach
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	beside detach "$V" node1
	down 1 pod1 "$V"
}

@test "lock: another call is at work on the image" {
	config hasty '{"attach": false, "deadlines": {"call": 1}}'
	MODE=hasty
	node 1 mkdir -p -m 0700 /run/rbd-flexvolume/lock
	node 1 setsid -f flock "/run/rbd-flexvolume/lock/kube,,$V" sleep 600
	within 30 node 1 pgrep -x sleep
	bad
	node 1 pkill -x sleep
}

@test "grow-other: expandfs at a directory of another image" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	beside expandfs "$(options "$V" image=other)" "" "$DIR" $((96 << 20)) $((64 << 20))
	down 1 pod1 "$V"
}

@test "grow-read-only: expandfs of what is mounted read-only" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$(options "$V" readOnly=true)"
	beside expandfs "$(options "$V")" "" "$DIR" $((96 << 20)) $((64 << 20))
	down 1 pod1 "$V"
}
