#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The verbs for people: text, and exit 0, 1 (failed) or 2 (wrong use).

# set by driver(); each test is a process of its own
# shellcheck disable=SC2154,SC2030,SC2031
load helpers

@test "help lists the verbs, version says one" {
	driver help
	assert_equal "$code" 0
	for verb in init mount unmount status doctor gc; do
		grep -q "^  $verb" <<<"$out"
	done
	driver version
	assert_equal "$code" 0
	[[ $out =~ ^rbd-flexvolume\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	driver --version
	assert_equal "$code" 0
	driver --help
	assert_equal "$code" 0
}

@test "wrong use is exit 2, said on stderr" {
	driver version now
	assert_equal "$code" 2
	assert_equal "$out" ""
	[[ $err == "rbd-flexvolume: version: "* ]]
}

@test "output that cannot be written is no success" {
	code=0
	"$DRIVER" help >/dev/full || code=$?
	assert_equal "$code" 1
}
