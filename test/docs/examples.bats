#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Every example of the pages is run and answers as it is written there.
# shellcheck source=test/docs/helpers.bash
load helpers

teardown() {
	[[ ! -e /run/rbd-lab/article ]] || lab --lab article down
	node 1 rm -rf /etc/rbd-flexvolume
	tidy 1
	for image in $(lab rbd ls "$POOL"); do
		lab rbd rm --no-progress "$POOL/$image"
	done
}

@test "docs/protocol.md: the examples that need no cluster" {
	bare docs/protocol.md
}

@test "README.md: the examples of a node" {
	in_node README.md
}

@test "docs/protocol.md: the examples of a node" {
	in_node docs/protocol.md
}

@test "docs/options.md: the examples of a node" {
	in_node docs/options.md
}

@test "docs/security.md: the examples of a node" {
	in_node docs/security.md
}

@test "docs/ceph.md: the examples of who runs the cluster" {
	as_admin docs/ceph.md
	assert_nothing_left 1
}

@test "docs/cluster.md: three monitors and three OSDs, ending in HEALTH_OK with three copies" {
	# a lab of its own, which goes with bats
	local script=$BATS_TEST_TMPDIR/script
	script_of docs/cluster.md lab | sed "s|lab/lab up|& --owner $(bats_process)|" >"$script"
	(cd "$ROOT" && LAB=article timeout 600 bash "$script" >"$BATS_TEST_TMPDIR/output" 2>&1)
	compare docs/cluster.md lab "$BATS_TEST_TMPDIR/output"
}

@test "docs/protocol.md: the line of the log is of that shape" {
	local shape written
	written=$(blocks docs/protocol.md 'text log' | cut -f 2-)
	node 1 bash -c 'exec /usr/bin/python3 -c "
import os, socket
if os.path.exists(\"/dev/log\"):
    os.unlink(\"/dev/log\")
s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
s.bind(\"/dev/log\")
print(\"ready\", flush=True)
print(s.recv(8192).decode().split(\">\", 1)[1])"' >"$BATS_TEST_TMPDIR/log" &
	within 60 grep -q ready "$BATS_TEST_TMPDIR/log"
	node 1 rbd-flexvolume isattached "$(options mysql pod=6a1e)" node1
	wait $!
	node 1 rm -f /dev/log
	shape='s/\[[0-9]+\]|ms=[0-9]+//g; s/: [a-z]+ /: VERB /; s/=[^ ]*/=/g'
	assert_equal "$(tail -n 1 "$BATS_TEST_TMPDIR/log" | sed -E "$shape")" \
		"$(sed -E "$shape" <<<"$written")"
}
