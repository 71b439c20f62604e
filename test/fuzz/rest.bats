#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The request parser of rbd-rest under the fuzzer (test/fuzz/run): as it is, and with faults that are
# planted into a copy of it, none of which the corpus shows by itself.

bats_require_minimum_version 1.5.0

ROOT=$(realpath "$BATS_TEST_DIRNAME/../..")

# fuzz SECONDS: what it says is in $output; always from the tree's corpus, so that a run can be repeated
fuzz() {
	rm -rf "$FUZZ_BUILD"
	run timeout --kill-after=10 600 "$ROOT/test/fuzz/run" "$1"
	tail -n 80 <<<"$output"
}

# plant FILE SED: puts the fault into a copy of the driver and lets it be fuzzed.
plant() {
	export FUZZ_ROOT=$BATS_TEST_TMPDIR/tree FUZZ_BUILD=$BATS_TEST_TMPDIR/tree/build-fuzz
	mkdir -p "$FUZZ_ROOT/test"
	cp -r "$ROOT/driver" "$FUZZ_ROOT/driver"
	cp -r "$ROOT/test/fuzz" "$FUZZ_ROOT/test/fuzz"
	sed -i "$2" "$FUZZ_ROOT/$1"
	! cmp -s "$ROOT/$1" "$FUZZ_ROOT/$1" || { echo "nothing was planted in $1"; return 1; }
	fuzz 300 # it ends at the first find
}

# found WORDS: the fuzzer has failed with them, says which file is the input, shows its bytes, and is
# right: the program fails on that file, and on no file of the corpus.
found() {
	local input
	((status != 0 && status != 124)) || { echo "it ended with $status"; return 1; }
	[[ $output == *"$1"* ]] || { echo "it does not say: $1"; return 1; }
	input=$(sed -n 's/^the input \([^ ]*\) .*/\1/p' <<<"$output")
	[[ -s $input ]] || { echo "there is no input: $input"; return 1; }
	[[ $output == *"$(od -A x -t x1z "$input")"* ]] || { echo 'the bytes are not shown'; return 1; }
	run ! "$FUZZ_BUILD/fuzz_rest" "$input"
	run -0 "$FUZZ_BUILD/fuzz_rest" -runs=0 "$FUZZ_ROOT/test/fuzz/corpus/rest"
}

@test "the request parser stands what a fuzzer makes of its corpus in 25 seconds" {
	local count
	export FUZZ_BUILD=$ROOT/build/fuzz
	fuzz 25
	((status == 0))
	count=$(sed -n 's/^stat::number_of_executed_units: *//p' <<<"$output")
	echo "$count inputs"
	((count >= 5000)) # beside other suites; alone it is many more
}

@test "planted: one parameter more than there is room for is found" {
	plant driver/rest/parameters.c 's/count == PARAMETERS_MAX)/count > PARAMETERS_MAX)/'
	found 'ERROR: AddressSanitizer: stack-buffer-overflow'
}

@test "planted: an escape that is read behind the end is found" {
	plant driver/rest/parameters.c 's/length >= 3/length >= 1/'
	found 'ERROR: AddressSanitizer: heap-buffer-overflow'
}

@test "planted: a list without a lower limit, which no handler expects, is found" {
	plant driver/rest/names.c 's/ && request->limit >= 1 &&/ \&\&/'
	found 'ERROR: libFuzzer: deadly signal'
}
