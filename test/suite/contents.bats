#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# What is on an image that nobody has told the driver about stays there, to the byte.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=contents$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1
}

# refused REGEX [IMAGE [OPTION...]]: mounting is, and not a byte of the image has changed.
refused() {
	local regex=$1 image=${2:-$V} before record
	shift $(($# < 2 ? $# : 2))
	before=$(image_sum "$image")
	record=$(image_record "$image" format)
	make_dir 1 "$(pod_dir pod1 "$image")"
	driver_fails "$regex" 1 mount "$(pod_dir pod1 "$image")" "$(options "$image" "$@")"
	message_has "kube/$image"
	assert_nothing_left 1
	assert_equal "$(image_sum "$image")" "$before"
	assert_equal "$(image_record "$image" format)" "$record"
	assert_equal "$(image_record "$image" holder)" ""
}

@test "data without a signature that is known is never formatted" {
	head -c 1M /dev/urandom | image_of "$V" 64 0
	refused "not formatted.*data without a signature"
	# nor with a size, that is larger or not
	refused "not formatted" "$V" size=64Mi
}

@test "a single sector of data in the middle of an image is seen" {
	printf 'precious' | image_of "$V" 128 $((100 << 20))
	refused "not formatted.*written to"
}

@test "data in the last sector alone is seen" {
	printf 'precious' | image_of "$V" 64 $(((64 << 20) - 512))
	refused "not formatted"
}

@test "a clone of a snapshot with data is not empty, though nothing was written to it" {
	printf 'precious' | image_of "$V-parent" 64 $((20 << 20))
	lab rbd snap create --no-progress "$POOL/$V-parent@s"
	lab rbd snap protect "$POOL/$V-parent@s"
	lab rbd clone "$POOL/$V-parent@s" "$POOL/$V"
	refused "not formatted.*written to"
	assert_equal "$(image_sum "$V")" "$(image_sum "$V-parent@s")"
}

@test "a partition table, LUKS, swap and xfs are named and left alone" {
	# one Linux partition from sector 2048
	{
		head -c 446 /dev/zero
		printf '\0\1\1\0\x83\xfe\xff\xff\0\x08\0\0\0\0\1\0'
		head -c 48 /dev/zero
		printf '\x55\xaa'
	} | image_of "$V-dos" 64 0
	refused "dos|partition" "$V-dos"

	printf 'LUKS\xba\xbe\0\1aes\0' | image_of "$V-luks" 64 0
	refused "LUKS" "$V-luks"

	printf 'SWAPSPACE2' | image_of "$V-swap" 64 $((4096 - 10))
	refused "not formatted|swap" "$V-swap"

	image_of "$V-xfs" 64 0 <"$ROOT/test/unit/fixtures/xfs-superblock.bin"
	refused "xfs" "$V-xfs"
}

@test "an image that was formatted once and holds nothing now has lost something, and is not formatted again" {
	lab rbd create "$POOL/$V" --size 64M
	lab rados -p "$POOL" setxattr "rbd_header.$(image_id "$V")" rbd-flexvolume.format \
		"formatted 6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11"
	refused "not formatted.*once was"
}

@test "a format that was begun and never finished is done again" {
	lab rbd create "$POOL/$V" --size 64M
	lab rados -p "$POOL" setxattr "rbd_header.$(image_id "$V")" rbd-flexvolume.format \
		"formatting 6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11"
	up 1 pod1 "$V" "$(options "$V")"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	assert_equal "$(image_record "$V" format | cut -d' ' -f1)" formatted
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "an ext4 file system that somebody else has made is mounted as it is" {
	local file=$BATS_TEST_TMPDIR/ext4
	truncate -s 64M "$file"
	mke2fs -q -t ext4 -L theirs "$file"
	debugfs -w -R "write $BATS_TEST_FILENAME theirs" "$file" 2>/dev/null
	image_of_file "$V" "$file"
	up 1 pod1 "$V" "$(options "$V")"
	assert_equal "$(image_record "$V" format)" ""
	assert_equal "$(node 1 cat "$(pod_dir pod1 "$V")/theirs" | sha256sum)" \
		"$(sha256sum <"$BATS_TEST_FILENAME")"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "an image that was made smaller than its file system is not mounted" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	lab rbd resize --no-progress --allow-shrink --size 32M "$POOL/$V"
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "kube/$V" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V")"
	message_has $((64 << 20)) $((32 << 20))
	assert_nothing_left 1
}
