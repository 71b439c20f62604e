#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# bats runs each test in a process of its own
# shellcheck disable=SC2030,SC2031,SC2034
# The installer under a mounted volume: upgrade, way back, and what is refused.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"
source "${BATS_TEST_DIRNAME:?}/../install/bundles.bash"

PLUGINS=/var/lib/kubelet/volumeplugins
# what is installed goes by its own configuration
ENVIRONMENT=(RBD_FLEXVOLUME_CONFIG=)

setup_file() {
	export BUILD BUNDLES=$SHARE/1/bundles
	BUILD=$(dirname "$DRIVER")
	make_bundles
	# the one that is handed on, with its own loader and libraries; not in the build's directory,
	# where the run on another kernel may be making it, too
	"$ROOT/deploy/bundle/collect" "$DRIVER" 0.1.0 gcc "$BUNDLES/built/ceph~rbd"
	mv "$BUNDLES/built/ceph~rbd"/{rbd,.rbd-flexvolume-*} "$BUNDLES/built/"
}

setup() {
	V=installer$BATS_SUITE_TEST_NUMBER
	mkdir -p "$SHARE/1/secret"
	lab key kube >"$SHARE/1/secret/key"
	echo kube >"$SHARE/1/secret/user"
	echo '{"policy":{"pool":["kube"]}}' | tee "$SHARE/1/n.json" >"$SHARE/1/built.json"
	echo '{"policy":{"pool":["kube"]},"novelty":{}}' >"$SHARE/1/next.json"
	node 1 mkdir -p -m 0755 "$PLUGINS"
}

teardown() {
	touch "$BATS_TEST_TMPDIR/stop"
	wait
	tidy 1
	node 1 rm -rf "$PLUGINS"
}

# installer BUNDLE VERB ARG...: sets $said and $code
installer() {
	local bundle=$1 verb=$2
	shift 2
	code=0
	said=$(node 1 "/share/bundles/$bundle/rbd" "$verb" --plugin-dir "$PLUGINS" "$@" 2>&1) || code=$?
	printf '%s %s: exit %s: %s\n' "$bundle" "$verb" "$code" "$said"
}

install() { # BUNDLE ARG...
	local bundle=$1
	shift
	installer "$bundle" install --secret /share/secret --config "/share/$bundle.json" "$@"
	((code == 0))
}

assert_refused() { # WORDS...
	local words
	assert_equal "$code" 1 || return 1
	for words in "$@"; do
		[[ $said == *"$words"* ]] || { echo "not said: $words"; return 1; }
	done
}

version() {
	node 1 "$PLUGINS/ceph~rbd/rbd" version
}

@test "a volume stays up while N is replaced by N + 1 and back; mode and removal are refused, naming it" {
	local wanted device at
	wanted=$(options "$V" size=64Mi)
	install n
	assert_equal "$(version)" "rbd-flexvolume 0.1.0"
	DRIVER=$PLUGINS/ceph~rbd/rbd
	driver_ok 1 attach "$wanted" node1
	up 1 pod1 "$V" "$wanted"
	device=/dev/rbd$(mapping 1 "$V" id)
	at=$(pod_dir pod1 "$V")
	write_file 1 "$at/data"

	install next
	assert_equal "$(version)" "rbd-flexvolume 0.2.0"
	assert_mounted 1 "$at" rw "$V"
	assert_file 1 "$at/data" "$sum"
	driver_ok 1 mount "$at" "$wanted"

	installer next install --secret /share/secret --config /share/next.json --mode mount
	assert_refused "change from attach mode to mount mode" "$device" "volume $V" "kube/$V" \
		"$at" "$(global_dir "$V")"
	driver_ok 1 init
	assert_equal "$(jq .capabilities.attach <<<"$json")" true
	installer next uninstall
	assert_refused "uninstall: " "$device" "volume $V" "$at"
	driver_ok 1 init

	install n
	assert_equal "$(version)" "rbd-flexvolume 0.1.0"
	install next
	down 1 pod1 "$V"
	assert_nothing_left 1
	install next --mode mount
	driver_ok 1 init
	assert_equal "$(jq .capabilities.attach <<<"$json")" false
	installer next uninstall
	assert_equal "$code" 0
	node 1 sh -c "! ls -A $PLUGINS | grep ."
}

# A volume comes up and goes, again and again, until the file "stop" is there or a call fails. The
# number of rounds at the end, or the failure.
keep_going() { # VOLUME JSON
	local rounds=0
	until [[ -e $BATS_TEST_TMPDIR/stop ]]; do
		up 1 pod2 "$1" "$2" && assert_mounted 1 "$(pod_dir pod2 "$1")" rw "$1" && down 1 pod2 "$1" ||
			return 1
		rounds=$((rounds + 1))
		echo "$rounds" >"$BATS_TEST_TMPDIR/rounds.new"
		mv "$BATS_TEST_TMPDIR/rounds.new" "$BATS_TEST_TMPDIR/rounds"
	done
}

has_rounds() { # NUMBER: more than at the last call
	(($(<"$BATS_TEST_TMPDIR/rounds") > $1))
}

@test "volumes come up and go while the built bundle and N + 1 alternate, and one stays up all the time" {
	local wanted device at going bundle rounds
	MODE=mount DRIVER=$PLUGINS/ceph~rbd/rbd
	wanted=$(options "$V" size=64Mi)
	at=$(pod_dir pod1 "$V")
	install built --mode mount
	up 1 pod1 "$V" "$wanted"
	device=/dev/rbd$(mapping 1 "$V" id)
	write_file 1 "$at/data"

	echo 0 >"$BATS_TEST_TMPDIR/rounds"
	keep_going "$V-2" "$(options "$V-2" size=64Mi)" >"$BATS_TEST_TMPDIR/going" 2>&1 3>&- &
	going=$!
	for bundle in next built next built; do
		rounds=$(<"$BATS_TEST_TMPDIR/rounds")
		install "$bundle"
		# calls began with it, and ended
		within 120 has_rounds $((rounds + 1)) || { cat "$BATS_TEST_TMPDIR/going"; return 1; }
	done
	installer built install --secret /share/secret --config /share/built.json --mode attach
	assert_refused "change from mount mode to attach mode" "$device" "volume $V" "kube/$V" "$at"
	touch "$BATS_TEST_TMPDIR/stop"
	wait "$going" || { cat "$BATS_TEST_TMPDIR/going"; return 1; }

	driver_ok 1 init
	assert_equal "$(jq .capabilities.attach <<<"$json")" false
	assert_mounted 1 "$at" rw "$V"
	assert_file 1 "$at/data" "$sum"
	down 1 pod1 "$V"
	assert_nothing_left 1
	installer built uninstall
	assert_equal "$code" 0
}
