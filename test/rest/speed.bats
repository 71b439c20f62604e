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

# The least of some milliseconds, in tenths: what else the machine does in a round only adds to it.
least_of() { # FILE
	sort -n "$1" | awk 'NR == 1 { printf "%d\n", $1 * 10 }'
}

# shellcheck disable=SC2016 # the marks of code
@test "a list of 1,000 images is faster than rbd ls, and with details takes at most twice as long as rbd ls -l" {
	local ls list long details
	run -0 timeout --kill-after=30 900 "$ROOT/test/rest/bench" --alone --answers "$BATS_TEST_TMPDIR" 1000 5
	echo "$output"
	ls=$(tenths_of '`rbd ls kube`')
	list=$(tenths_of 'GET /v1/image, one client')
	long=$(least_of "$BATS_TEST_TMPDIR/rbd.ms")
	details=$(least_of "$BATS_TEST_TMPDIR/rest.ms")
	assert_equal "$(wc -l <"$BATS_TEST_TMPDIR/rbd.ms") $(wc -l <"$BATS_TEST_TMPDIR/rest.ms")" '5 5'
	((list > 0 && list < ls))
	((details > 0 && details <= 2 * long))
	# and both have answered the same: as many, the same names in the same order, the same sizes
	jq -c '.[] | [.image, .size]' "$BATS_TEST_TMPDIR/rbd.json" >"$BATS_TEST_TMPDIR/rbd"
	jq -c '.images[] | [.imageName, .size]' "$BATS_TEST_TMPDIR/rest.json" >"$BATS_TEST_TMPDIR/rest"
	assert_equal "$(sort -u "$BATS_TEST_TMPDIR/rest" | wc -l)" 1000
	assert_equal "$(jq -r '.[1]' "$BATS_TEST_TMPDIR/rest" | sort -nu | tr '\n' ' ')" '4194304 8388608 1073741824 '
	diff "$BATS_TEST_TMPDIR/rbd" "$BATS_TEST_TMPDIR/rest"
}
