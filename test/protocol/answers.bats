#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whatever comes, the kubelet gets one JSON object and exit status 0.

load helpers

@test "an unknown verb is not supported, and the nearest is named" {
	driver waitfordetach /dev/rbd0
	assert_answer "Not supported"
	driver stauts
	assert_answer "Not supported"
	assert_message "the nearest verb is status"
}

@test "no verb and an empty verb are not supported" {
	driver
	assert_answer "Not supported"
	driver ''
	assert_answer "Not supported"
}

@test "a verb of strange bytes is answered in valid JSON" {
	driver $'a"b\\c\n\xff'
	assert_answer "Not supported"
}

@test "getvolumename is never supported, whatever it is given" {
	driver getvolumename '{"kubernetes.io/fsType":""}'
	assert_answer "Not supported"
	driver getvolumename 'no JSON'
	assert_answer "Not supported"
	driver getvolumename
	assert_answer "Not supported"
}

@test "too few and too many arguments are a failure that says what is expected" {
	for verb in attach waitforattach isattached mountdevice mount unmount unmountdevice detach \
		expandfs expandvolume; do
		driver "$verb"
		assert_answer Failure
		assert_message "$verb: 0 arguments given"
		driver "$verb" 1 2 3 4 5 6 7
		assert_answer Failure
		assert_message "$verb: 7 arguments given"
	done
}

@test "empty arguments are a failure, not a crash" {
	for verb in attach isattached; do
		driver "$verb" '' ''
		assert_answer Failure
	done
	driver mount '' ''
	assert_answer Failure
	driver mountdevice '' '' ''
	assert_answer Failure
	driver expandfs '' '' '' '' ''
	assert_answer Failure
	driver unmount ''
	assert_answer Failure
	driver detach '' ''
	assert_answer Failure
}

@test "stdout closed: the answer goes to stderr, which the kubelet reads as well" {
	code=0
	err=$("$DRIVER" init 2>&1 >&-) || code=$?
	assert_equal "$code" 0
	assert_equal "$(jq -r .status <<<"$err")" Success
}

@test "stderr closed, stdin closed, all closed: answered, exit 0" {
	out=$("$DRIVER" init 2>&-)
	assert_json .status Success
	out=$("$DRIVER" init <&-)
	assert_json .status Success
	out=$("$DRIVER" mount /nowhere '{}' <&- 2>&-)
	assert_json .status Failure
	"$DRIVER" init <&- >&- 2>&-
	"$DRIVER" mount /nowhere '{}' <&- >&- 2>&-
}

@test "a reader that has gone is no signal" {
	code=0
	"$DRIVER" init > >(exec true) || code=$?
	assert_equal "$code" 0
	"$DRIVER" init >/dev/full || code=$?
	assert_equal "$code" 0
}

@test "no descriptor is left: still one answer" {
	answered=0
	for limit in 3 4 5 6 7 8 9 10; do
		out=$(bash -c 'ulimit -n "$1"; exec "$0" init 3>&-' "$DRIVER" "$limit" 2>/dev/null) ||
			continue # the loader itself did not start
		assert_equal "$(jq -s length <<<"$out")" 1
		answered=$((answered + 1))
	done
	[ "$answered" -ge 3 ]
	assert_json .status Success
}

@test "no memory is left: still one answer" {
	if sanitized; then return 0; fi
	argument="{\"image\":\"db\",\"kubernetes.io/x\":\"$(head -c 100000 /dev/zero | tr '\0' x)\"}"
	answered=0
	for kilobytes in 2200 2400 2600 2800 3000 3200 3600 4000 5000 6000 8000; do
		code=0
		out=$(bash -c 'ulimit -v "$1" 2>/dev/null; exec "$0" mount /nowhere/a "$2"' \
			"$DRIVER" "$kilobytes" "$argument" 2>/dev/null) || code=$?
		[ "$code" = 0 ] || continue # the loader itself did not start
		assert_json .status Failure
		answered=$((answered + 1))
	done
	[ "$answered" -gt 0 ]
}

@test "the caller's signal mask and ignored signals do not matter" {
	out=$(env --ignore-signal=CHLD,TERM,PIPE --block-signal=TERM,CHLD "$DRIVER" init)
	assert_json .status Success
}
