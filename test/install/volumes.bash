# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Mapped volumes without a kernel that has them: a folder that plays /sys for whoever is started by
# on_node, also while it runs. To be sourced after helpers.bash.

# on_node COMMAND...
on_node() {
	mkdir -p "$BATS_TEST_TMPDIR/sys/bus/rbd/devices"
	# shellcheck disable=SC2016 # for that shell
	own_mounts bash -c 'mount --bind "$1" /sys && shift && exec "$@"' - "$BATS_TEST_TMPDIR/sys" "$@"
}

# /dev/rbd3, of this driver, mounted nowhere
map_volume() {
	local at=$BATS_TEST_TMPDIR/sys/bus/rbd/devices/.3 file value
	mkdir -p "$at"
	while read -r file value; do
		echo "$value" >"$at/$file"
	done <<-'END'
		config_info 10.77.0.1:6789 name=kube,key=rbd-flexvolume/db kube image -
		major 252
		minor 48
		size 1073741824
		client_id client4123
		client_addr 10.77.0.11:0/2938470021
		cluster_fsid b0c1a5e2-52d5-4ad1-8e1e-6c1a3b8f9d00
		pool kube
		pool_ns
		name image
		image_id 10226b8b4567
		current_snap -
	END
	mv "$at" "${at%.3}3"
}

unmap_volume() {
	rm -r "$BATS_TEST_TMPDIR/sys/bus/rbd/devices/3"
}

# installer_on_node BUNDLE ARG...: sets $out, $err, $code
installer_on_node() {
	local bundle=$1
	shift
	code=0
	out=$(on_node "$bundle/rbd" "$@" 2>"$BATS_TEST_TMPDIR/err") || code=$?
	err=$(<"$BATS_TEST_TMPDIR/err")
	printf '%s: exit %s\n%s\n%s\n' "$*" "$code" "$out" "$err"
}

# Start and end of a call on that node that is held at its N-th system call.
hold() { # N COMMAND...
	local moment=$1
	shift
	rm -f "$BATS_TEST_TMPDIR"/go "$BATS_TEST_TMPDIR"/answer
	mkfifo "$BATS_TEST_TMPDIR/go"
	on_node "$BUNDLES/killer" --hold --at "caller:$moment" --timeout 60 -- "$@" \
		<"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/answer" 2>&1 3>&- &
	held=$!
	exec 4>"$BATS_TEST_TMPDIR/go"
	wait_until grep -q held "$BATS_TEST_TMPDIR/answer"
}

let_go() {
	echo >&4
	exec 4>&-
	wait "$held"
	cat "$BATS_TEST_TMPDIR/answer"
}
