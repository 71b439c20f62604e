#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# docs/troubleshooting.md, the rows of the cluster: users, pools, and what is on an image.
source "${BATS_TEST_DIRNAME:?}/troubleshooting.bash"

# untouched OPTION...: refused, and not a byte of the image has changed.
untouched() {
	local before
	before=$(image_sum "$V")
	refused mount "$DIR" "$(options "$V" "$@")"
	message_has "kube/$V"
	assert_equal "$(image_sum "$V")" "$before"
	assert_equal "$(image_record "$V" holder)" ""
}

ext4_image() { # MIB [DEBUGFS-COMMAND]
	local file=$BATS_TEST_TMPDIR/ext4
	truncate -s "$1M" "$file"
	mke2fs -q -t ext4 -U 6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11 "$file"
	[[ -z ${2:-} ]] || debugfs -w -R "$2" "$file" 2>/dev/null
	image_of_file "$V" "$file"
}

@test "image-missing: an image that is not there, without a size" {
	refused mount "$DIR" "$(options "$V")"
	message_has 'size: "10Gi"'
	no_image_left
}

@test "image-missing-read-only: who only reads makes none" {
	bad readOnly=true
	no_image_left
}

@test "pool-missing: no such pool" {
	bad pool=nowhere
	message_has "ceph osd pool create nowhere"
}

@test "pool-forbidden: a pool that the user may not use" {
	lab ceph osd pool create "forbidden$V" 1 >/dev/null 2>&1
	bad "pool=forbidden$V"
}

@test "cluster-other: monitors of another cluster than the one asked for" {
	bad fsid=00000000-1111-2222-3333-444444444444
	no_image_left
}

@test "key-wrong: a key that is not the user's, a user that is none" {
	bad "secret=$(ceph-authtool --gen-print-key)"
	bad user=nobody "secret=$(ceph-authtool --gen-print-key)"
	no_image_left
}

@test "caps-mon: a user without the monitors' caps" {
	local who
	new_user "$V" osd "profile rbd pool=kube"
	as "$V"
	bad "${who[@]}"
	message_has "client.$V"
	no_image_left
}

# A user without any cap for the OSDs is answered so by Ceph 16, and not at all by 18 (test/cluster).
@test "caps-osd: a user without the OSDs' caps for this pool, and one who may only read" {
	local who
	new_user "$V" mon 'profile rbd' osd 'profile rbd pool=another'
	as "$V"
	bad "${who[@]}"
	message_has "client.$V"
	lab ceph auth caps "client.$V" mon 'profile rbd' osd 'profile rbd-read-only pool=kube' 2>/dev/null
	bad "${who[@]}"
	message_has "client.$V"
	no_image_left
}

@test "caps-read: a user who may only read, where the image is there" {
	local who
	ext4_image 64
	new_user "$V" mon 'profile rbd' osd 'profile rbd-read-only pool=kube'
	as "$V"
	refused mount "$DIR" "$(options "$V" "${who[@]}")"
	message_has "client.$V" "kube/$V" "profile rbd"
}

@test "caps-fence: a user who may not fence the last holder" {
	local who
	ext4_image 64 'set_super_value state 0'
	lab rados -p "$POOL" setxattr "rbd_header.$(image_id "$V")" rbd-flexvolume.holder \
		"1 address=10.77.0.50:0/4711 mounts=0 uuid=6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11 node=lost"
	new_user "$V" mon 'allow r' osd "profile rbd pool=kube"
	as "$V"
	refused mount "$DIR" "$(options "$V" "${who[@]}")"
	message_has 10.77.0.50:0/4711 "kube/$V"
}

@test "quota: a pool whose quota is used up" {
	lab ceph osd pool create "$V" 1 >/dev/null 2>&1
	lab rbd pool init "$V"
	lab ceph osd pool set-quota "$V" max_objects 1 >/dev/null 2>&1
	within 60 quota_reached
	new_user "$V" mon 'profile rbd' osd "profile rbd pool=$V"
	as "$V"
	bad "pool=$V" "${who[@]}"
}

quota_reached() { lab ceph osd dump --format json | jq -e --arg pool "$V" \
	'.pools[] | select(.pool_name == $pool) | .flags_names | contains("full")'; }

full_ratios() { # NEARFULL BACKFILLFULL FULL: each change must leave them in this order
	local ratios=("nearfull $1" "backfillfull $2" "full $3") one
	[[ $3 != 0.95 ]] || ratios=("full $3" "backfillfull $2" "nearfull $1")
	for one in "${ratios[@]}"; do
		lab ceph osd "set-${one% *}-ratio" "${one#* }" >/dev/null 2>&1 || return 1
	done
}

pool_full() { # true|false
	[[ $(lab ceph osd dump --format json | jq -r '.pools[] | select(.pool_name == "kube") |
		.flags_names | split(",") | index("full") != null') == "$1" ]]
}

@test "full: a cluster that is full" {
	head -c 32M /dev/urandom >"$BATS_TEST_TMPDIR/ballast"
	image_of_file "ballast$V" "$BATS_TEST_TMPDIR/ballast"
	full_ratios 0.0001 0.0002 0.0003
	within 60 pool_full true
	bad
	full_ratios 0.85 0.9 0.95
	within 60 pool_full false
	lab rbd rm --no-progress "$POOL/ballast$V"
	no_image_left
}

@test "in-use: another node has the image" {
	make_dir 2 "$DIR"
	driver_ok 2 mount "$DIR" "$(options "$V" size=64Mi)"
	refused mount "$DIR" "$(options "$V")"
	message_has 10.77.0.12:
	driver_ok 2 unmount "$DIR"
}

@test "user-lock: somebody has put a lock of their own on the image" {
	lab rbd create "$POOL/$V" --size 64M
	lab rbd lock add "$POOL/$V" theirs
	refused mount "$DIR" "$(options "$V")"
}

@test "features-mirrored: journaling, and mirroring that needs it" {
	lab rbd create "$POOL/$V" --size 64M --image-feature exclusive-lock,journaling
	lab rbd mirror pool enable "$POOL" image 2>/dev/null
	lab rbd mirror image enable "$POOL/$V" journal 2>/dev/null
	refused mount "$DIR" "$(options "$V")"
	assert_equal "$(image_features "$V")" exclusive-lock,journaling
	lab rbd mirror image disable "$POOL/$V" 2>/dev/null
	lab rbd mirror pool disable "$POOL" 2>/dev/null
}

@test "features-migrating: an image that is on its way to another place" {
	lab rbd create "$POOL/$V" --size 64M
	lab rbd migration prepare "$POOL/$V" "$POOL/$V-new"
	refused mount "$DIR" "$(options "$V" "image=$V-new")"
	lab rbd migration abort --no-progress "$POOL/$V-new"
}

@test "content-other: LUKS and LVM" {
	printf 'LUKS\xba\xbe\0\1aes\0' | image_of "$V" 64 0
	untouched
	message_has LUKS
	lab rbd rm --no-progress "$POOL/$V"
	lvm_label | image_of "$V" 64 512
	untouched
	message_has LVM
}

# blkid: the label of an LVM2 physical volume, with its checksum
lvm_label() {
	python3 -c '
import struct, sys
crc = 0xf597a6cf
body = struct.pack("<I8s", 32, b"LVM2 001") + b"0123456789abcdefghijklmnopqrstuv" + b"\0" * 448
body = body[:512 - 20]
table = []
for i in range(256):
    c = i
    for _ in range(8):
        c = (c >> 1) ^ (0xedb88320 if c & 1 else 0)
    table.append(c)
for byte in body:
    crc = (crc >> 8) ^ table[(crc ^ byte) & 0xff]
sys.stdout.buffer.write(b"LABELONE" + struct.pack("<QI", 1, crc) + body)'
}

@test "content-partitions: a partition table" {
	{
		head -c 446 /dev/zero
		printf '\0\1\1\0\x83\xfe\xff\xff\0\x08\0\0\0\0\1\0'
		head -c 48 /dev/zero
		printf '\x55\xaa'
	} | image_of "$V" 64 0
	untouched
}

@test "content-unknown: data without a signature" {
	head -c 1M /dev/urandom | image_of "$V" 64 0
	untouched
}

@test "content-written: nothing at both ends, and something in the middle" {
	printf precious | image_of "$V" 64 $((20 << 20))
	untouched size=64Mi
}

@test "content-lost: what was formatted once is empty" {
	lab rbd create "$POOL/$V" --size 64M
	lab rados -p "$POOL" setxattr "rbd_header.$(image_id "$V")" rbd-flexvolume.format \
		"formatted 6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11"
	untouched
}

@test "content-read-only: an empty image for a pod that only reads" {
	lab rbd create "$POOL/$V" --size 64M
	untouched readOnly=true
}

@test "content-larger: a file system that is larger than its image" {
	ext4_image 64
	lab rbd resize --no-progress --allow-shrink --size 32M "$POOL/$V"
	untouched
}

@test "format-1: an image of the old format" {
	lab rados -p "$POOL" create "$V.rbd"
	refused mount "$DIR" "$(options "$V")"
}

@test "header-lost: an image whose header is gone" {
	printf 'old' | image_of "$V" 64 0
	lab rados -p "$POOL" rm "rbd_header.$(image_id "$V")"
	refused mount "$DIR" "$(options "$V" size=64Mi)"
}
