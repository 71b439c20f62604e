#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# Ceph's libraries are opened by the calls that need a cluster, and by no other; those work where
# there is no Ceph at all.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=noceph$BATS_SUITE_TEST_NUMBER
}

teardown() {
	tidy 1
}

# The directory of the bundle, where DRIVER is one.
bundle() {
	compgen -G "${DRIVER%/*}/.rbd-flexvolume-*/ld.so" | sed 's|/ld\.so$||'
}

# What the dynamic loader has opened of Ceph in the calls since `watch_loader`, by pid. A bundle's
# launcher keeps what it is told from its loader: the driver is called as the launcher does.
watch_loader() {
	node 1 sh -c 'rm -rf /tmp/loader && mkdir -m 0777 /tmp/loader'
	if [[ $(bundle) ]]; then
		node 1 sh -c 'printf "#!/bin/sh\nexec %s/ld.so --inhibit-cache --library-path %s/lib %s/%s \"\$@\"\n" \
			"$1" "$1" "$1" rbd-flexvolume >/tmp/loader/driver && chmod +x /tmp/loader/driver' - "$(bundle)"
		DRIVER=/tmp/loader/driver
	fi
	ENVIRONMENT=(LD_DEBUG=files LD_DEBUG_OUTPUT=/tmp/loader/of)
}

ceph_opened() {
	node 1 sh -c 'grep -hoE "file=lib(rados|rbd|ceph)[^ ]*" /tmp/loader/of.* | sort -u'
}

assert_no_ceph_opened() {
	node 1 sh -c 'grep -q "file=libc\.so" /tmp/loader/*' || { echo "the loader was not watched"; return 1; }
	assert_equal "$(ceph_opened)" ""
}

@test "a first mount opens librados: the look at the loader does see it" {
	watch_loader
	up 1 pod1 "$V" "$(options "$V" size=32Mi)"
	[[ $(ceph_opened) == *librados* ]]
	ENVIRONMENT=()
	down 1 pod1 "$V"
	assert_nothing_left 1
}

@test "attach mode: init, waitforattach, isattached, repeated calls, a further pod, refusals and the way down open no Ceph library" {
	local wanted
	wanted=$(options "$V" size=32Mi)
	up 1 pod1 "$V" "$wanted"

	watch_loader
	driver_ok 1 init
	driver_ok 1 waitforattach "" "$wanted"
	driver_ok 1 isattached "$wanted" node1
	driver_ok 1 mountdevice "$(global_dir "$V")" "" "$wanted"
	driver_ok 1 mount "$(pod_dir pod1 "$V")" "$wanted"
	make_dir 1 "$(pod_dir pod2 "$V")"
	driver_ok 1 mount "$(pod_dir pod2 "$V")" "$wanted"
	driver_fails "sise" 1 mount "$(pod_dir pod3 "$V")" "$(options "$V" sise=32Mi)"
	driver_fails "as volume $V" 1 mountdevice "$(global_dir "other$V")" "" "$(options "other$V" image="$V")"
	driver_fails "still mounted" 1 detach "$V" node1
	driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	driver_ok 1 detach "$V" node1
	assert_no_ceph_opened
	assert_nothing_left 1
}

@test "mount mode: init, a repeated mount, a further pod, another key and the way down open no Ceph library" {
	local wanted
	MODE=mount
	wanted=$(options "$V" size=32Mi "secret=$(lab key kube)")
	up 1 pod1 "$V" "$wanted"

	watch_loader
	driver_ok 1 init
	driver_ok 1 mount "$(pod_dir pod1 "$V")" "$wanted"
	make_dir 1 "$(pod_dir pod2 "$V")" "$(pod_dir pod3 "$V")"
	driver_ok 1 mount "$(pod_dir pod2 "$V")" "$wanted"
	driver_fails "another key" 1 mount "$(pod_dir pod3 "$V")" \
		"$(options "$V" "secret=$(ceph-authtool --gen-print-key)")"
	driver_ok 1 unmount "$(pod_dir pod3 "$V")"
	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	assert_no_ceph_opened
	assert_nothing_left 1
}

# In the node as in one where Ceph was never installed.
hide_ceph() {
	node 1 sh -c 'for i in /usr/lib/*/librados.so* /usr/lib/*/librbd.so* "$1"/lib/librados.so* "$1"/lib/librbd.so*; do
		[ -L "$i" ] || [ ! -e "$i" ] || mount --bind /dev/null "$i" || exit 1
	done' - "$(bundle)"
}

show_ceph() {
	node 1 sh -c 'for i in /usr/lib/*/librados.so* /usr/lib/*/librbd.so* "$1"/lib/librados.so* "$1"/lib/librbd.so*; do
		[ -L "$i" ] || [ ! -e "$i" ] || umount "$i" || exit 1
	done' - "$(bundle)"
}

@test "where Ceph is not installed all calls but a first mount work, and that one says what to install" {
	local wanted
	wanted=$(options "$V" size=32Mi)
	up 1 pod1 "$V" "$wanted"
	hide_ceph

	driver_ok 1 init
	driver_ok 1 attach "$(options "other$V" size=32Mi)" node1
	driver_ok 1 waitforattach "" "$wanted"
	driver_ok 1 isattached "$wanted" node1
	driver_ok 1 mountdevice "$(global_dir "$V")" "" "$wanted"
	make_dir 1 "$(pod_dir pod2 "$V")" "$(global_dir "other$V")"
	driver_ok 1 mount "$(pod_dir pod2 "$V")" "$wanted"
	driver_fails "librados" 1 mountdevice "$(global_dir "other$V")" "" "$(options "other$V" size=32Mi)"
	message_has install "other$V"
	if [[ $(bundle) ]]; then message_has "$(bundle)/lib" rbd-flexvolume; else message_has librados2; fi
	assert_mapped 1 "other$V" 0
	driver_ok 1 unmount "$(pod_dir pod2 "$V")"
	driver_ok 1 unmount "$(pod_dir pod1 "$V")"
	driver_ok 1 unmountdevice "$(global_dir "$V")"
	driver_ok 1 detach "$V" node1
	assert_nothing_left 1
	show_ceph
	assert_no_image "other$V"
}
