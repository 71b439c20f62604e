#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Images that are made as the options say: features, data pool, namespace, clones; and snapshots.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup_file() {
	lab ceph osd pool create bulk 8
	lab rbd pool init bulk
	lab ceph auth get-or-create client.maker mon 'profile rbd' \
		osd 'profile rbd pool=kube, profile rbd pool=bulk'
}

setup() {
	V=making$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1 2
}

# The options of a volume as user maker, whose key comes along: by VOLUME [KEY=VALUE]...
wanted() {
	options "$@" user=maker "secret=$(lab key maker)" pod=pod1
}

# Image BASE as the driver makes and formats it, with a file in it; sets $sum. Then @moment.
base_with_data() {
	up 1 base "$1" "$(wanted "$1" size=64Mi)"
	write_file 1 "$(pod_dir base "$1")/data" 2
	down 1 base "$1"
	lab rbd snap create --no-progress "$POOL/$1@moment"
}

assert_refused_without_a_trace() { # REGEX IMAGE JSON
	make_dir 1 "$(pod_dir pod1 "$2")"
	driver_fails "$1" 1 mount "$(pod_dir pod1 "$2")" "$3" || return 1
	assert_no_image "$2"
	assert_nothing_left 1
}

@test "the data of a volume with dataPool lies in that pool, and is there on another node" {
	local text
	text=$(wanted "$V" size=64Mi dataPool=bulk)
	up 1 pod1 "$V" "$text"
	write_file 1 "$(pod_dir pod1 "$V")/data" 4
	assert_equal "$(lab rbd info "$POOL/$V" --format json | jq -r .data_pool)" bulk
	lab rados -p bulk ls | grep -q "^rbd_data\..*\.$(image_id "$V")\."
	assert_equal "$(lab rados -p kube ls | grep -c "rbd_data.*$(image_id "$V")" || true)" 0
	down 1 pod1 "$V"
	assert_nothing_left 1
	up 2 pod1 "$V" "$text"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_sound "$V"
}

@test "a data pool that is missing or not allowed is named, and nothing is made" {
	assert_refused_without_a_trace "no such pool" "$V" "$(wanted "$V" size=64Mi dataPool=none)"
	message_has none "dataPool" "ceph osd pool create none"
	assert_refused_without_a_trace "client.kube is not allowed to" "$V" \
		"$(options "$V" size=64Mi dataPool=bulk "secret=$(lab key kube)")"
	message_has "osd 'profile rbd pool=bulk'" "ceph auth caps client.kube"
}

@test "explicit features are those of the image, and a set that makes no sense is refused" {
	up 1 pod1 "$V" "$(wanted "$V" size=64Mi features=layering,exclusive-lock,object-map,fast-diff)"
	assert_equal "$(image_features "$V")" exclusive-lock,fast-diff,layering,object-map
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	# of an image that is there they say nothing
	up 2 pod1 "$V" "$(wanted "$V" features=layering)"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	assert_equal "$(image_features "$V")" exclusive-lock,fast-diff,layering,object-map
	down 2 pod1 "$V"
	assert_nothing_left 2

	assert_refused_without_a_trace "object-map needs exclusive-lock" "none$V" \
		"$(wanted "none$V" size=64Mi features=layering,object-map)"
	assert_refused_without_a_trace "journaling cannot be asked for" "none$V" \
		"$(wanted "none$V" size=64Mi features=layering,exclusive-lock,journaling)"
	assert_refused_without_a_trace "nearest known one is .layering" "none$V" \
		"$(wanted "none$V" size=64Mi features=layring)"
}

@test "a clone has the data of its parent on two nodes, grows, and leaves the parent as it was" {
	local text before data
	base_with_data "base$V"
	lab rbd snap protect "$POOL/base$V@moment"
	before=$(image_sum "base$V@moment") data=$sum
	text=$(wanted "$V" "parent=kube/base$V@moment" size=128Mi)
	up 1 pod1 "$V" "$text"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$data"
	assert_equal "$(image_size "$V")" $((128 << 20))
	assert_equal "$(lab rbd info "$POOL/$V" --format json | jq -r '.parent.image + "@" + .parent.snapshot')" \
		"base$V@moment"
	write_file 1 "$(pod_dir pod1 "$V")/more" 80
	# the parent has a file system with the same uuid, and may be up beside it
	up 1 base "base$V" "$(wanted "base$V")"
	assert_file 1 "$(pod_dir base "base$V")/data" "$data"
	down 1 base "base$V"
	down 1 pod1 "$V"
	assert_nothing_left 1

	up 2 pod1 "$V" "$text"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$data"
	assert_file 2 "$(pod_dir pod1 "$V")/more" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_equal "$(image_sum "base$V@moment")" "$before"
	assert_sound "$V"
	assert_sound "base$V"
}

@test "what a clone lacks is named, and nothing is made: protection, snapshot, parent, size" {
	base_with_data "base$V"
	assert_refused_without_a_trace "is not protected" "$V" "$(wanted "$V" "parent=base$V@moment")"
	message_has "rbd snap protect kube/base$V@moment"
	lab rbd snap protect "$POOL/base$V@moment"
	assert_refused_without_a_trace "has no snapshot other" "$V" \
		"$(wanted "$V" "parent=base$V@other")"
	message_has "moment"
	assert_refused_without_a_trace "nobody$V, does not exist" "$V" \
		"$(wanted "$V" "parent=nobody$V@moment")"
	assert_refused_without_a_trace "less than that of its parent" "$V" \
		"$(wanted "$V" "parent=base$V@moment" size=32Mi)"
}

@test "an empty image in the place of a clone is not formatted" {
	base_with_data "base$V"
	lab rbd create "$POOL/$V" --size 64M
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "neither a parent nor data" 1 mount "$(pod_dir pod1 "$V")" \
		"$(wanted "$V" "parent=base$V@moment")"
	message_has "rbd rm kube/$V"
	assert_equal "$(image_record "$V" format)" ""
	assert_nothing_left 1
}

@test "a namespace has volumes of its own beside the pool's" {
	local text
	text=$(wanted "$V" size=64Mi namespace="ns$V")
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "namespace ns$V does not exist in pool kube" 1 mount "$(pod_dir pod1 "$V")" "$text"
	message_has "rbd namespace create kube/ns$V"
	lab rbd namespace create "$POOL/ns$V"
	lab rbd create "$POOL/$V" --size 8M
	up 1 pod1 "$V" "$text"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	assert_equal "$(lab rbd ls "$POOL/ns$V")" "$V"
	assert_equal "$(image_size "$V")" $((8 << 20))
	down 1 pod1 "$V"
	assert_nothing_left 1
	up 2 pod1 "$V" "$text"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_equal "$(image_record "$V" format)" ""
}

@test "a snapshot is mounted read-only with the data of its moment, while its image is written elsewhere" {
	local dir moment
	dir=$(pod_dir snap "snap$V")
	base_with_data "$V"
	moment=$sum
	up 2 pod1 "$V" "$(wanted "$V")"
	write_file 2 "$(pod_dir pod1 "$V")/data" 3

	up 1 snap "snap$V" "$(wanted "snap$V" "image=$V" snapshot=moment)"
	assert_mounted 1 "$dir" ro
	assert_equal "$(mapping 1 "$V" snapshot)" moment
	assert_file 1 "$dir/data" "$moment"
	run node 1 touch "$dir/new"
	((status != 0))
	down 1 snap "snap$V"
	assert_nothing_left 1
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_sound "$V"
}

@test "a snapshot that is missing is named, with those that there are" {
	base_with_data "$V"
	make_dir 1 "$(pod_dir pod1 "$V")"
	driver_fails "has no snapshot never" 1 mount "$(pod_dir pod1 "$V")" \
		"$(wanted "$V" snapshot=never)"
	message_has "kube/$V" moment
	assert_nothing_left 1
}
