#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What docs/rest.md says of speed, by test/rest/bench in its short form: both sides by turns in one run,
# on a cluster of its own.
# shellcheck source=test/rest/helpers.bash
load helpers

# The first number of a row, in tenths of a millisecond.
tenths_of() { # ROW
	awk -F ' *[|] *' -v row="$1" '$2 == row { printf "%d\n", $3 * 10 }' <<<"$output"
}

# shellcheck disable=SC2016 # the marks of code
@test "a list of 1,000 images is faster than rbd ls, and with details takes at most twice as long as rbd ls -l" {
	local ls list long details
	run -0 timeout --kill-after=30 600 "$ROOT/test/rest/bench" --alone --answers "$BATS_TEST_TMPDIR" 1000 3
	echo "$output"
	ls=$(tenths_of '`rbd ls kube`')
	list=$(tenths_of 'GET /v1/image, one client')
	long=$(tenths_of '`rbd ls -l --format json kube`')
	details=$(tenths_of 'GET /v1/image with details=true, one client')
	((list > 0 && list < ls))
	((details > 0 && details <= 2 * long))
	# and both have answered the same: as many, the same names in the same order, the same sizes
	jq -c '.[] | [.image, .size]' "$BATS_TEST_TMPDIR/rbd.json" >"$BATS_TEST_TMPDIR/rbd"
	jq -c '.images[] | [.imageName, .size]' "$BATS_TEST_TMPDIR/rest.json" >"$BATS_TEST_TMPDIR/rest"
	assert_equal "$(sort -u "$BATS_TEST_TMPDIR/rest" | wc -l)" 1000
	assert_equal "$(jq -r '.[1]' "$BATS_TEST_TMPDIR/rest" | sort -nu | tr '\n' ' ')" '4194304 8388608 1073741824 '
	diff "$BATS_TEST_TMPDIR/rbd" "$BATS_TEST_TMPDIR/rest"
}
