#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The manifests can be copied: the driver takes what the kubelet makes of them.
# shellcheck source=test/docs/helpers.bash
load helpers

teardown() {
	tidy 1
	for image in $(lab rbd ls "$POOL"); do
		lab rbd rm --no-progress "$POOL/$image"
	done
}

render() { # FILE: sets $volume, $plain and $mount
	local line
	line=$("$ROOT/test/docs/render" "$ROOT/deploy/examples/$1") || return 1
	assert_equal "$(grep -c . <<<"$line")" 1 || return 1
	IFS=$'\t' read -r volume plain mount <<<"$line"
}

@test "the README's manifests are those of deploy/examples" {
	local file
	for file in "$ROOT"/deploy/examples/*.yaml; do
		file=deploy/examples/${file##*/}
		diff <(grep -v SPDX "$ROOT/$file") <(blocks README.md "yaml $file" | cut -f 2-)
	done
}

@test "mount-mode.yaml: the volume is made, mounted with the Secret, written and unmounted" {
	local volume plain mount
	# shellcheck disable=SC2034 # for call
	MODE=mount
	KEY=$(lab key kube) MONITORS=10.77.0.1 render mount-mode.yaml
	make_dir 1 "$(pod_dir 6a1e "$volume")"
	driver_ok 1 mount "$(pod_dir 6a1e "$volume")" "$mount"
	assert_mounted 1 "$(pod_dir 6a1e "$volume")" rw mysql
	assert_equal "$(image_size mysql)" $((10 << 30))
	write_file 1 "$(pod_dir 6a1e "$volume")/hello"
	driver_ok 1 unmount "$(pod_dir 6a1e "$volume")"
	assert_nothing_left 1
}

@test "attach-mode.yaml: attached, mounted for the pod, written and taken down" {
	local volume plain mount
	render attach-mode.yaml
	driver_ok 1 attach "$plain" node1
	assert_equal "$(image_size wiki)" $((10 << 30))
	make_dir 1 "$(global_dir "$volume")" "$(pod_dir 6a1e "$volume")"
	driver_ok 1 mountdevice "$(global_dir "$volume")" "/dev/rbd-flexvolume/$volume" "$plain"
	driver_ok 1 mount "$(pod_dir 6a1e "$volume")" "$mount"
	assert_mounted 1 "$(pod_dir 6a1e "$volume")" rw wiki
	down 1 6a1e "$volume"
	driver_ok 1 detach "$volume" node1
	assert_nothing_left 1
}
