#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What takes a kernel: image map and unmap, what is refused because of a mapping, status.
# $out, $err, $code are set by in_node_1()
# shellcheck disable=SC2154,SC2030,SC2031,SC2016
# shellcheck source=test/admin/helpers.bash
load helpers

teardown() {
	writer_end
	tidy 1
	for device in $(node 1 sh -c 'ls /sys/bus/rbd/devices'); do
		node 1 rbd unmap -o noudev "/dev/rbd$device" || :
	done
	clean_pools
}

node_ok() {
	in_node_1 "$@"
	assert_equal "$code" 0 "$*"
}

node_refuses() { # WORDS VERB...
	local words=$1
	shift
	in_node_1 "$@"
	assert_equal "$code" 1 "$*" || return 1
	assert_equal "$out" "" || return 1
	[[ $err == *"$words"* ]] && return 0
	printf 'expected on stderr: %s\nactual: %s\n' "$words" "$err"
	return 1
}

@test "map prints the device, under a label that the driver never touches" {
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	node_ok image map kube/db
	assert_equal "$out" /dev/rbd0
	assert_equal "$(mapping 1 db label)" rbd-flexvolume.manual/db
	node 1 sh -c 'echo data >/dev/rbd0 && sync'
	node_ok gc
	assert_mapped 1 db 1
	node_ok status --json
	assert_equal "$(jq -c '.mappings[] | [.device, .imageName, .by, .user, .readOnly]' <<<"$out")" '["/dev/rbd0","db","manual","admin",false]'
	node_ok status --prometheus
	grep -qx 'rbd_flexvolume_mappings{by="manual"} 1' <<<"$out"
	grep -qx 'rbd_flexvolume_orphans 0' <<<"$out"
	grep -q '^rbd_flexvolume_info{version="[0-9.]*",mode="attach"} 1$' <<<"$out"
	grep -q '^rbd_flexvolume_mapping_size_bytes{device="rbd0",pool="kube",namespace="",image="db",.*by="manual",mode="rw"} 67108864$' <<<"$out"
	node_ok image unmap kube/db
	assert_mapped 1 db 0
	node_refuses 'is not mapped on this node' image unmap kube/db
	node_refuses 'there is no /dev/rbd7' image unmap /dev/rbd7
}

@test "features that the kernel does not serve are refused with the command that takes them away" {
	local command
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock,journaling
	node_refuses 'does not serve its features journaling' image map kube/db
	command=$(sed -nE 's/.*`rbd-flexvolume (image features disable [^`]*)`.*/\1/p' <<<"$err")
	assert_equal "$command" "image features disable kube/db journaling"
	# shellcheck disable=SC2086 # words on purpose
	node_ok $command
	node_ok image map kube/db
	node_ok image unmap /dev/rbd0 --json
	assert_equal "$out" '{"poolName":"kube","imageName":"db","device":"/dev/rbd0"}'
}

@test "what somebody has open for writing is mapped a second time only read-only, or on --guard none" {
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	node_ok image map kube/db
	node_refuses 'is mapped on this node as /dev/rbd0' image map kube/db
	node_ok image map kube/db --read-only
	assert_equal "$out" /dev/rbd1
	node_refuses 'is mapped 2 times on this node' image unmap kube/db
	node_ok image unmap /dev/rbd1
	# a librbd program elsewhere
	node_ok image unmap /dev/rbd0
	writer_start kube/db
	node_refuses 'is in use by' image map kube/db
	node_ok image map kube/db --guard none
	node_ok image unmap kube/db
	writer_end
	in_node_1 image map kube/db --guard watchers
	assert_equal "$code" 2
}

@test "what is mapped on this node, also read-only, is neither removed nor cut nor rolled back" {
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	lab rbd snap create --no-progress kube/db@a
	node_ok image map kube/db --read-only
	node_refuses 'is mapped on this node' image rm kube/db --yes
	node_refuses 'is mapped on this node' image rm kube/db --trash
	node_refuses 'is mapped on this node' image resize kube/db --size 32Mi --allow-shrink --yes
	node_refuses 'is mapped on this node' image snap rollback kube/db@a --yes
	node_ok image unmap kube/db
	node_ok image map kube/db@a
	assert_equal "$(node 1 cat /sys/bus/rbd/devices/0/current_snap)" a
	assert_equal "$(node 1 blockdev --getro /dev/rbd0)" 1
	node_refuses 'is mapped on this node' image snap rm kube/db@a --yes
	node_ok image unmap kube/db@a
	node_ok image snap rm kube/db@a --yes
	node_ok image rm kube/db --yes
}

# between MEANWHILE and the answer yes
asked_meanwhile() { # SHELL-LINE VERB...
	local line=$1
	shift
	run_it "$ROOT/test/lab/lab" run 1 --timeout 120 -- "MEANWHILE=$line" \
		"$ROOT/test/admin/on-terminal" yes "$DRIVER" "$@"
}

@test "what is mapped while a person reads the question is not pulled away after a yes" {
	local what verb
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	lab rbd snap create --no-progress kube/db@a
	while IFS='|' read -r what verb; do
		# shellcheck disable=SC2086 # words on purpose
		asked_meanwhile "'$DRIVER' image map $what --read-only >/dev/null" $verb
		assert_equal "$code" 1 "$verb" || return 1
		[[ $out == *"image $what is mapped on this node as /dev/rbd0"* ]] || return 1
		node_ok image unmap /dev/rbd0 || return 1
		image_exists kube/db@a || return 1
	done <<-'VERBS'
		kube/db@a|image snap rm kube/db@a
		kube/db|image snap rollback kube/db@a
		kube/db|image resize kube/db --size 32Mi --allow-shrink
		kube/db|image record clear kube/db
	VERBS
	node_ok image snap rm kube/db@a --yes
	asked_meanwhile "'$DRIVER' image map kube/db --read-only >/dev/null" image rm kube/db
	assert_equal "$code" 1
	[[ $out == *'image kube/db is mapped on this node as /dev/rbd0'* ]] || return 1
	assert_equal "$(image_state kube/db | jq .size)" 67108864
}

@test "what was put into the trash elsewhere while it is mapped here stays there" {
	local id
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	node_ok image map kube/db --read-only
	lab rbd trash mv kube/db
	id=$(lab rbd trash ls --format json kube | jq -r '.[0].id')
	node_refuses 'image kube/db is mapped on this node as /dev/rbd0' trash rm kube/db --yes
	node_refuses 'image kube/db is mapped on this node as /dev/rbd0' trash rm "kube/$id" --yes
	node_ok image unmap /dev/rbd0
	node_ok trash rm kube/db --yes
}

@test "a removal waits for the call that is at the image" {
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	node 1 mkdir -p /run/rbd-flexvolume/lock
	node 1 rm -f /run/held /run/given
	node 1 flock /run/rbd-flexvolume/lock/kube,,db sh -c 'touch /run/held; sleep 4; touch /run/given' 3>&- &
	within 20 node 1 test -e /run/held
	node_ok image rm kube/db --yes
	node 1 test -e /run/given
	wait $!
}

@test "unmap says who holds the device, and leaves the driver's own alone" {
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	node_ok image map kube/db
	node 1 sh -c 'mkfs.ext4 -q /dev/rbd0 && mkdir -p /mnt/db && mount /dev/rbd0 /mnt/db'
	node_refuses 'it is mounted at /mnt/db' image unmap kube/db
	node 1 umount /mnt/db
	node_ok image unmap rbd0
	MODE=attach up 1 6a1e mysql "$(options mysql size=64Mi pod=6a1e)"
	node_refuses 'was mapped by the driver, for volume mysql' image unmap kube/mysql
	node_refuses 'is mapped on this node' image rm kube/mysql --yes
	MODE=attach down 1 6a1e mysql
	node_ok image record show kube/mysql
	grep -qE '^format  formatted [0-9a-f-]{36}$' <<<"$out"
	grep -q '^holder  .*node1' <<<"$out"
}

@test "without the module, map loads it; a key and monitors may be named" {
	lab rbd create kube/db --size 64 --image-feature layering,exclusive-lock
	node 1 modprobe -r rbd
	node_ok image map kube/db -m 10.77.0.1 -k /etc/ceph/ceph.client.kube.keyring --id kube
	node_ok status --json
	assert_equal "$(jq -r '.mappings[].device' <<<"$out")" /dev/rbd0
	node_ok image unmap kube/db
}
