#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The driver in roots that have no library of it: on this machine's kernel, against a real cluster.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

# What needs neither cluster nor kernel client, KIND being the root.
local_verbs() {
	local kind=$1 version words code=0
	version=$(sed -n 's/^project(rbd-flexvolume VERSION \([0-9.]*\) .*/\1/p' "$ROOT/CMakeLists.txt")
	answer in_root "$kind" "$DRIVER" init || return 1
	assert_equal "$status" Success || return 1
	assert_equal "$(jq -c .capabilities.attach <<<"$json")" true || return 1
	answer in_root "$kind" "$DRIVER" mount "$PLUGIN" '{"pool": "kube", "imgae": "a"}' || return 1
	assert_equal "$status" Failure || return 1
	message_has imgae image || return 1
	answer in_root "$kind" "$DRIVER" getvolumename '{}' || return 1
	assert_equal "$status" "Not supported" || return 1

	assert_equal "$(in_root "$kind" "$DRIVER" version)" "rbd-flexvolume $version" || return 1
	words=$(in_root "$kind" "$DRIVER" help) || return 1
	[[ $words == *doctor*waitforattach* ]] || return 1
	words=$(in_root "$kind" "$DRIVER" status --json) || return 1
	assert_equal "$(jq -c .mappings <<<"$words")" '[]' || return 1
	# it finds much wrong here, but not its libraries and programs
	words=$(in_root "$kind" "$DRIVER" doctor --json) || code=$?
	((code == 1)) || { echo "doctor: exit $code"; return 1; }
	assert_equal "$(jq -r '.findings[] | select(.what | IN("mke2fs", "e2fsck", "mkfs.xfs", "ceph")) |
		"\(.what) \(.verdict)"' <<<"$words")" \
		"$(printf '%s good\n' mke2fs e2fsck mkfs.xfs ceph)"
}

# One more image in the cluster, KIND being the root, which has no configuration of Ceph.
attaches() {
	local wanted
	wanted=$(options "$1" size=64Mi monitors=10.77.0.1 "secret=$(lab key kube)")
	[[ ! -e $ROOTS/$1/etc/ceph ]] || return 1
	answer in_root "$1" "$DRIVER" attach "$wanted" node1 || return 1
	assert_equal "$status" Success || return 1
	assert_equal "$(image_size "$1")" $((64 << 20)) || return 1
	assert_equal "$(image_features "$1")" exclusive-lock,layering || return 1
	answer in_root "$1" "$DRIVER" attach "$(jq -c '.image = "no/name"' <<<"$wanted")" node1 || return 1
	assert_equal "$status" Failure
}

@test "a root with nothing but the bundle: init, refusals, version, help, status, doctor" {
	assert_equal "$(cd "$ROOTS/empty" && find . -type f ! -path ".$PLUGIN/*")" ""
	local_verbs empty
}

@test "a root with nothing but the bundle: attach makes an image" {
	attaches empty
}

@test "a musl root like Alpine's: init, refusals, version, help, status, doctor" {
	[[ $(in_root musl /bin/sh -c '/lib/ld-musl-*.so.1 2>&1; ls /lib') == *musl*ld-musl* ]]
	[[ ! -e $ROOTS/musl/lib64 ]]
	local_verbs musl
}

@test "a musl root like Alpine's: attach makes an image" {
	attaches musl
}

@test "a Debian 11 root: init, refusals, version, help, status, doctor" {
	[[ $(in_root debian11 /usr/bin/ldd --version) == *' 2.31'* ]]
	[[ $(in_root debian11 /bin/cat /etc/debian_version) == 11.* ]]
	# what the loader would take, if it could
	run ! in_root debian11 /lib64/ld-linux-x86-64.so.2 \
		"$PLUGIN/$(basename "$BUNDLE"/.rbd*)/rbd-flexvolume" init
	local_verbs debian11
}

@test "a Debian 11 root: attach makes an image" {
	attaches debian11
}

@test "a host's preload, cache, openssl.cnf and nsswitch.conf for another C library change nothing" {
	local tree=$ROOTS/debian11 wanted
	mkdir -p "$tree/etc/ssl" "$tree/usr/lib/ssl"
	# one that is there, and one that is not
	printf '/lib/x86_64-linux-gnu/libnsl.so.1\n/lib/not-there.so\n' >"$tree/etc/ld.so.preload"
	printf 'openssl_conf = a\n[a]\nproviders = b\n[b]\nc = d\n[d]\nmodule = /none\nactivate = 1\n' |
		tee "$tree/etc/ssl/openssl.cnf" >"$tree/usr/lib/ssl/openssl.cnf"
	printf 'hosts: compat none\npasswd: none\n' >"$tree/etc/nsswitch.conf"
	printf '10.77.0.1 mon-a.test\n' >"$tree/etc/hosts"
	# the host's own programs are shown what the driver is not
	[[ $(in_root debian11 /bin/true 2>&1) == *'cannot be preloaded'* ]]

	answer in_root debian11 "$DRIVER" init
	assert_equal "$status" Success
	wanted=$(options preload size=32Mi monitors=mon-a.test "secret=$(lab key kube)")
	answer in_root debian11 "$DRIVER" attach "$wanted" node1
	assert_equal "$status" Success
	image_exists preload
	rm "$tree/etc/ld.so.preload"
}
