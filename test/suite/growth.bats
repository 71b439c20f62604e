#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Volumes that become larger.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=grow$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1
}


# Of an image, ext4's own metadata takes a part.
assert_fs_size() { # N DIR MIB
	local blocks size actual
	read -r blocks size < <(node "$1" stat -f -c '%b %S' "$2")
	actual=$((blocks * size >> 20))
	((actual <= $3 && actual >= $3 * 85 / 100)) && return 0
	printf 'expected: a file system of nearly %s MiB at %s\nactual:   %s MiB\n' "$3" "$2" "$actual"
	return 1
}

@test "expandfs grows image and file system while a pod writes, tenfold as well" {
	local wanted dir device
	for MODE in attach mount; do
		wanted=$(options "$V$MODE" size=64Mi)
		dir=$(pod_dir pod1 "$V$MODE")
		up 1 pod1 "$V$MODE" "$wanted"
		device=/dev/rbd$(mapping 1 "$V$MODE" id)
		assert_fs_size 1 "$dir" 64
		write_file 1 "$dir/data" 4
		driver_ok 1 expandfs "$wanted" "$device" "$dir" $((128 << 20)) $((64 << 20))
		assert_equal "$(image_size "$V$MODE")" $((128 << 20))
		assert_fs_size 1 "$dir" 128
		assert_file 1 "$dir/data" "$sum"
		driver_ok 1 expandfs "$wanted" "$device" "$dir" $((1280 << 20)) $((128 << 20))
		assert_equal "$(image_size "$V$MODE")" $((1280 << 20))
		assert_fs_size 1 "$dir" 1280
		# asked again, and for less: nothing happens
		driver_ok 1 expandfs "$wanted" "$device" "$dir" $((1280 << 20)) $((128 << 20))
		driver_ok 1 expandfs "$wanted" "$device" "$dir" $((64 << 20)) $((32 << 20))
		assert_equal "$(image_size "$V$MODE")" $((1280 << 20))
		assert_file 1 "$dir/data" "$sum"
		# more than there was room for
		write_file 1 "$dir/more" 64
		down 1 pod1 "$V$MODE"
		assert_nothing_left 1
		assert_sound "$V$MODE"
	done
}

@test "expandfs works on the global directory and on the directory of a pod that only reads" {
	local wanted
	wanted=$(options "$V" size=64Mi)
	MODE=attach
	up 1 pod1 "$V" "$wanted"
	driver_ok 1 expandfs "$wanted" "" "$(global_dir "$V")" $((128 << 20)) $((64 << 20))
	assert_fs_size 1 "$(pod_dir pod1 "$V")" 128
	up 1 pod2 "$V" "$(options "$V" readwrite=ro)"
	assert_mounted 1 "$(pod_dir pod2 "$V")" ro "$V"
	driver_ok 1 expandfs "$wanted" "" "$(pod_dir pod2 "$V")" $((256 << 20)) $((128 << 20))
	assert_fs_size 1 "$(pod_dir pod1 "$V")" 256
	driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "expandfs grows the volume, and not what covers one of its directories" {
	MODE=attach
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	up 1 pod2 "$V" "$(options "$V" readwrite=ro)"
	# the global directory is the first that can be written, pod1's the other one; what covers the
	# one would cover its shared copies as well
	node 1 mount --make-private "$(global_dir "$V")"
	node 1 mount --make-private "$(pod_dir pod1 "$V")"
	node 1 mount -t tmpfs -o size=1M,mode=755 cover "$(global_dir "$V")"
	driver_ok 1 expandfs "$(options "$V")" "" "$(pod_dir pod2 "$V")" $((128 << 20)) $((64 << 20))
	assert_fs_size 1 "$(pod_dir pod1 "$V")" 128
	# with both covered nothing is left by which it could grow
	node 1 mount -t tmpfs -o size=1M,mode=755 cover "$(pod_dir pod1 "$V")"
	driver_fails "grow the file system at $(pod_dir pod2 "$V")" 1 expandfs "$(options "$V")" "" \
		"$(pod_dir pod2 "$V")" $((192 << 20)) $((128 << 20))
	node 1 umount "$(pod_dir pod1 "$V")"
	node 1 umount "$(global_dir "$V")"
	assert_fs_size 1 "$(pod_dir pod1 "$V")" 128
	driver_ok 1 expandfs "$(options "$V")" "" "$(pod_dir pod2 "$V")" $((192 << 20)) $((128 << 20))
	assert_fs_size 1 "$(pod_dir pod1 "$V")" 192
	driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "expandfs needs neither the pod nor the Secret that the volume came up with" {
	local who=grower at
	MODE=strange
	config strange '{"attach": false,
		"clusters": {"default": {"monitors": "10.77.0.1", "keyring": "/etc/ceph/ceph.client.kube.keyring", "user": "kube"}},
		"policy": {"pool": ["kube"], "user": ["'"$who"'"], "image": ["{podNamespace}.*"], "maxSize": "256Mi"}}'
	lab ceph auth get-or-create "client.$who" mon 'profile rbd' osd "profile rbd pool=$POOL" >/dev/null 2>&1
	at=$(pod_dir pod1 "$V")
	make_dir 1 "$at"
	driver_ok 1 mount "$at" "$(options "$V" -user "image=shop.$V" size=64Mi kubernetes.io/pod.namespace=shop \
		"secret=$(lab key "$who")" "kubernetes.io/secret/user=$(printf %s "$who" | base64)")"
	driver_ok 1 expandfs "$(options "$V" -user "image=shop.$V" size=64Mi)" "" "$at" $((128 << 20)) $((64 << 20))
	assert_fs_size 1 "$at" 128
	# what the policy says of sizes stays
	driver_fails "administrator's policy" 1 expandfs "$(options "$V" -user "image=shop.$V")" "" "$at" $((512 << 20)) $((128 << 20))
	assert_equal "$(image_size "shop.$V")" $((128 << 20))
	driver_ok 1 unmount "$at"
	assert_nothing_left 1
	assert_sound "shop.$V"
}

@test "expandvolume changes no image for who only reads it" {
	MODE=mount
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	lab rbd snap create --no-progress "$POOL/$V@s" 2>/dev/null
	driver_fails "only reads" 1 expandvolume "$(options "$V" readOnly=true)" /nowhere $((128 << 20)) $((64 << 20))
	driver_fails "only reads" 1 expandvolume "$(options "$V" snapshot=s)" /nowhere $((128 << 20)) $((64 << 20))
	assert_equal "$(image_size "$V")" $((64 << 20))
	driver_ok 1 expandvolume "$(options "$V")" /nowhere $((128 << 20)) $((64 << 20))
	assert_equal "$(image_size "$V")" $((128 << 20))
}

@test "a file system smaller than its image grows when it is mounted" {
	local dir
	dir=$(pod_dir pod1 "$V")
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	write_file 1 "$dir/data"
	down 1 pod1 "$V"
	lab rbd resize --no-progress --size 256M "$POOL/$V"
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	# a smaller size in the options takes nothing away
	assert_equal "$(image_size "$V")" $((256 << 20))
	assert_fs_size 1 "$dir" 256
	assert_file 1 "$dir/data" "$sum"
	down 1 pod1 "$V"
	# a larger one makes both larger
	up 1 pod1 "$V" "$(options "$V" size=320Mi)"
	assert_equal "$(image_size "$V")" $((320 << 20))
	assert_fs_size 1 "$dir" 320
	assert_file 1 "$dir/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	assert_sound "$V"
}

@test "expandfs of what is not mounted, or is mounted from another image, is a Failure that says so" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	driver_fails "nothing is mounted" 1 expandfs "$(options "$V")" /dev/rbd0 \
		"$(pod_dir pod2 "$V")" $((128 << 20)) $((64 << 20))
	driver_fails "is not image kube/other$V" 1 expandfs "$(options "other$V")" /dev/rbd0 \
		"$(pod_dir pod1 "$V")" $((128 << 20)) $((64 << 20))
	assert_equal "$(image_size "$V")" $((64 << 20))
	driver_ok 1 expandvolume "$(options "$V")" "$(pod_dir pod1 "$V")" $((96 << 20)) $((64 << 20))
	assert_equal "$(image_size "$V")" $((96 << 20))
	down 1 pod1 "$V"
	assert_nothing_left 1
}
