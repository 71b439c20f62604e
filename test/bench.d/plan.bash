# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2154
# What is run, in the node and on the machine itself: plans for timer.c. To be sourced.
# Needs: lab (the function and the name), programs, build, rounds, size, work.

readonly MONITORS=10.77.0.1:6789
readonly HOME_IN_NODE=/var/lib/bench
readonly KEYRING=/etc/ceph/ceph.client.kube.keyring

# The options as the kubelet sends them, without a space.
options() # VOLUME [MORE]
{
	printf '{"kubernetes.io/fsType":"ext4","kubernetes.io/readwrite":"rw","kubernetes.io/pvOrVolumeName":"%s","pool":"kube","image":"%s","user":"kube"%s}' \
		"$1" "$1" "${2:-}"
}

# An image with ext4 that was in use before, made by the driver itself.
prepare_node() # NODE
{
	local node=$1 driver=$build/rbd-flexvolume
	lab run "$node" -- mkdir -p /etc/rbd-flexvolume "$HOME_IN_NODE"/{volume,again,bare,peers,none}
	lab run "$node" -- mkdir -p "$HOME_IN_NODE"/first
	printf '{"attach":false}' | lab run "$node" -- tee /etc/rbd-flexvolume/config.json
	lab run "$node" -- "$driver" mount "$HOME_IN_NODE/volume" "$(options bench ',"size":"1Gi"')"
	lab run "$node" -- "$driver" unmount "$HOME_IN_NODE/volume"
}

part() # NAME LINE...
{
	printf 'begin %s\n' "$1"
	shift
	printf '%s\n' "$@"
	printf 'end\n'
}

# What takes a moment only is run five times in each round.
several()
{
	local i
	for ((i = 0; i < 5; i++)); do "$@"; done
}

plan_start()
{
	part empty.floor "run $programs/floor_empty"
	part init.driver "run $build/rbd-flexvolume init"
}

plan_small()
{
	local driver=$build/rbd-flexvolume at=$HOME_IN_NODE
	plan_start
	part nothing.driver "run $driver unmount $at/none"
	part refusal.driver "refused $driver mount $at/volume $(options bench ',"szie":"1Gi"')"
}

# Mount and unmount of what has a file system; each takes down what it brought up.
plan_mount()
{
	local driver=$build/rbd-flexvolume at=$HOME_IN_NODE
	part mount.driver "run $driver mount $at/volume $(options bench)"
	part again.driver "run $driver mount $at/volume $(options bench)"
	part further.driver "run $driver mount $at/again $(options bench)"
	part leave.driver "run $driver unmount $at/again"
	part unmount.driver "run $driver unmount $at/volume"
	part guard.floor "run $programs/floor_guard /etc/ceph/ceph.conf $KEYRING kube kube bench"
	part map.floor "run $programs/floor_map $MONITORS kube $KEYRING kube bench /dev/rbd0 $at/bare"
	part unmount.floor "run $programs/floor_unmap $at/bare 0"
	part mount.peers 'run rbd --id kube status kube/bench' \
		'run rbd --id kube map -o noudev kube/bench' \
		'run blkid -p -s TYPE -s PTTYPE -o export /dev/rbd0' \
		'run fsck -a /dev/rbd0' "run mount -t ext4 /dev/rbd0 $at/peers"
	part unmount.peers "run umount $at/peers" 'run rbd --id kube unmap -o noudev /dev/rbd0'
}

# Each round has images of its own.
plan_first() # PREFIX
{
	local driver=$build/rbd-flexvolume at=$HOME_IN_NODE/first down
	down="run $programs/floor_unmap $at 0"
	part first.driver "run $driver mount $at $(options "$1-d{r}" ",\"size\":\"${size}Gi\"")"
	printf 'run %s unmount %s\n' "$driver" "$at"
	part first.floor "run $programs/floor_first /etc/ceph/ceph.conf $KEYRING kube kube $1-f{r} $((size * 1024)) $MONITORS /dev/rbd0 $at"
	printf '%s\n' "$down"
	part first.peers "run rbd --id kube create --size ${size}G kube/$1-p{r}" \
		"run rbd --id kube feature disable kube/$1-p{r} object-map fast-diff deep-flatten" \
		"run rbd --id kube map -o noudev kube/$1-p{r}" \
		'run mkfs.ext4 -q -m0 -E nodiscard /dev/rbd0' "run mount -t ext4 /dev/rbd0 $at"
	printf '%s\n' "$down"
}

timed_in_node() # NODE FILE
{
	{
		several plan_small
		plan_mount
		plan_first "n$1"
	} >"$work/plan"
	lab run "$1" --timeout 1800 -- "$programs/timer" $((rounds + 1)) <"$work/plan" >"$2"
}

# What needs no rbd in the kernel, where nothing is slower than on any machine.
timed_here() # FILE
{
	local conf=${LAB_ROOT:-/run/rbd-lab}/$lab/node.conf driver=$build/rbd-flexvolume
	local keyring=${LAB_ROOT:-/run/rbd-lab}/$lab/ceph.client.kube.keyring
	local access="$conf $keyring kube kube"
	printf '{"clusters":{"default":{"monitors":"%s","user":"kube","keyring":"%s"}}}' \
		"$MONITORS" "$keyring" >"$work/config.json"
	{
		several plan_start
		part guard.driver "run $programs/room_guard $access bench"
		part guard.floor "run $programs/floor_guard $access bench"
		part create.driver "run $driver attach $(options "h$$-$RANDOM-d{r}" ',"size":"1Gi"') bench"
		part create.floor "run $programs/floor_first $access h$$-$RANDOM-f{r} 1024"
	} >"$work/plan"
	lab exec env RBD_FLEXVOLUME_CONFIG="$work/config.json" \
		"$programs/timer" $((rounds + 1)) <"$work/plan" >"$1"
}

# count NODE NAME ARGUMENT...: "NAME PROGRAMS FORKS": the programs that it ran besides itself, and
# the processes that it made, threads not counted.
count()
{
	local node=$1 name=$2 trace=/run/bench.trace
	shift 2
	lab run "$node" --timeout 300 -- strace -f -qq -o "$trace" \
		-e trace=execve,fork,vfork,clone,clone3 -e signal=none "$build/rbd-flexvolume" "$@" >"$work/answer"
	lab run "$node" -- awk -v name="$name" '
		/execve\(/ && !/ = -1 / { programs++ }
		/ (fork|vfork|clone3?)\(/ && !/CLONE_THREAD/ { forks++ }
		END { print name, programs - 1, forks + 0 }' "$trace"
}

count_in_node() # NODE FILE
{
	local node=$1 at=$HOME_IN_NODE
	{
		count "$node" init init
		count "$node" nothing unmount "$at/none"
		count "$node" mount mount "$at/volume" "$(options bench)"
		count "$node" again mount "$at/volume" "$(options bench)"
		count "$node" further mount "$at/again" "$(options bench)"
		lab run "$node" -- umount "$at/again"
		count "$node" unmount unmount "$at/volume"
		count "$node" first mount "$at/first" "$(options "n$node-count" ',"size":"1Gi"')"
		lab run "$node" -- "$build/rbd-flexvolume" unmount "$at/first" >"$work/answer"
	} >"$2"
}
