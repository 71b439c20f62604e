#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# xfs beside ext4: made, written, taken over, grown, and never mixed up with something else.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=xfs$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1 2
}

wanted() { # IMAGE [KEY=VALUE]...
	options "$1" fsType=xfs "${@:2}"
}

@test "a missing image is made and formatted xfs, written on one node and read on the other, in both modes" {
	local dir address
	for MODE in attach mount; do
		dir=$(pod_dir pod1 "$V$MODE")
		up 1 pod1 "$V$MODE" "$(wanted "$V$MODE" size=320Mi)"
		address=$(mapping 1 "$V$MODE" address)
		assert_shown 1 "$dir" nouuid rw
		assert_equal "$(image_record "$V$MODE" format | cut -d' ' -f1)" formatted
		[[ $(image_record "$V$MODE" holder) == *"mounts=0 uuid="* ]]
		write_file 1 "$dir/data"
		down 1 pod1 "$V$MODE"
		assert_sound "$V$MODE"
		up 2 pod1 "$V$MODE" "$(wanted "$V$MODE" size=320Mi)"
		assert_file 2 "$dir/data" "$sum"
		# it was unmounted in good order: nobody is shut out
		not_blocklisted "$address"
		assert_equal "$(jq -r '.message // ""' <<<"$json")" ""
		down 2 pod1 "$V$MODE"
		assert_nothing_left 1
		assert_nothing_left 2
	done
}

@test "a node that loses its power is fenced, its log is replayed; before that it can be read only" {
	local dir address
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$(wanted "$V" size=320Mi)"
	address=$(mapping 1 "$V" address)
	write_file 1 "$dir/data"
	node 1 sh -c 'for i in $(seq 50); do echo "$i" >"$1/file.$i"; done; sync "$1/file.50"' - "$dir"
	lab kill 1

	make_dir 2 "$dir"
	driver_ok 2 mount "$dir" "$(wanted "$V" readOnly=true)"
	assert_mounted 2 "$dir" ro "$V"
	assert_shown 2 "$dir" norecovery nouuid
	driver_ok 2 unmount "$dir"
	assert_nothing_left 2

	up 2 pod1 "$V" "$(wanted "$V")"
	blocklisted "$address"
	assert_file 2 "$dir/data" "$sum"
	assert_equal "$(node 2 cat "$dir/file.50")" 50
	down 2 pod1 "$V"
	assert_sound "$V"
	reboot 1
	up 1 pod1 "$V" "$(wanted "$V")"
	assert_file 1 "$dir/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_nothing_left 2
}

@test "a node that was cut off before it wrote anything is fenced all the same" {
	local dir address secret
	dir=$(pod_dir pod1 "$V")
	# a client of its own: the node's other volumes are none of this test's
	secret=$(lab ceph auth get-or-create-key client.idle mon 'profile rbd' osd "profile rbd pool=$POOL")
	up 1 pod1 "$V" "$(wanted "$V" size=320Mi user=idle "secret=$secret")"
	address=$(mapping 1 "$V" address)
	lab cut 1
	within 60 no_watcher "$V"
	up 2 pod1 "$V" "$(wanted "$V" user=idle "secret=$secret")"
	blocklisted "$address"
	write_file 2 "$dir/data"
	lab heal 1
	node 1 sh -c 'echo late >"$1/late"; sync "$1/late"; :' - "$dir" 2>/dev/null || true
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_file 2 "$dir/data" "$sum"
	down 2 pod1 "$V"
	assert_sound "$V"
	up 2 pod1 "$V" "$(wanted "$V" user=idle "secret=$secret")"
	assert_equal "$(node 2 ls "$dir")" data
	down 2 pod1 "$V"
	assert_nothing_left 2
}

@test "an image and its clone are up on one node at the same time" {
	local secret
	up 1 pod1 "$V" "$(wanted "$V" size=320Mi)"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	lab rbd snap create --no-progress "$POOL/$V@s"
	lab rbd snap protect "$POOL/$V@s"
	lab rbd clone "$POOL/$V@s" "$POOL/$V-clone"
	up 1 pod1 "$V" "$(wanted "$V")"
	up 1 pod2 "$V-clone" "$(wanted "$V-clone")"
	write_file 1 "$(pod_dir pod1 "$V")/own"
	assert_file 1 "$(pod_dir pod2 "$V-clone")/data" \
		"$(node 1 sha256sum "$(pod_dir pod1 "$V")/data" | cut -d' ' -f1)"
	write_file 1 "$(pod_dir pod2 "$V-clone")/other"
	assert_equal "$(node 1 ls "$(pod_dir pod1 "$V")")" $'data\nown'
	down 1 pod2 "$V-clone"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
	assert_sound "$V-clone"
}

@test "where there is no mkfs.xfs the Failure names the package, and nothing is made" {
	local tool
	make_dir 1 "$(pod_dir pod1 "$V")"
	# of a bundle, too
	for tool in /usr/sbin/mkfs.xfs "${DRIVER%/*}"/.rbd-flexvolume-*/bin/mkfs.xfs; do
		[[ ! -e $tool ]] || node 1 mv "$tool" "$tool.elsewhere"
	done
	driver_fails "no mkfs.xfs on this node" 1 mount "$(pod_dir pod1 "$V")" "$(wanted "$V" size=320Mi)"
	for tool in /usr/sbin/mkfs.xfs "${DRIVER%/*}"/.rbd-flexvolume-*/bin/mkfs.xfs; do
		[[ ! -e $tool ]] || node 1 mv "$tool.elsewhere" "$tool"
	done
	message_has "kube/$V" "install xfsprogs"
	assert_no_image "$V"
	assert_nothing_left 1
	# nor is a record left on an image that was there
	lab rbd create "$POOL/$V" --size 64M
	driver_fails "larger than 300MB" 1 mount "$(pod_dir pod1 "$V")" "$(wanted "$V")"
	message_has "kube/$V"
	assert_equal "$(image_record "$V" format)" ""
	assert_nothing_left 1
	# too small, and made by this call: gone again
	driver_fails "larger than 300MB" 1 mount "$(pod_dir pod1 "$V")" "$(wanted "$V-new" size=64Mi)"
	assert_no_image "$V-new"
	assert_nothing_left 1
}

@test "an fsType that differs from what is on the image is a Failure that names both" {
	local before
	up 1 pod1 "$V-x" "$(wanted "$V-x" size=320Mi)"
	down 1 pod1 "$V-x"
	up 1 pod1 "$V-e" "$(options "$V-e" size=64Mi)"
	down 1 pod1 "$V-e"
	before="$(image_sum "$V-x") $(image_sum "$V-e")"
	driver_fails "holds xfs, not ext4" 1 mount "$(pod_dir pod1 "$V-x")" "$(options "$V-x")"
	message_has "kube/$V-x" "correct fsType"
	# the kubelet's empty one is ext4
	driver_fails "holds xfs, not ext4" 1 mount "$(pod_dir pod1 "$V-x")" "$(options "$V-x" fsType=)"
	driver_fails "holds ext4, not xfs" 1 mount "$(pod_dir pod1 "$V-e")" "$(wanted "$V-e")"
	message_has "kube/$V-e" "correct fsType"
	assert_equal "$(image_sum "$V-x") $(image_sum "$V-e")" "$before"
	assert_nothing_left 1
}

set_format() { # IMAGE TEXT
	lab rados -p "$POOL" setxattr "rbd_header.$(image_id "$1")" rbd-flexvolume.format "$2"
}

@test "a format that was begun and never finished is done again, over what it has left of either type" {
	local file=$BATS_TEST_TMPDIR/made uuid=6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11
	truncate -s 320M "$file"
	mkfs.xfs -q -K -m "uuid=$uuid" "$file"
	image_of_file "$V-x" "$file"
	set_format "$V-x" "formatting $uuid"
	up 1 pod1 "$V-x" "$(wanted "$V-x")"
	assert_equal "$(image_record "$V-x" format | cut -d' ' -f1)" formatted
	[[ $(image_record "$V-x" format) != *"$uuid" ]]
	down 1 pod1 "$V-x"
	assert_sound "$V-x"

	truncate -s 0 "$file"
	truncate -s 320M "$file"
	mke2fs -q -t ext4 -U "$uuid" "$file"
	image_of_file "$V-e" "$file"
	set_format "$V-e" "formatting $uuid"
	up 1 pod1 "$V-e" "$(wanted "$V-e")"
	down 1 pod1 "$V-e"
	assert_sound "$V-e"
	assert_nothing_left 1
}

@test "an xfs that was mounted since is no debris, whatever the record says" {
	local dir uuid
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$(wanted "$V" size=320Mi)"
	down 1 pod1 "$V"
	read -r _ uuid <<<"$(image_record "$V" format)"
	# as if a driver had died between its mkfs and its record, and somebody had mounted by hand
	set_format "$V" "formatting $uuid"
	lab rados -p "$POOL" rmxattr "rbd_header.$(image_id "$V")" rbd-flexvolume.holder
	up 1 pod1 "$V" "$(wanted "$V")"
	assert_equal "$(image_record "$V" format)" "formatted $uuid"
	write_file 1 "$dir/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "xfs grows with its image: at the mount, and by expandfs while a pod writes, tenfold" {
	local dir size
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$(wanted "$V" size=320Mi)"
	write_file 1 "$dir/data"
	driver_ok 1 expandfs "$(wanted "$V")" "/dev/rbd$(mapping 1 "$V" id)" "$dir" \
		$((3200 << 20)) $((320 << 20))
	size=$(node 1 stat -f -c '%b %S' "$dir" | awk '{ printf "%d", $1 * $2 / 1048576 }')
	((size > 3000)) || { echo "it has $size MiB"; return 1; }
	assert_file 1 "$dir/data" "$sum"
	write_file 1 "$dir/more" 32
	# asked again: nothing happens
	driver_ok 1 expandfs "$(wanted "$V")" "/dev/rbd$(mapping 1 "$V" id)" "$dir" \
		$((3200 << 20)) $((320 << 20))
	down 1 pod1 "$V"
	assert_equal "$(image_size "$V")" $((3200 << 20))
	lab rbd resize --no-progress --size 3400M "$POOL/$V"
	up 1 pod1 "$V" "$(wanted "$V")"
	size=$(node 1 stat -f -c '%b %S' "$dir" | awk '{ printf "%d", $1 * $2 / 1048576 }')
	((size > 3200)) || { echo "it has $size MiB"; return 1; }
	assert_file 1 "$dir/more" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}
