#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# The fast lane: a clean ext4 that was mounted before comes up without any Ceph library; everything
# else goes the whole way, with nothing left of the fast lane's own mapping.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=fast$BATS_SUITE_TEST_NUMBER
	MODE=exclusive
	DIR=$(pod_dir pod1 "$V")
	config exclusive '{"attach": false, "clusters": {"default": {"exclusivePools": ["kube"]}}}'
	config exclusive-attach '{"clusters": {"default": {"exclusivePools": ["kube"]}}}'
	make_dir 1 "$DIR"
}

teardown() {
	tidy 1
}

# What the dynamic loader has opened of Ceph in the calls since, by pid.
watch_loader() {
	node 1 sh -c 'rm -rf /tmp/loader && mkdir -m 0777 /tmp/loader'
	ENVIRONMENT=(LD_DEBUG=files LD_DEBUG_OUTPUT=/tmp/loader/of)
}

# assert_ceph_opened yes|no
assert_ceph_opened() {
	local all actual=no
	ENVIRONMENT=()
	all=$(node 1 sh -c 'grep -ho "file=lib[^ ]*" /tmp/loader/* | sort -u')
	[[ $all == *libc.so* ]] || { echo "the loader was not watched"; return 1; }
	! grep -qE 'lib(rados|rbd|ceph)' <<<"$all" || actual=yes
	assert_equal "$actual" "$1" "Ceph's libraries opened:"
}

# whole_way OPTION...: the volume comes up, and not by the fast lane.
whole_way() {
	watch_loader
	driver_ok 1 mount "$DIR" "$(options "$V" "$@")" || return 1
	assert_ceph_opened yes || return 1
	assert_mapped 1 "$V" 1 || return 1
	assert_mounted 1 "$DIR" "" "$V"
}

# refused REGEX OPTION...: it had to be asked of the cluster, and nothing is left.
refused() {
	local regex=$1
	shift
	watch_loader
	driver_fails "$regex" 1 mount "$DIR" "$(options "$V" "$@")" || return 1
	assert_ceph_opened yes || return 1
	assert_nothing_left 1
}

away() {
	driver_ok 1 unmount "$DIR" || return 1
	assert_nothing_left 1
}

# image_with COMMAND...: the image is a file system that COMMAND FILE has worked on.
image_with() {
	local file=$BATS_TEST_TMPDIR/made.fs
	truncate -s 64M "$file"
	mke2fs -q -t ext4 "$file"
	"$@" "$file" || return 1
	image_of_file "$V" "$file"
	rm -f "$file"
}

@test "a clean ext4 that was mounted before: no Ceph library, one mapping, the record as it was" {
	local record
	whole_way size=64Mi
	write_file 1 "$DIR/data"
	away
	record=$(image_record "$V" holder)

	watch_loader
	driver_ok 1 mount "$DIR" "$(options "$V" size=64Mi)"
	assert_ceph_opened no
	assert_mapped 1 "$V" 1
	assert_mounted 1 "$DIR" rw "$V"
	assert_file 1 "$DIR/data" "$sum"
	assert_count 1 "$(watchers "$V")"
	assert_equal "$(image_record "$V" holder)" "$record"
	write_file 1 "$DIR/data"
	away
	assert_sound "$V"
	# and so in attach mode
	MODE=exclusive-attach
	watch_loader
	make_dir 1 "$(global_dir "$V")"
	driver_ok 1 mountdevice "$(global_dir "$V")" "" "$(options "$V")"
	assert_ceph_opened no
	assert_file 1 "$(global_dir "$V")/data" "$sum"
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	assert_nothing_left 1
}

@test "a missing image is made, one without size is refused by its name" {
	refused "image kube/$V does not exist"
	whole_way size=64Mi
	away
}

@test "a file system that was never mounted, or not left clean, has its record written" {
	image_with true
	whole_way
	[[ $(image_record "$V" holder) == *address=* ]]
	away
	lab rbd rm --no-progress "$POOL/$V"

	unclean() { debugfs -w -R 'ssv mtime 20200101' "$1" 2>/dev/null && debugfs -w -R 'ssv state 0' "$1" 2>/dev/null; }
	image_with unclean
	whole_way
	[[ $(image_record "$V" holder) == *address=* ]]
	away
}

@test "an image that this kernel cannot serve is fitted" {
	whole_way size=64Mi
	away
	lab rbd feature enable "$POOL/$V" journaling
	whole_way
	assert_equal "$(image_features "$V")" exclusive-lock,layering
	away
}

@test "an image that is too small is grown, and a file system that is smaller than its image too" {
	whole_way size=64Mi
	away
	whole_way size=96Mi
	assert_equal "$(image_size "$V")" $((96 << 20))
	away
	lab rbd resize --no-progress --size 128M "$POOL/$V"
	whole_way
	(($(node 1 stat -f -c '%b * %S' "$DIR") > 100 << 20))
	away
	watch_loader
	driver_ok 1 mount "$DIR" "$(options "$V" size=96Mi)"
	assert_ceph_opened no
	away
}

@test "what holds something else, or data, or was made smaller than its file system, is refused" {
	local file=$BATS_TEST_TMPDIR/other
	truncate -s 32M "$file"
	mkswap -q "$file" 2>/dev/null
	image_of_file "$V" "$file"
	refused "holds swap"
	lab rbd rm --no-progress "$POOL/$V"
	head -c 32M /dev/urandom >"$file"
	image_of_file "$V" "$file"
	refused "not formatted"
	lab rbd rm --no-progress "$POOL/$V"
	image_with true
	lab rbd resize --no-progress --allow-shrink --size 48M "$POOL/$V"
	refused "the image only"
}

@test "who reads, a cluster whose fsid nobody said, and a volume that is exclusive by itself go the whole way" {
	config no-fsid '{"attach": false, "clusters": {"default": {"monitors": "10.77.0.1", "exclusivePools": ["kube"]}}}'
	whole_way size=64Mi
	away
	whole_way readOnly=true
	assert_mounted 1 "$DIR" ro "$V"
	away
	MODE=no-fsid
	whole_way
	away
	# only of a pool the administrator says that all its users agree
	MODE=mount
	whole_way guard=exclusive
	away
}

@test "an image without exclusive-lock, and one that another node has, are refused as always" {
	lab rbd create "$POOL/$V" --size 64M --image-feature layering
	refused "lacks the feature exclusive-lock"
	lab rbd rm --no-progress "$POOL/$V"
	up 2 pod1 "$V" "$(options "$V" size=64Mi)"
	refused "in use"
	message_has 10.77.0.12:
	down 2 pod1 "$V"
	assert_nothing_left 2
}

@test "monitors that do not answer cost as long as a connection may" {
	MODE=nobody
	config nobody "{\"attach\": false, \"deadlines\": {\"connect\": 2}, \"clusters\": {\"default\": {
		\"monitors\": \"10.77.0.200\", \"fsid\": \"$(lab ceph fsid 2>/dev/null)\", \"exclusivePools\": [\"kube\"]}}}"
	driver_fails "no monitor" 1 mount "$DIR" "$(options "$V")"
	message_has 10.77.0.200:6789
	# sooner than without the configuration, where ten seconds are waited
	assert_faster 9500
	assert_nothing_left 1
}

middle() { printf '%s\n' "$@" | sort -n | sed -n 3p; } # of five NUMBERs

@test "it is faster than the default guard" {
	local fast default
	local -A took=()
	MODE=mount
	driver_ok 1 mount "$DIR" "$(options "$V" size=64Mi)"
	away
	# in turns: what else the machine has to do meets both
	for _ in 1 2 3 4 5; do
		for MODE in exclusive mount; do
			driver_ok 1 mount "$DIR" "$(options "$V")" >/dev/null
			took[$MODE]+=" $milliseconds"
			driver_ok 1 unmount "$DIR" >/dev/null
		done
	done
	# shellcheck disable=SC2086 # words on purpose
	fast=$(middle ${took[exclusive]}) default=$(middle ${took[mount]})
	echo "# mount of a clean ext4: fast lane $fast ms, default guard $default ms" >&3
	((fast < default))
	assert_nothing_left 1
}
