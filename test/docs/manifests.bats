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
	for file in deploy/examples/{attach,mount}-mode.yaml; do
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

# use FILE: every volume of it is brought up for its pod in mount mode, written where it may be, and
# taken down; sets $used, how many they were.
use() {
	local volume plain mount folder
	# shellcheck disable=SC2034 # for call
	MODE=mount
	used=0
	KEY=$(lab key kube) MONITORS=10.77.0.1 "$ROOT/test/docs/render" "$ROOT/deploy/examples/$1" >"$BATS_TEST_TMPDIR/rendered"
	while IFS=$'\t' read -r volume plain mount; do
		folder=$(pod_dir 6a1e "$volume")
		make_dir 1 "$folder"
		driver_ok 1 mount "$folder" "$mount" || return 1
		if [[ $plain == *'"readOnly":"true"'* ]]; then
			assert_mounted 1 "$folder" ro "$(jq -r .image <<<"$plain")" || return 1
		else
			assert_mounted 1 "$folder" rw "$(jq -r .image <<<"$plain")" || return 1
			write_file 1 "$folder/hello"
		fi
		driver_ok 1 unmount "$folder" || return 1
		used=$((used + 1))
	done <"$BATS_TEST_TMPDIR/rendered"
	assert_nothing_left 1
}

@test "statefulset.yaml: each pod's claim gets its volume, made, written and unmounted" {
	use statefulset.yaml
	assert_equal "$used" 3
	assert_equal "$(lab rbd ls "$POOL" | sort | tr '\n' ' ')" 'db-0 db-1 db-2 '
}

@test "storage-class.yaml and inline-volume.yaml: the volumes are made, written and unmounted" {
	use storage-class.yaml
	assert_equal "$used" 1
	use inline-volume.yaml
	assert_equal "$used" 1
	assert_equal "$(image_size inline)" $((1 << 30))
}

@test "read-only-clone.yaml: the clone is written, the snapshot read" {
	local base
	base=$("$ROOT/test/docs/render" "$ROOT/deploy/examples/storage-class.yaml" | cut -f 3)
	# shellcheck disable=SC2034 # for call
	MODE=mount
	base=$(jq -c --arg key "$(lab key kube | base64 -w0)" '.["kubernetes.io/secret/key"] = $key | .monitors = "10.77.0.1" | .image = "golden" | .size = "1Gi"' <<<"$base")
	make_dir 1 "$(pod_dir 6a1e notes)"
	driver_ok 1 mount "$(pod_dir 6a1e notes)" "$base"
	write_file 1 "$(pod_dir 6a1e notes)/golden"
	driver_ok 1 unmount "$(pod_dir 6a1e notes)"
	lab rbd snap create "$POOL/golden@v1"
	lab rbd snap protect "$POOL/golden@v1"
	use read-only-clone.yaml
	assert_equal "$used" 2
	[[ $(lab rbd info "$POOL/seeded") == *"parent: $POOL/golden@v1"* ]] || return 1
	lab rbd rm --no-progress "$POOL/seeded"
	lab rbd snap unprotect "$POOL/golden@v1"
	lab rbd snap purge "$POOL/golden"
}
