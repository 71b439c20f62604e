# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the protocol tests share: the built driver is called as the kubelet calls it, no cluster.

DRIVER=${DRIVER:-$BATS_TEST_DIRNAME/../../build/rbd-flexvolume}
[ -x "$DRIVER" ] || { echo "no driver at $DRIVER: build it, or set DRIVER" >&2; exit 1; }
DRIVER=$(realpath "$DRIVER")

# A Ceph key, and what the kubelet sends of a Secret that holds it.
KEY=AQBqTOxn8wmtBxAAoSPvHQ0qXKQm0JmnbF8h0g==
KEY_SENT=$(printf %s "$KEY" | base64 -w0)

use_config() { # JSON [MODE]: the configuration in force
	printf %s "$1" >"$BATS_TEST_TMPDIR/config.json"
	chmod "${2:-0644}" "$BATS_TEST_TMPDIR/config.json"
	export RBD_FLEXVOLUME_CONFIG=$BATS_TEST_TMPDIR/config.json
}

driver() { # VERB ARGS...: sets $out, $err, $code; they are shown where the test fails
	out='' err='' code=0
	"$DRIVER" "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || code=$?
	out=$(cat "$BATS_TEST_TMPDIR/out")
	err=$(cat "$BATS_TEST_TMPDIR/err")
	printf '%s %.300s\n  exit %s\n  stdout: %.2000s\n  stderr: %.500s\n' \
		"${DRIVER##*/}" "$*" "$code" "$out" "$err"
}

# ASan opens files and takes addresses of its own.
sanitized() {
	ldd "$DRIVER" | grep -q asan
}

assert_equal() { # ACTUAL EXPECTED
	[ "$1" = "$2" ] || { printf 'expected: %s\nactual:   %s\n' "$2" "$1" >&2; return 1; }
}

assert_json() { # FILTER VALUE: of $out
	assert_equal "$(jq -r "$1" <<<"$out")" "$2"
}

# The kubelet reads stdout and stderr as one and wants one object; any exit status but 0 makes it
# log the arguments.
assert_answer() { # STATUS
	assert_equal "$code" 0
	assert_equal "$err" ""
	assert_equal "$(jq -s length <<<"$out")" 1
	assert_equal "$(jq -r type <<<"$out")" object
	assert_json .status "$1"
	refute_secret "$out"
}

assert_message() { # WORDS: stand in the message
	[[ $(jq -r .message <<<"$out") == *"$1"* ]] ||
		{ printf 'not in the message: %s\n' "$1" >&2; return 1; }
}

refute_secret() { # TEXT
	[[ $1 != *"$KEY"* && $1 != *"$KEY_SENT"* ]] || { echo "the key is in it" >&2; return 1; }
}

setup() {
	use_config '{}'
}

# own_mounts COMMAND...: in a mount namespace of its own, out of which nothing gets. unshare makes the
# mounts private by itself only where the root is one: not in a chroot into a plain directory.
own_mounts() {
	if mountpoint -q /; then
		unshare -m --propagation private "$@"
		return
	fi
	if awk '$5 == "/"' /proc/1/mountinfo | grep -q ' shared:'; then
		echo "the root here is no mount, and what it lies on is shared: mount --bind it on itself first" >&2
		return 1
	fi
	# shellcheck disable=SC2016 # for that shell
	unshare -m --propagation unchanged bash -c '
		while read -r _ _ _ _ at _; do mount --make-private "$at" || exit; done </proc/self/mountinfo
		exec "$@"' - "$@"
}
