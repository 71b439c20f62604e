#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The built bundle as the DaemonSet's pod runs it, from a read-only root and with next to no rights.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

setup_file() {
	# shellcheck disable=SC2153 # that is the suite's
	export BUNDLE=$BUILD/bundle/ceph~rbd
	cmake --build "$BUILD" --target bundle
}

# What a pod sees of the node: a Secret, and a /sys with or without a mapped image.
node_with() { # [MAPPED]
	local at=$BATS_TEST_TMPDIR/sys/bus/rbd/devices/3 name value
	mkdir -p "$BATS_TEST_TMPDIR/root" "$BATS_TEST_TMPDIR/sys/bus/rbd/devices"
	secret_with key "$KEY" user kube
	[[ ${1:-} ]] || return 0
	# its device is the one of the node's own root, so that process 1 has it mounted at /
	name=$(awk '$5 == "/" { print $3; exit }' /proc/1/mountinfo)
	mkdir "$at"
	while read -r name value; do
		printf '%s\n' "$value" >"$at/$name"
	done <<-END
		config_info 10.77.0.1:6789 name=kube,key=rbd-flexvolume/db kube db -
		major ${name%:*}
		minor ${name#*:}
		size 1073741824
		client_id client4123
		client_addr 10.77.0.11:0/2938470021
		cluster_fsid b0c1a5e2-52d5-4ad1-8e1e-6c1a3b8f9d00
		pool kube
		pool_ns
		name db
		image_id 10226b8b4567
		current_snap -
	END
}

in_pod() { # ARG...
	"$ROOT/test/install/in-pod" "$BATS_TEST_TMPDIR/root" "$BUNDLE" "$plugins" "$secret" \
		"$BATS_TEST_TMPDIR/sys" "$@"
}

# pod CODE VERB ARG...: with the words of the DaemonSet; sets $said
pod() {
	local want=$1 verb=$2 code=0
	shift 2
	said=$(in_pod "$verb" --plugin-dir "$plugins" "$@" 2>&1 </dev/null) || code=$?
	printf '%s %s: exit %s: %s\n' "$verb" "$*" "$code" "$said"
	assert_equal "$code" "$want"
}

with_secret=(--secret /etc/rbd-flexvolume/secret)

start_pod() { # ARG...
	"$ROOT/test/install/in-pod" "$BATS_TEST_TMPDIR/root" "$BUNDLE" "$plugins" "$secret" \
		"$BATS_TEST_TMPDIR/sys" install --plugin-dir "$plugins" --wait "$@" \
		>"$BATS_TEST_TMPDIR/log" 2>&1 </dev/null 3>&- &
	waiter=$!
	wait_until grep -q 'waiting for changes' "$BATS_TEST_TMPDIR/log"
}

status_of() { # NAME
	sed -n "s/^$1:[[:space:]]*//p" "/proc/$waiter/status"
}

@test "in the pod it installs, checks, follows the Secret, makes good what is harmed, ends on SIGTERM" {
	local name
	name=$(basename "$BUNDLE"/.rbd-flexvolume-*)
	node_with
	install "$N"
	start_pod --mode mount "${with_secret[@]}"
	# no more than it is to have
	assert_equal "$(status_of CapEff) $(status_of CapBnd) $(status_of NoNewPrivs)" \
		"0000000000080000 0000000000080000 1"
	assert_installed "$BUNDLE" "$name" "$N_NAME"
	assert_equal "$(answer_of)" false
	pod 0 install --mode mount "${with_secret[@]}" --check
	swap_secret key QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ== user kube
	wait_until grep -q '^installed again' "$BATS_TEST_TMPDIR/log"
	grep -q 'key = QVFC' "$home/$name/.keyring"
	rm "$home/rbd"
	wait_until test -x "$home/rbd"
	wait_until in_pod install --plugin-dir "$plugins" --mode mount "${with_secret[@]}" --check
	kill -TERM "$waiter"
	wait "$waiter"
	assert_installed "$BUNDLE" "$name" "$N_NAME"
	refute_secret "$(cat "$BATS_TEST_TMPDIR/log")"
}

@test "in the pod the node's mounts are seen: another mode and the removal are refused under a volume" {
	local before
	node_with mapped
	pod 0 install --mode mount "${with_secret[@]}"
	before=$(state)
	pod 1 install --mode attach "${with_secret[@]}"
	[[ $said == *"/dev/rbd3 (volume db, image kube/db, mounted at /"* ]]
	pod 1 uninstall
	[[ $said == *"/dev/rbd3 (volume db, image kube/db, mounted at /"* ]]
	assert_equal "$(state)" "$before"
	rm -r "$BATS_TEST_TMPDIR/sys/bus/rbd/devices/3"
	pod 0 install --mode attach "${with_secret[@]}"
	assert_equal "$(answer_of)" true
	pod 0 uninstall
	assert_equal "$(names "$plugins")" ''
}
