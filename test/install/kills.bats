#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An installer that is killed, two at once, calls while versions are switched, what a kubelet sees.

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

setup_file() {
	# KILL_SEED=N plays the same moments again
	export KILL_SEED=${KILL_SEED:-$RANDOM}
}

# killed MOMENT BUNDLE ARG...: an install that is killed when it enters that system call
killed() {
	local moment=$1 bundle=$2
	shift 2
	"$BUNDLES/killer" --victim caller --at "caller:$moment" --timeout 60 -- \
		"$bundle/rbd" install --plugin-dir "$plugins" "$@"
}

calls_of() { # COMMAND...: how many system calls it has
	"$BUNDLES/killer" --count -- "$@" | sed -n 's/.* caller=\([0-9]*\) .*/\1/p'
}

# The moments: each part of the way has one, where in it the seed says.
moments() { # CALLS PARTS
	local part
	RANDOM=$KILL_SEED
	echo "KILL_SEED=$KILL_SEED: $1 system calls" >&2
	for ((part = 0; part < $2; part++)); do
		echo $(($1 * part / $2 + 1 + RANDOM % ($1 / $2 + 1)))
	done
}

# was_killed MOMENT OUT: counts it in $was; or that run had come to its end before that moment, since how
# many calls there are depends on how often it had to look after its children.
was_killed() {
	local made
	if [[ $2 != killed=none* ]]; then
		was=$((was + 1))
		return
	fi
	made=$(sed -n 's/.* caller=\([0-9]*\) .*/\1/p' <<<"$2")
	((made < $1)) || { echo "not killed at $1: $2"; return 1; }
}

works_or_absent() {
	[[ ! -e $home/rbd ]] || assert_equal "$("$home/rbd" init | jq -r .status)" Success
}

works() {
	assert_equal "$("$home/rbd" init | jq -r .status)" Success
}

@test "killed anywhere in the first install: what is there works, and the next one finishes" {
	local calls moment was=0
	secret_with key "$KEY"
	calls=$(calls_of "$N/rbd" install --plugin-dir "$plugins" --secret "$secret")
	((calls > 100))
	for moment in $(moments "$calls" 40); do
		rm -rf "$plugins"
		mkdir "$plugins"
		out=$(killed "$moment" "$N" --secret "$secret")
		was_killed "$moment" "$out"
		works_or_absent || { echo "after $moment: $out"; return 1; }
		install "$N" --secret "$secret" || { echo "after $moment: $out"; return 1; }
		assert_installed "$N" "$N_NAME" || { echo "after $moment: $out"; return 1; }
		[ "$(cat "$home/$N_NAME/.keyring")" = "[client.admin]"$'\n\t'"key = $KEY" ]
		[ -z "$(find "$plugins" -name '*.new')" ]
	done
	# no run makes less than half of the calls that another one made
	((was >= 20))
}

@test "killed anywhere in an upgrade: rbd is there and works, and the next one finishes" {
	local calls moment was=0
	echo '{"novelty":{}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$N" --mode mount
	cp -a "$plugins" "$plugins.before"
	calls=$(calls_of "$NEXT/rbd" install --plugin-dir "$plugins" --config "$BATS_TEST_TMPDIR/c.json")
	((calls > 100))
	for moment in $(moments "$calls" 40); do
		rm -rf "$plugins"
		cp -a "$plugins.before" "$plugins"
		out=$(killed "$moment" "$NEXT" --config "$BATS_TEST_TMPDIR/c.json")
		was_killed "$moment" "$out"
		works || { echo "after $moment: $out"; return 1; }
		assert_equal "$(answer_of)" false || { echo "after $moment: $out"; return 1; }
		install "$NEXT" --config "$BATS_TEST_TMPDIR/c.json" || { echo "after $moment: $out"; return 1; }
		assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME" || { echo "after $moment: $out"; return 1; }
		assert_equal "$(answer_of)" false
		[ -z "$(find "$plugins" -name '*.new')" ]
	done
	# no run makes less than half of the calls that another one made
	((was >= 20))
}

@test "killed anywhere while a broken version is replaced: mode and policy are in force all the while" {
	local calls moment config=$BATS_TEST_TMPDIR/c.json
	echo '{"policy":{"pool":["kube"]}}' >"$config"
	secret_with key "$KEY"
	install "$N" --mode mount --config "$config" --secret "$secret"
	: >"$home/$N_NAME/lib/libnumber2.so.2"
	cp -a "$plugins" "$plugins.before"
	calls=$(calls_of "$N/rbd" install --plugin-dir "$plugins" --config "$config" --secret "$secret")
	for moment in $(moments "$calls" 20); do
		rm -rf "$plugins"
		cp -a "$plugins.before" "$plugins"
		out=$(killed "$moment" "$N" --config "$config" --secret "$secret")
		assert_equal "$(answer_of)" false || { echo "after $moment: $out"; return 1; }
		assert_equal "$(jq -c .policy "$home/$N_NAME/.config.json")" '{"pool":["kube"]}' ||
			{ echo "after $moment: $out"; return 1; }
		grep -q "$KEY" "$home/$N_NAME/.keyring" || { echo "after $moment: $out"; return 1; }
		# its own attempt to start the driver may not have ended yet
		wait_until installed_clean --config "$config" --secret "$secret" ||
			{ echo "after $moment: $out"; return 1; }
		assert_equal "$(answer_of)" false
	done
}

installed_clean() { # ARG...
	"$N/rbd" install --plugin-dir "$plugins" "$@" && assert_installed "$N" "$N_NAME"
}

@test "killed anywhere while all is removed: the next one finishes" {
	local calls moment
	install "$N"
	cp -a "$plugins" "$plugins.before"
	calls=$(calls_of "$N/rbd" uninstall --plugin-dir "$plugins")
	for moment in $(moments "$calls" 10); do
		rm -rf "$plugins"
		cp -a "$plugins.before" "$plugins"
		"$BUNDLES/killer" --victim caller --at "caller:$moment" --timeout 60 -- \
			"$N/rbd" uninstall --plugin-dir "$plugins"
		works_or_absent
		installer "$N" uninstall --plugin-dir "$plugins"
		assert_equal "$code" 0
		assert_equal "$(names "$plugins")" ''
	done
}

# An install that succeeds but for the sync number N from the end: sets $code and $err.
install_without_sync() { # N BUNDLE
	local count
	cp -a "$plugins" "$plugins.copy"
	count=$(strace -f -qq -e trace=fsync "$2/rbd" install --plugin-dir "$plugins.copy" 2>&1 | grep -c 'fsync(')
	rm -r "$plugins.copy"
	code=0
	err=$(strace -f -qq -e trace=fsync -e "inject=fsync:error=EIO:when=$((count - $1))" -o /dev/null \
		"$2/rbd" install --plugin-dir "$plugins" 2>&1 >/dev/null) || code=$?
	printf '%s from the end: exit %s: %s\n' "$1" "$code" "$err"
}

@test "a disk that fails at the last steps: what rbd starts is there, be it the old one or the new" {
	local last
	for last in 0 1 2; do
		rm -rf "$plugins"
		mkdir "$plugins"
		install_without_sync "$last" "$N"
		assert_equal "$code" 1
		assert_said 'Input/output error'
		works_or_absent
		install "$N"
		install_without_sync "$last" "$NEXT"
		assert_equal "$code" 1
		assert_said 'Input/output error'
		works
		install "$NEXT"
		assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME"
	done
}

@test "two installers of two versions at once: both succeed, and one of them is installed" {
	local round first second
	for round in 1 2 3 4 5 6; do
		rm -rf "$home"
		"$N/rbd" install --plugin-dir "$plugins" >"$BATS_TEST_TMPDIR/first" 2>&1 &
		first=$!
		"$NEXT/rbd" install --plugin-dir "$plugins" >"$BATS_TEST_TMPDIR/second" 2>&1 &
		second=$!
		wait "$first" || { cat "$BATS_TEST_TMPDIR/first"; return 1; }
		wait "$second" || { cat "$BATS_TEST_TMPDIR/second"; return 1; }
		echo "round $round: $("$home/rbd" version)"
		if cmp -s "$N/rbd" "$home/rbd"; then
			assert_installed "$N" "$N_NAME" "$NEXT_NAME"
		else
			assert_installed "$NEXT" "$NEXT_NAME" "$N_NAME"
		fi
	done
}

@test "killed at any rename while a Secret with another user is put: the configuration's user has a key" {
	local moment user status=1 was=0
	secret_with key "$KEY" user kube
	install "$N" --secret "$secret"
	cp -a "$plugins" "$plugins.before"
	swap_secret key "QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ==" user other
	for ((moment = 1; status != 0; moment++)); do
		rm -rf "$plugins"
		cp -a "$plugins.before" "$plugins"
		status=0
		strace -f -qq -o /dev/null -e trace=renameat -e "inject=renameat:signal=KILL:when=$moment" \
			"$N/rbd" install --plugin-dir "$plugins" --secret "$secret" || status=$?
		((status == 0 || status == 137)) || return 1
		was=$((was + (status != 0)))
		user=$(jq -r .clusters.default.user "$home/$N_NAME/.config.json")
		grep -qF "[client.$user]" "$home/$N_NAME/.keyring" || { echo "killed at rename $moment"; return 1; }
		install "$N" --secret "$secret"
		assert_equal "$(cat "$home/$N_NAME/.keyring")" \
			"[client.other]"$'\n\t'"key = QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ=="
	done
	# both keys, configuration, the new key
	((was >= 3))
}

# Calls one after the other until the file is there, or the test has gone: init, and one that reads the configuration and
# fails where it is refused. Failures, and a line "call" for each.
keep_calling() {
	local answer
	until [[ -e $BATS_TEST_TMPDIR/stop || ! -e $BATS_TEST_TMPDIR ]]; do
		answer=$("$home/rbd" init) && [[ $answer == '{"status":"Success"'* ]] || echo "init: $answer"
		answer=$("$home/rbd" waitforattach /dev/rbd0 '{"kubernetes.io/pvOrVolumeName":"db","image":"db"}') &&
			[[ $answer == '{"status":"Success"'* ]] || echo "waitforattach: $answer"
		printf 'call\ncall\n'
	done
}

calls_made() { cat "$BATS_TEST_TMPDIR"/calls.* | grep -c '^call$'; }

@test "N, N + 1 with a key that N refuses, N, ...: no call fails that runs meanwhile" {
	local round end=$((SECONDS + 300))
	echo '{"novelty":{}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$N"
	cp "$BATS_TEST_TMPDIR/c.json" "$BATS_TEST_TMPDIR/refused.json"
	refused "$N" --config "$BATS_TEST_TMPDIR/refused.json"
	keep_calling >"$BATS_TEST_TMPDIR/calls.1" 3>&- &
	keep_calling >"$BATS_TEST_TMPDIR/calls.2" 3>&- &
	# a busy machine may run few calls beside so many installs: until there were enough of both
	for ((round = 0; round < 25 || ($(calls_made) < 200 && SECONDS < end); round++)); do
		install "$NEXT" --config "$BATS_TEST_TMPDIR/c.json" >/dev/null
		install "$N" >/dev/null
	done
	touch "$BATS_TEST_TMPDIR/stop"
	wait
	assert_equal "$(cat "$BATS_TEST_TMPDIR"/calls.* | grep -v '^call$' || :)" ''
	(($(calls_made) >= 200))
}

@test "a call that was started by N reads N's configuration also when N + 1 has taken the name" {
	local held
	echo '{"novelty":{}}' >"$BATS_TEST_TMPDIR/c.json"
	install "$N"
	mkfifo "$BATS_TEST_TMPDIR/go"
	# held at its first system call: before the launcher has looked for anything
	"$BUNDLES/killer" --hold --at caller:1 --timeout 60 -- "$home/rbd" waitforattach /dev/rbd0 \
		'{"kubernetes.io/pvOrVolumeName":"db","image":"db"}' \
		<"$BATS_TEST_TMPDIR/go" >"$BATS_TEST_TMPDIR/answer" 3>&- &
	held=$!
	exec 4>"$BATS_TEST_TMPDIR/go"
	wait_until grep -q held "$BATS_TEST_TMPDIR/answer"
	install "$NEXT" --config "$BATS_TEST_TMPDIR/c.json"
	echo >&4
	exec 4>&-
	wait "$held"
	cat "$BATS_TEST_TMPDIR/answer"
	grep -q '^{"status":"Success","device":"/dev/rbd-flexvolume/db"' "$BATS_TEST_TMPDIR/answer"
}

@test "one install is one event for the kubelet, an install of the same none" {
	events_of install "$N"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/events")" "ceph~rbd moved_to"
	events_of install "$N"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/events")" ""
	events_of install "$NEXT"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/events")" "ceph~rbd/rbd moved_to"
	events_of install "$NEXT" --mode mount
	assert_equal "$(cat "$BATS_TEST_TMPDIR/events")" "ceph~rbd/rbd moved_to"
	secret_with key "$KEY"
	events_of install "$NEXT" --secret "$secret"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/events")" "ceph~rbd/rbd moved_to"
	swap_secret key "QVFCcVRPeG44d210QnhBQW9TUHZIUTBxWEtRbTBKbW5iRjhoMGc9PQ=="
	events_of install "$NEXT" --secret "$secret"
	assert_equal "$(cat "$BATS_TEST_TMPDIR/events")" ""
}

@test "a broken version made whole is one rename of the executable; an uninstall ends with a removal" {
	install "$N"
	: >"$home/$N_NAME/lib/libnumber2.so.2"
	events_of install "$N"
	assert_equal "$(driver_events)" "ceph~rbd/rbd moved_to"
	events_of installer "$N" uninstall --plugin-dir "$plugins"
	assert_equal "$code" 0
	assert_equal "$(driver_events | grep -c '^ceph~rbd/rbd ')" 1
	# the kubelet goes by the last that it has seen of a driver
	[[ $(tail -n 1 "$BATS_TEST_TMPDIR/events") == "ceph~rbd delete"* ]]
}
