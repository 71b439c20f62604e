#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# mapOptions and msMode: what reaches the kernel, and what never does.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=mapopt$BATS_SUITE_TEST_NUMBER
	MODE=mount
	make_dir 1 "$(pod_dir pod1 "$V")"
}

teardown() {
	tidy 1
}

# The words of the only mapping of node 1: monitors, options.
map_words() {
	node 1 sh -c 'cat /sys/bus/rbd/devices/*/config_info' | awk '{ print $1, $2 }'
}

# as_mode MSMODE MONITORS-REGEX WORD: comes up, mapped with that.
as_mode() {
	config "$1" '{"attach": false, "clusters": {"default": {"msMode": "'"$1"'"}}}'
	MODE=$1
	up 1 pod1 "$V" "$(options "$V" size=64Mi)" || return 1
	map_words | grep -E "^$2 " | grep -qE "$3" || { map_words; return 1; }
	write_file 1 "$(pod_dir pod1 "$V")/data" || return 1
	down 1 pod1 "$V" || return 1
	assert_nothing_left 1
}

# As deep as the kernel made it; with a scheduler the queue shows twice that.
depth() {
	node 1 cat "/sys/block/rbd$(mapping 1 "$V" id)/queue/nr_requests"
}

@test "the volume's options reach the kernel behind those of the configuration" {
	local deep
	config queued '{"attach": false, "clusters": {"default": {"mapOptions": "queue_depth=64,notrim"}}}'
	MODE=queued
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	[[ $(map_words) == *,queue_depth=64,notrim ]]
	deep=$(depth)
	down 1 pod1 "$V"
	up 1 pod1 "$V" "$(options "$V" mapOptions=lock_timeout=30,alloc_size=4096,queue_depth=32)"
	[[ $(map_words) == *,queue_depth=64,notrim,lock_timeout=30,alloc_size=4096,queue_depth=32 ]]
	assert_equal $(($(depth) * 2)) "$deep"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "each option of the table is taken by this kernel, or the message says which kernel has it" {
	local option
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	down 1 pod1 "$V"
	for option in queue_depth=16 lock_on_read lock_timeout=10 notrim abort_on_full alloc_size=65536 \
		'crush_location=host:n1|rack:r1' read_from_replica=localize \
		compression_hint=incompressible osdkeepalive=10 osd_idle_ttl=30 tcp_nodelay; do
		echo "$option"
		driver_ok 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" "mapOptions=$option")"
		driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	done
	call 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" mapOptions=rxbounce)"
	if [[ $(printf '5.17\n%s\n' "$KERNEL" | sort -V | head -1) == 5.17 ]]; then
		assert_equal "$status" Success
		down 1 pod1 "$V"
	else
		assert_equal "$status" Failure
		message_has "rxbounce (Linux 5.17)" EINVAL
	fi
	assert_nothing_left 1
}

# never REGEX VALUE: refused before anything is made.
never() {
	driver_fails "$1" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" size=64Mi "mapOptions=$2")" || return 1
	assert_no_image "$V" || return 1
	assert_nothing_left 1
}

@test "what the driver sets by itself, loses data or is unknown is refused with the reason" {
	never "osd_request_timeout may not be given: it loses writes" osd_request_timeout=30
	never "exclusive may not be given: the option guard" exclusive
	never "ro may not be given" ro
	never "noshare may not be given" notrim,noshare
	never "secret may not be given" secret=abc
	never "name may not be given" name=admin
	never "ms_mode may not be given" ms_mode=legacy
	never "mount_timeout may not be given" mount_timeout=0
	never "_pool_ns may not be given" _pool_ns=other
	never "nocephx_sign_messages may not be given" nocephx_sign_messages
	never "force may not be given" force
	never "did you mean queue_depth" queue_deph=4
	never "alloc_size" alloc_size=5000
	never "read_from_replica" read_from_replica=all
	never "notrim has no value" notrim=1
	never "mapOptions" "queue_depth=4 ro"
	never "mapOptions" "queue_depth=4,,notrim"
	config wrong '{"attach": false, "clusters": {"default": {"mapOptions": "osd_request_timeout=5"}}}'
	MODE=wrong
	driver_fails "it loses writes" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" size=64Mi)"
	assert_no_image "$V"
}

@test "msMode chooses protocol and port: second and encrypted, second, first" {
	as_mode secure '10\.77\.0\.1:3300' ',ms_mode=secure(,|$)'
	as_mode crc '10\.77\.0\.1:3300' ',ms_mode=crc(,|$)'
	as_mode prefer-secure '10\.77\.0\.1:3300' ',ms_mode=prefer-secure(,|$)'
	as_mode legacy '10\.77\.0\.1:6789' '^[^ ]* name=kube,key=[^,]*,mount_timeout=[0-9]+$'
	as_mode auto '10\.77\.0\.1:6789' '^[^ ]* name=kube,key=[^,]*,mount_timeout=[0-9]+$'
}

@test "a mode that none of the listed monitors has is refused, and nothing is left" {
	config secureonly '{"attach": false, "clusters": {"default": {"msMode": "secure", "monitors": "10.77.0.1:6789"}}}'
	MODE=secureonly
	driver_fails "msMode \"secure\"" 1 mount "$(pod_dir pod1 "$V")" "$(options "$V" size=64Mi)"
	message_has 3300
	assert_no_image "$V"
	assert_nothing_left 1
	# a bare address stands for both
	config securebare '{"attach": false, "clusters": {"default": {"msMode": "secure", "monitors": "10.77.0.1"}}}'
	MODE=securebare
	up 1 pod1 "$V" "$(options "$V" size=64Mi)"
	[[ $(map_words) == 10.77.0.1:3300\ *ms_mode=secure* ]]
	down 1 pod1 "$V"
	assert_nothing_left 1
}
