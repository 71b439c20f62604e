#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# mkfsOptions and mountOptions: each is seen on the image or on the mount, and nothing else passes.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=fsopt$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1
}

# What the tool COMMAND says of a copy of IMAGE has each of the words.
assert_says() { # IMAGE COMMAND WORDS...
	local copy=$BATS_TEST_TMPDIR/says.$1 all words
	lab rbd export --no-progress "$POOL/$1" "$copy" || return 1
	all=$($2 "$copy" 2>&1 | tr -s ' \t' ' ')
	rm -f "$copy"
	shift 2
	for words in "$@"; do
		[[ $all == *"$words"* ]] && continue
		printf 'expected: %s\nactual:   %s\n' "$words" "$all"
		return 1
	done
}

# made TYPE SIZE MKFSOPTIONS: a volume of that kind, made, and down again.
made() {
	up 1 pod1 "$V" "$(options "$V" "fsType=$1" "size=$2" "mkfsOptions=$3")" || return 1
	down 1 pod1 "$V" || return 1
	assert_sound "$V"
}

# refused REGEX OPTION: nothing is made, mapped or left behind.
refused() {
	driver_fails "$1" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" size=320Mi "${@:2}")" || return 1
	assert_no_image "$V" || return 1
	assert_nothing_left 1
}

@test "each mkfs option of ext4 is on the image" {
	made ext4 64Mi blocksize=4096,reserved=2,inodeSize=512,inodes=4096,journalSize=8,label=db-1
	assert_says "$V" dumpe2fs "Block size: 4096" "Reserved block count: 327" "Inode size: 512" \
		"Inode count: 4096" "Total journal blocks: 2048" "Filesystem volume name: db-1"
	V=$V-2
	made ext4 64Mi blocksize=1024,inodeRatio=8192,stride=4,stripeWidth=16,metadata_csum=off,large_dir=on
	assert_says "$V" dumpe2fs "Block size: 1024" "Inode count: 8192" "RAID stride: 4" \
		"RAID stripe width: 16" large_dir
	run -1 assert_says "$V" dumpe2fs metadata_csum
	V=$V-3
	made ext4 64Mi inline_data=on,project=on
	assert_says "$V" dumpe2fs inline_data project "Project quota inode"
}

@test "each mkfs option of xfs is on the image" {
	made xfs 1Gi blocksize=2048,inodeSize=1024,inodePercent=10,agcount=5,logSize=64,label=db-1
	assert_says "$V" "xfs_db -r -c info -c label" isize=1024 agcount=5 "bsize=2048 blocks=524288, imaxpct=10" \
		"bsize=2048 blocks=32768, version=2" 'label = "db-1"'
	V=$V-2
	made xfs 1Gi sunit=256,swidth=8192,reflink=off,rmapbt=on,bigtime=off,inobtcount=on,nrext64=off
	assert_says "$V" "xfs_db -r -c info" "sunit=32 swidth=1024 blks" "rmapbt=1" \
		"reflink=0 bigtime=0 inobtcount=1 nrext64=0"
}

@test "none of the mkfs options keeps the file system from growing tenfold" {
	local dir size
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$(options "$V" size=64Mi \
		mkfsOptions=blocksize=1024,inodeRatio=8192,stride=4,stripeWidth=16,inline_data=on,large_dir=on)"
	write_file 1 "$dir/data"
	driver_ok 1 expandfs "$(options "$V")" "/dev/rbd$(mapping 1 "$V" id)" "$dir" $((640 << 20)) $((64 << 20))
	size=$(node 1 stat -f -c '%b %S' "$dir" | awk '{ printf "%d", $1 * $2 / 1048576 }')
	((size > 550)) || { echo "it has $size MiB"; return 1; }
	assert_file 1 "$dir/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "each mount option of ext4 is on the mount, and a further pod joins it as it is" {
	local dir list
	dir=$(pod_dir pod1 "$V")
	list=noatime,nodiratime,nosuid,nodev,noexec,lazytime,discard,commit=30,data=writeback,stripe=16,nodelalloc,noauto_da_alloc
	up 1 pod1 "$V" "$(options "$V" size=64Mi "mountOptions=$list")"
	assert_shown 1 "$dir" errors=remount-ro noatime nodiratime nosuid nodev noexec lazytime discard \
		commit=30 data=writeback stripe=16 nodelalloc noauto_da_alloc
	up 1 pod2 "$V" "$(options "$V" mountOptions=relatime,commit=7)"
	assert_shown 1 "$(pod_dir pod2 "$V")" errors=remount-ro noatime nodiratime nosuid nodev noexec commit=30
	down 1 pod2 "$V"
	down 1 pod1 "$V"

	up 1 pod1 "$V" "$(options "$V" mountOptions=strictatime,sync,dirsync,data=journal)"
	assert_shown 1 "$dir" sync dirsync data=journal errors=remount-ro
	[[ $(shown 1 "$dir") != *relatime* ]]
	down 1 pod1 "$V"
	# and without any, the kernel's own
	up 1 pod1 "$V" "$(options "$V")"
	assert_shown 1 "$dir" relatime errors=remount-ro
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "each mount option of xfs is on the mount, in attach mode too" {
	local dir
	MODE=attach
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$(options "$V" fsType=xfs size=320Mi \
		mountOptions=noatime,nosuid,nodev,logbufs=4,logbsize=64k,allocsize=1m,inode32,largeio,discard)"
	assert_shown 1 "$(global_dir "$V")" nouuid noatime nosuid nodev logbufs=4 logbsize=64k \
		allocsize=1024k inode32 largeio discard
	assert_shown 1 "$dir" noatime nosuid nodev
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "a mount that is made again after a failed unmap has the options that it had" {
	local pid dir before type
	dir=$(pod_dir pod1 "$V")
	for type in ext4 xfs; do
		V=$V-$type
		dir=$(pod_dir pod1 "$V")
		up 1 pod1 "$V" "$(options "$V" "fsType=$type" size=320Mi \
			mountOptions=noatime,nodev,lazytime,discard)"
		before=$(shown 1 "$dir")
		pid=$(node 1 sh -c 'unshare -m --propagation private sleep 300 >/dev/null 2>&1 & echo $!')
		within 30 node 1 sh -c '[ "$(readlink "/proc/$1/ns/mnt")" != "$(readlink /proc/1/ns/mnt)" ]' - "$pid"
		driver_fails "/dev/rbd$(mapping 1 "$V" id)" 1 unmount "$dir"
		assert_mounted 1 "$dir" rw "$V"
		assert_equal "$(shown 1 "$dir")" "$before"
		node 1 kill "$pid"
		within 30 driver_ok 1 unmount "$dir"
		assert_nothing_left 1
	done
}

@test "what no table has, and what costs data, is refused, and nothing is made" {
	make_dir 1 "$(pod_dir pod1 "$V")"
	refused 'no option "blocksise".*did you mean "blocksize"' mkfsOptions=blocksise=4096
	refused 'from 1024 to 4096' mkfsOptions=blocksize=65536
	refused 'cannot grow online' mkfsOptions=bigalloc=on
	refused 'xfs has no option "reserved"' fsType=xfs mkfsOptions=reserved=1
	refused 'no option "noatme".*did you mean "noatime"' mountOptions=noatme
	refused 'loses data at a power cut' mountOptions=nobarrier
	refused 'whole node down' mountOptions=errors=panic
	refused 'the option readOnly' mountOptions=ro
	refused 'ext4 has no option "logbsize"' mountOptions=logbsize=64k
	refused '"btrfs"' fsType=btrfs
	# in order each, but the tool thinks otherwise of them together
	refused 'mkfs.xfs ended with 1' fsType=xfs mkfsOptions=agcount=64
	refused 'mke2fs ended with 1' mkfsOptions=journalSize=10240
	assert_no_image "$V"
}
