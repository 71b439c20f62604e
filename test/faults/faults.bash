# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of faults share: calls that are held in their middle while something happens.
# shellcheck disable=SC2034 # what outcome sets is read by the tests
FAULTS=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")
# shellcheck source=../suite/helpers.bash
source "$FAULTS/../suite/helpers.bash"

# hold NAME N MOMENT VERB ARG...: a call on node N that stops at MOMENT (see killer.c) until it is
# released. `held` waits until it is there; `release` lets it go on; `outcome` waits for its end and
# sets what `call` sets.
declare -gA HOLDERS=()
hold() {
	local name=$1 n=$2 moment=$3 base=$BATS_TEST_TMPDIR/hold.$1
	shift 3
	rm -f "$base".*
	mkfifo "$base.in"
	# while one is held others come to their moments, each in its own time
	lab run "$n" --timeout $((LIMIT * 4)) -- "RBD_FLEXVOLUME_CONFIG=/share/$MODE.json" \
		/share/killer --hold --at "$moment" --timeout "$LIMIT" -- "$DRIVER" "$@" \
		<>"$base.in" >"$base.out" 2>"$base.err" &
	HOLDERS[$name]=$!
}

is_held() { # NAME
	[[ $(<"$BATS_TEST_TMPDIR/hold.$1.out") == held* ]] || ! kill -0 "${HOLDERS[$1]}" 2>/dev/null
}

held() { # NAME...
	local name
	for name in "$@"; do
		within "$LIMIT" is_held "$name" || return 1
		# one that ended instead, without an answer, is none
		[[ $(<"$BATS_TEST_TMPDIR/hold.$name.out") == *held* ]] && continue
		printf '%s was never held:\n%s\n%s\n' "$name" \
			"$(<"$BATS_TEST_TMPDIR/hold.$name.out")" "$(<"$BATS_TEST_TMPDIR/hold.$name.err")"
		return 1
	done
}

# held_or_over NAME...: waits until each is held, or has ended with an answer before its moment came:
# where two race, the one may have refused the other by then.
held_or_over() {
	local name
	for name in "$@"; do
		within "$LIMIT" is_held "$name" || return 1
	done
}

release() { # NAME...
	local name
	for name in "$@"; do
		# for reading too: one that has ended does not read, and opening would wait for it
		echo 1<>"$BATS_TEST_TMPDIR/hold.$name.in"
	done
}

# outcome NAME: as `call` does, and with the same demands. $milliseconds is without the time that it
# was held.
outcome() {
	local base=$BATS_TEST_TMPDIR/hold.$1 words='' answer eof=''
	wait "${HOLDERS[$1]}" || true
	unset "HOLDERS[$1]"
	words=$(grep '^killed=' "$base.out") || words=
	answer=$(grep -v -e '^held$' -e '^killed=' "$base.out") || answer=
	status='' message='' json=$answer milliseconds=0
	[[ $words =~ \ ms=([0-9]+) ]] && milliseconds=${BASH_REMATCH[1]}
	[[ $words =~ \ eof_ms=(-?[0-9]+) ]] && eof=${BASH_REMATCH[1]}
	printf '%s: %s %s\n' "$1" "$words" "$answer"
	printf '%s\n' "$answer" >>"$SUITE_DIR/answers"
	if [[ $words != *' status=0 '* || -s $base.err || ! $eof =~ ^[0-9]+$ ]] ||
		! understand <<<"$answer"; then
		printf 'expected: exit 0, one JSON object, its output closed at its end\n'
		printf 'actual:   %s\n%s\n%s\n' "$words" "$answer" "$(<"$base.err")"
		return 1
	fi
}

# count_calls N VERB ARG...: how many system calls the call makes; sets $caller_calls, $worker_calls,
# and those of the caller before it has a worker, $fork_calls, and before that maps, $mapped_calls.
count_calls() {
	local n=$1 out
	shift
	out=$(lab run "$n" --timeout "$LIMIT" -- "RBD_FLEXVOLUME_CONFIG=/share/$MODE.json" \
		/share/killer --count -- "$DRIVER" "$@" </dev/null) || return 1
	[[ $out =~ \ caller=([0-9]+)\ worker=([0-9]+)\ fork=([0-9]+)\ mapped=([0-9]+)\  &&
		$out == *'"Success"'* ]] ||
		{ echo "$out"; return 1; }
	caller_calls=${BASH_REMATCH[1]} worker_calls=${BASH_REMATCH[2]} fork_calls=${BASH_REMATCH[3]}
	mapped_calls=${BASH_REMATCH[4]}
}

# between FROM TO: a random number, by SEED.
between() {
	between=$(($1 + (RANDOM << 15 | RANDOM) % ($2 - $1 > 0 ? $2 - $1 : 1)))
}

# For teardown: nothing that was held stays.
release_all() {
	local name
	for name in "${!HOLDERS[@]}"; do
		kill "${HOLDERS[$name]}" 2>/dev/null || true
		wait "${HOLDERS[$name]}" 2>/dev/null || true
	done
	HOLDERS=()
}

# repeat SECONDS N VERB ARG...: as the kubelet does, every half second until it succeeds; each answer
# before is a Failure.
repeat() {
	local end=$(($(now_ms) + $1 * 1000))
	shift
	while :; do
		call "$@" || return 1
		[[ $status != Success ]] || return 0
		if (($(now_ms) > end)); then
			printf 'expected: Success of node%s %s in the end\nactual:   %s\n' "$1" "$2" "$json"
			return 1
		fi
		sleep 0.5
	done
}
