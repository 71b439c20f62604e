#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# A node that starts, or loses, many pods at once.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

COUNT=20

# The kubelet asks again what did not come up in time; here each must come up at once, however busy the
# machine is that plays cluster and nodes.
setup_file() {
	config patient '{"attach": false, "deadlines": {"call": 120, "connect": 120, "map": 240}}'
}

setup() {
	V=many$BATS_SUITE_TEST_NUMBER
	MODE=patient
	LIMIT=400
}

teardown() {
	tidy 1
}

come() { # NUMBER
	driver_ok 1 mount "$(pod_dir "pod$1" "$V-$1")" "$(options "$V-$1" size=16Mi)"
}

leave_own() { # NUMBER
	down 1 "pod$1" "$V-$1"
}

@test "20 volumes are made and come up at once, each with a device and contents of its own, and go at once" {
	local numbers all mapped i
	mapfile -t numbers < <(seq "$COUNT")
	node 1 sh -c 'for i in $(seq "$2"); do mkdir -p "/var/lib/kubelet/pods/pod$i/volumes/ceph~rbd/$1-$i"; done' \
		- "$V" "$COUNT"
	together come "${numbers[@]}"
	all=$(mounts 1)
	assert_count "$COUNT" "$all"
	assert_count "$COUNT" "$(cut -d' ' -f1 <<<"$all" | sort -u)"
	mapped=$(mappings 1)
	assert_count "$COUNT" "$(cut -d' ' -f2 <<<"$mapped" | sort -u)"
	for i in "${numbers[@]}"; do
		assert_equal "$(awk -v dir="$(pod_dir "pod$i" "$V-$i")" '$2 == dir { print $1 }' <<<"$all")" \
			"$(awk -v image="$POOL/$V-$i" '$2 == image { print $5 }' <<<"$mapped")"
	done
	node 1 sh -c 'for i in $(seq "$2"); do echo "volume $i" >"/var/lib/kubelet/pods/pod$i/volumes/ceph~rbd/$1-$i/name"; done' \
		- "$V" "$COUNT"
	together leave_own "${numbers[@]}"
	assert_nothing_left 1

	# each wrote to its own
	for i in 1 7 "$COUNT"; do
		up 1 "pod$i" "$V-$i" "$(options "$V-$i")"
		assert_equal "$(node 1 cat "$(pod_dir "pod$i" "$V-$i")/name")" "volume $i"
		down 1 "pod$i" "$V-$i"
	done
	assert_nothing_left 1
}

same() { # NUMBER
	up 1 "pod$1" "$V" "$(options "$V" size=16Mi)"
}

leave() { # NUMBER
	down 1 "pod$1" "$V"
}

@test "8 pods of one volume come at once and share one mapping, and go at once" {
	local numbers
	mapfile -t numbers < <(seq 8)
	together same "${numbers[@]}"
	assert_mapped 1 "$V" 1
	assert_count 8 "$(mounts 1)"
	together leave "${numbers[@]}"
	assert_nothing_left 1
	assert_sound "$V"
}
