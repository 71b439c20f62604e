#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# install --wait: what the DaemonSet's pod runs.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031,SC2016 # the last: for eval, or another shell
load helpers

teardown() {
	end_jobs
	cat "$BATS_TEST_TMPDIR/log" 2>/dev/null || :
}

# start_waiter BUNDLE ARG...: until it has installed
start_waiter() {
	local bundle=$1
	shift
	: >"$BATS_TEST_TMPDIR/log"
	"$bundle/rbd" install --wait --plugin-dir "$plugins" "$@" >>"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	waiter=$!
	wait_until grep -q 'waiting for changes' "$BATS_TEST_TMPDIR/log"
}

installed_again() { # how often
	[[ $(grep -c '^installed again' "$BATS_TEST_TMPDIR/log") -ge $1 ]]
}

checked() {
	"$N/rbd" install --check --plugin-dir "$plugins"
}

ends_with() { # STATUS
	local status=0
	wait "$waiter" || status=$?
	assert_equal "$status" "$1"
}

@test "it installs, is ready, stays, and ends at once on SIGTERM with status 0" {
	start_waiter "$N"
	assert_installed "$N" "$N_NAME"
	checked
	kill -0 "$waiter"
	kill -TERM "$waiter"
	ends_with 0
	assert_installed "$N" "$N_NAME"
}

@test "as process 1 of a container it ends on SIGTERM, too" {
	: >"$BATS_TEST_TMPDIR/log"
	unshare --pid --fork --kill-child --mount-proc "$N/rbd" install --wait --plugin-dir "$plugins" \
		>>"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	waiter=$!
	wait_until grep -q 'waiting for changes' "$BATS_TEST_TMPDIR/log"
	kill -TERM "$(pgrep -P "$waiter")"
	ends_with 0
}

@test "it installs again when rbd vanishes or changes, when the version or all of it does" {
	local count=0
	start_waiter "$N"
	for harm in 'rm "$home/rbd"' 'rm "$home/$N_NAME/lib/libnumber1.so.1"' \
		'rm "$home/$N_NAME/.init.json"' 'mv "$home" "$BATS_TEST_TMPDIR/aside"'; do
		eval "$harm"
		count=$((count + 1))
		wait_until installed_again "$count"
		wait_until checked
		assert_installed "$N" "$N_NAME"
	done
	assert_equal "$(grep -v -e ^copied -e ^wrote -e ' starts ' -e 'is this driver' -e ^installed \
		-e ^installing -e ^replaced "$BATS_TEST_TMPDIR/log")" ""
}

@test "another Secret, swapped as Kubernetes does it, becomes another keyring" {
	secret_with key "$KEY" user kube
	start_waiter "$N" --secret "$secret"
	swap_secret key QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ== user kube
	wait_until installed_again 1
	grep -q 'key = QVFC' "$home/$N_NAME/.keyring"
	swap_secret key "$KEY" user other
	wait_until installed_again 2
	assert_equal "$(jq -r .clusters.default.user "$home/$N_NAME/.config.json")" other
	refute_secret "$(cat "$BATS_TEST_TMPDIR/log")"
}

@test "another configuration is installed; one that is refused is said, and tried again" {
	echo '{"log":{"level":"info"}}' >"$BATS_TEST_TMPDIR/c.json"
	start_waiter "$N" --config "$BATS_TEST_TMPDIR/c.json"
	echo '{"log":{"level":"debug"}}' >"$BATS_TEST_TMPDIR/c.json"
	wait_until installed_again 1
	assert_equal "$(jq -r .log.level "$home/$N_NAME/.config.json")" debug
	echo '{"lgo":{"level":"debug"}}' >"$BATS_TEST_TMPDIR/c.json"
	wait_until grep -q 'failed, to be tried again: .*unknown key "lgo"' "$BATS_TEST_TMPDIR/log"
	assert_equal "$(answer_of .status)" Success
	kill -0 "$waiter"
	echo '{"log":{"level":"error"}}' >"$BATS_TEST_TMPDIR/c.json"
	wait_until installed_again 2
	assert_equal "$(jq -r .log.level "$home/$N_NAME/.config.json")" error
}

@test "what it cannot do the first time ends it with status 1" {
	chmod 0777 "$plugins"
	"$N/rbd" install --wait --plugin-dir "$plugins" >"$BATS_TEST_TMPDIR/log" 2>&1 3>&- &
	waiter=$!
	ends_with 1
	grep -q 'others than root can write' "$BATS_TEST_TMPDIR/log"
}

@test "two that want different versions take turns ever more slowly" {
	start_waiter "$N"
	"$NEXT/rbd" install --wait --plugin-dir "$plugins" >"$BATS_TEST_TMPDIR/other" 2>&1 3>&- &
	other=$!
	wait_until installed_again 2
	kill "$other"
	wait "$other"
	(($(grep -c '^installed' "$BATS_TEST_TMPDIR/log") < 8))
	wait_until checked
}

harm_and_wait() { # COUNT HARM
	eval "$2"
	wait_until installed_again "$1"
	wait_until checked
}

@test "the kubelet sees one rename when it installs and when it installs again, none for another key" {
	secret_with key "$KEY" user kube
	events_of start_waiter "$N" --secret "$secret"
	assert_equal "$(driver_events)" "ceph~rbd moved_to"
	checked() { "$N/rbd" install --check --plugin-dir "$plugins" --secret "$secret"; }
	events_of harm_and_wait 1 ': >"$home/$N_NAME/lib/libnumber2.so.2"'
	assert_equal "$(driver_events)" "ceph~rbd/rbd moved_to"
	events_of harm_and_wait 2 'swap_secret key QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ== user kube'
	assert_equal "$(driver_events)" ""
	events_of harm_and_wait 3 'rm "$home/rbd"'
	assert_equal "$(driver_events)" "ceph~rbd/rbd delete"$'\n'"ceph~rbd/rbd moved_to"
}
