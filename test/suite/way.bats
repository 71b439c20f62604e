#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# The whole way of a volume and back, and its data on another node.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=way$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1 2
}

@test "attach mode: made, mapped, formatted, mounted, written, and found again on another node" {
	local wanted device
	wanted=$(options "$V" size=64Mi)

	driver_ok 1 init
	assert_equal "$(jq -c .capabilities.attach <<<"$json")" true
	driver_ok 1 attach "$wanted" node1
	device=$(jq -r .device <<<"$json")
	assert_equal "$(image_size "$V")" $((64 << 20))
	assert_equal "$(image_features "$V")" exclusive-lock,layering
	driver_ok 1 waitforattach "$device" "$wanted"
	assert_equal "$(jq -r .device <<<"$json")" "$device"
	driver_ok 1 isattached "$wanted" node1
	assert_equal "$(jq -r .attached <<<"$json")" true
	# attachment is a reservation: none of these has mapped anything
	assert_nothing_left 1

	up 1 pod1 "$V" "$wanted"
	assert_mapped 1 "$V" 1
	assert_equal "$(mapping 1 "$V" label)" "rbd-flexvolume/$V"
	assert_mounted 1 "$(global_dir "$V")" rw "$V"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	assert_equal "$(node 1 readlink -f "$device")" "/dev/rbd$(mapping 1 "$V" id)"
	[[ $(image_record "$V" format) =~ ^formatted\ [0-9a-f-]{36}$ ]]
	write_file 1 "$(pod_dir pod1 "$V")/data"

	down 1 pod1 "$V"
	driver_ok 1 detach "$V" node1
	assert_nothing_left 1
	assert_count 0 "$(watchers "$V")"
	assert_sound "$V"

	up 2 pod1 "$V" "$wanted"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
}

@test "mount mode: one call brings it up with the secret that comes along, one takes it down, the data is on another node" {
	local wanted
	MODE=mount
	wanted=$(options "$V" size=64Mi pod=pod1 "secret=$(lab key kube)")

	driver_ok 1 init
	assert_equal "$(jq -c .capabilities.attach <<<"$json")" false
	up 1 pod1 "$V" "$wanted"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	# asked again, as the kubelet does
	up 1 pod1 "$V" "$wanted"
	assert_mapped 1 "$V" 1
	assert_count 1 "$(mounts 1)"
	down 1 pod1 "$V"
	assert_nothing_left 1
	down 1 pod1 "$V"

	up 2 pod1 "$V" "$wanted"
	assert_file 2 "$(pod_dir pod1 "$V")/data" "$sum"
	down 2 pod1 "$V"
	assert_nothing_left 2
	assert_sound "$V"
}

@test "mount mode: a node without keyring and ceph.conf needs no more than the secret and the monitors" {
	local wanted
	MODE=mount
	wanted=$(options "$V" size=64Mi -user monitors=10.77.0.1 "secret=$(lab key kube)" \
		kubernetes.io/secret/user="$(printf kube | base64)")
	node 1 mount -t tmpfs none /etc/ceph

	up 1 pod1 "$V" "$wanted"
	assert_mounted 1 "$(pod_dir pod1 "$V")" rw "$V"
	write_file 1 "$(pod_dir pod1 "$V")/data"
	down 1 pod1 "$V"
	assert_nothing_left 1
	up 1 pod1 "$V" "$wanted"
	assert_file 1 "$(pod_dir pod1 "$V")/data" "$sum"
	down 1 pod1 "$V"
	node 1 umount /etc/ceph
	assert_nothing_left 1
}

@test "a kubelet whose directory is reached through a link is served as well" {
	local wanted
	wanted=$(options "$V" size=64Mi)
	node 1 sh -c 'mkdir -p /data/real && rm -f /var/lib/kubelet-link && ln -s /data/real /var/lib/kubelet-link'
	for MODE in attach mount; do
		# each its own; in attach mode the global directory is linked too
		make_dir 1 "/var/lib/kubelet-link/pod/$V" "/var/lib/kubelet-link/global/$V"
		if [[ $MODE == attach ]]; then
			driver_ok 1 mountdevice "/var/lib/kubelet-link/global/$V" "" "$wanted"
			assert_mounted 1 "/data/real/global/$V" rw "$V"
		fi
		driver_ok 1 mount "/var/lib/kubelet-link/pod/$V" "$wanted"
		assert_mounted 1 "/data/real/pod/$V" rw "$V"
		driver_ok 1 mount "/var/lib/kubelet-link/pod/$V" "$wanted"
		assert_mapped 1 "$V" 1
		driver_ok 1 expandfs "$wanted" "" "/var/lib/kubelet-link/pod/$V" $((96 << 20)) $((64 << 20))
		driver_ok 1 unmount "/var/lib/kubelet-link/pod/$V"
		assert_not_mounted 1 "/data/real/pod/$V"
		[[ $MODE == mount ]] || driver_ok 1 unmountdevice "/var/lib/kubelet-link/global/$V"
		assert_nothing_left 1
	done
}

@test "a first monitor that is dead costs a second, not the call" {
	local wanted fastest=999999
	wanted=$(options "$V" size=64Mi monitors=10.77.0.99,10.77.0.1)

	make_dir 1 "$(global_dir "$V")"
	driver_ok 1 mountdevice "$(global_dir "$V")" "" "$wanted"
	assert_mounted 1 "$(global_dir "$V")" rw "$V"
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	# the fastest of three: what else the machine has to do is none of the monitor's costs
	for _ in 1 2 3; do
		driver_ok 1 mountdevice "$(global_dir "$V")" "" "$wanted"
		((milliseconds >= fastest)) || fastest=$milliseconds
		driver_ok 1 unmountdevice "$(global_dir "$V")"
	done
	milliseconds=$fastest
	assert_faster 9500 # a connection that is waited for takes ten seconds
	assert_nothing_left 1
}
