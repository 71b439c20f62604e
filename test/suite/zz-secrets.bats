#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# what a node's shell expands; bats runs each test in a process of its own
# shellcheck disable=SC2016,SC2030,SC2031
# After everything else: the key is nowhere but where it was given.
source "${BATS_TEST_DIRNAME:?}/helpers.bash"

setup() {
	V=secret$BATS_SUITE_TEST_NUMBER
	MODE=mount
}

teardown() {
	tidy 1 2
}
