#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# docs/troubleshooting.md, the rows of how an image is made, formatted, mapped, mounted and guarded,
# and of what the policy keeps from it.
source "${BATS_TEST_DIRNAME:?}/troubleshooting.bash"

@test "snapshot-with: a snapshot together with what would make an image" {
	bad snapshot=s
	refused mount "$DIR" "$(options "$V" snapshot=s parent=base@s)"
	refused mount "$DIR" "$(options "$V" snapshot=s dataPool=data)"
}

@test "snapshot-missing: no such snapshot" {
	lab rbd create "$POOL/$V" --size 64M
	refused mount "$DIR" "$(options "$V" snapshot=monday)"
}

@test "namespace-missing: no such namespace" {
	bad namespace=nobodys
}

@test "datapool-missing: no such data pool" {
	bad dataPool=nowhere
	no_image_left
}

@test "parent-value: a parent that is no snapshot" {
	local value
	for value in base a/b/c/d@s base@ @s 'b ase@s'; do
		bad "parent=$value"
	done
}

@test "parent-missing: a parent that is not there" {
	lab rbd create "$POOL/$V-base" --size 64M
	refused mount "$DIR" "$(options "$V" "parent=$V-base@monday")"
	lab rbd rm --no-progress "$POOL/$V-base"
	no_image_left
}

@test "parent-larger: a size that is less than the parent's" {
	lab rbd create "$POOL/$V-base" --size 128M
	lab rbd snap create --no-progress "$POOL/$V-base@s"
	lab rbd snap protect "$POOL/$V-base@s"
	bad "parent=$V-base@s"
	lab rbd snap unprotect "$POOL/$V-base@s"
	lab rbd snap purge --no-progress "$POOL/$V-base"
	lab rbd rm --no-progress "$POOL/$V-base"
	no_image_left
}

@test "features-unknown: a feature that is none" {
	bad features=layering,exclusiv-lock
	message_has '"exclusive-lock"'
	no_image_left
}

@test "features-refused: a feature that cannot be asked for" {
	bad features=layering,exclusive-lock,journaling
	bad features=data-pool
	no_image_left
}

@test "features-needs: a feature without the one that it needs" {
	bad features=object-map
	no_image_left
}

@test "list-item: an item that is no name=value" {
	bad 'mountOptions=noatime,-o=x'
	bad 'mapOptions=queue_depth=1 secret=x'
	bad 'mkfsOptions=label=a/b'
}

@test "list-empty: an empty item" {
	bad mountOptions=noatime,,nodev
	bad mapOptions=,
}

@test "list-twice: a name that is there twice" {
	bad mkfsOptions=label=a,label=b
}

@test "mkfs-unknown: an option that the file system has not" {
	bad mkfsOptions=blocksizes=4096
	message_has '"blocksize"'
}

@test "mkfs-refused: an option that the file system may not have" {
	bad mkfsOptions=bigalloc
	bad mkfsOptions=uuid=6f2f3d1c-6d8d-4b7e-9d0c-0a4c1f6f3a11
}

@test "mkfs-value: a value out of its range" {
	bad mkfsOptions=blocksize=8192
	bad mkfsOptions=reserved=51
}

@test "mount-unknown: an option that the file system has not" {
	bad mountOptions=logbsize=64k
}

@test "mount-refused: an option that loses data, or is the driver's own" {
	bad mountOptions=nobarrier
	bad mountOptions=ro
	bad mountOptions=errors=panic
}

@test "map-unknown: an option that the kernel has not" {
	bad mapOptions=queue_dept=64
	message_has queue_depth
}

@test "map-refused: an option that is decided elsewhere, or loses writes" {
	bad mapOptions=osd_request_timeout=5
	bad mapOptions=noshare
	bad mapOptions=exclusive
}

@test "map-value: a value that the kernel would not take" {
	bad mapOptions=queue_depth=0
}

@test "fstype-other: xfs is asked for, and the image has ext4" {
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	refused mount "$DIR" "$(options "$V" fsType=xfs)"
}

@test "program-xfs: mkfs.xfs is not installed" {
	local file
	file=$(node 1 sh -c 'readlink -f "$(command -v mkfs.xfs)"')
	node 1 mount --bind /dev/null "$file"
	bad size=512Mi fsType=xfs
	node 1 umount "$file"
	message_has xfsprogs
	no_image_left
}

@test "exclusive-feature: guard=exclusive, and the image has no exclusive-lock" {
	lab rbd create "$POOL/$V" --size 64M --image-feature layering
	refused mount "$DIR" "$(options "$V" guard=exclusive)"
}

@test "exclusive-pool: another guard than the one of the configuration's pool" {
	config lanes '{"attach": false, "clusters": {"default": {"exclusivePools": ["kube"]}}}'
	MODE=lanes
	bad guard=none
	no_image_left
}

@test "policy-listed: a value that the policy does not list" {
	config listed '{"attach": false, "policy": {"pool": ["kube"], "user": ["kube"], "image": ["{podNamespace}.*"], "mountOptions": ["noatime"]}}'
	MODE=listed
	bad kubernetes.io/pod.namespace=shop image=theirs.db
	bad kubernetes.io/pod.namespace=shop image=shop.db pool=other
	bad kubernetes.io/pod.namespace=shop image=shop.db user=admin
	bad kubernetes.io/pod.namespace=shop image=shop.db mountOptions=noexec
	bad image=shop.db
	no_image_left
}

@test "policy-unlisted: an option that the policy does not list" {
	config closed '{"attach": false, "policy": {"pool": ["kube"], "user": ["kube"]}}'
	MODE=closed
	bad monitors=10.77.0.1
	bad keyring=/etc/ceph/ceph.client.kube.keyring
	bad namespace=a
	bad dataPool=a
	bad parent=a@s
	bad features=layering
	bad mapOptions=notrim
	bad guard=none
	no_image_left
}

@test "policy-create: a policy that lets no volume make an image" {
	config keep '{"attach": false, "policy": {"pool": ["kube"], "user": ["kube"], "create": false}}'
	MODE=keep
	bad
	no_image_left
}

@test "policy-size: more than the policy allows" {
	config small '{"attach": false, "policy": {"pool": ["kube"], "user": ["kube"], "maxSize": "32Mi"}}'
	MODE=small
	bad
	no_image_left
}

@test "policy-entry: a volume in none of the configuration's clusters" {
	config entry '{"attach": false, "clusters": {"default": {"fsid": "b0c1d2e3-f405-4162-8374-95a6b7c8d9e0", "user": "kube"}}, "policy": {"pool": ["kube"]}}'
	MODE=entry
	bad -user "fsid=$(lab ceph fsid)"
	no_image_left
}

@test "policy-pattern: a policy with a pattern that is none" {
	config pattern '{"attach": false, "policy": {"pool": "kube"}}'
	MODE=pattern
	bad
	no_image_left
}
