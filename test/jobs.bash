# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Suites as jobs of their own, their lines shown while they run, their tests counted. To be sourced by
# test/run, which sets logs, the directory of their output.
# shellcheck source=test/tap.bash
source test/tap.bash
: "${logs:=build/test-logs}"

# --- jobs, each in its own process group, which ends with us ---

declare -A job=() show=() # by the log's name: the process that leads the group, and who shows its lines

jobs_end()
{
	local groups=() group signal i
	for group in "${job[@]}"; do
		groups+=("-$group")
	done
	job=()
	# a suite that is interrupted gets the time to take its lab down
	for signal in INT TERM KILL; do
		((${#groups[@]})) && kill -"$signal" -- "${groups[@]}" 2>/dev/null || return 0
		for ((i = 0; i < 150; i++)); do
			kill -0 -- "${groups[@]}" 2>/dev/null || return 0
			sleep 0.1
		done
	done
}

# job_start LOG SECONDS PATTERN PREFIX COMMAND...: runs it with its output in LOG, and shows the lines of
# PATTERN while it runs, with PREFIX before each.
job_start()
{
	local log=$1 limit=$2 pattern=$3 prefix=$4
	shift 4
	: >"$log"
	set -m
	timeout --kill-after=30 "$limit" "$@" >"$log" 2>&1 &
	job[$log]=$!
	tail -s 0.2 -n +1 -f --pid="$!" "$log" 2>/dev/null |
		grep --line-buffered -aE "$pattern" | sed -u "s/^/$prefix/" &
	show[$log]=$!
	set +m
}

# job_wait LOG: its status (124: it took too long).
job_wait()
{
	local log=$1 status=0
	wait "${job[$log]}" || status=$?
	# what it left behind in its group
	kill -KILL -- -"${job[$log]}" 2>/dev/null || true
	unset "job[$log]"
	wait "${show[$log]}" || true
	return "$status"
}

# --- suites and their counts ---

suites=()
passed=0
failed=0
failures='' # what failed, to be said once more at the end: by then much has been written after it

count()
{
	local name=$1 good=$2 bad=$3 seconds=$4
	suites+=("$(printf '%-28s %7d %7d %7d s' "$name" "$good" "$bad" "$seconds")")
	passed=$((passed + good))
	failed=$((failed + bad))
}

log_of() { echo "$logs/${1//[^a-zA-Z0-9.]/-}.log"; } # NAME

# suite_result NAME START: waits for its job, and counts.
suite_result()
{
	local name=$1 start=$2 log good bad status=0
	log=$(log_of "$name")
	job_wait "$log" || status=$?
	read -r good bad < <(tap_count "$log" "$status")
	if ((bad)); then
		printf '\n--- %s: %d failed (all of it: %s)\n' "$name" "$bad" "$log"
		tap_failures "$log" "$status"
		failures+="--- $name"$'\n'$(tap_failures "$log" "$status" | sed -n 1,40p)$'\n'
	fi
	printf -- '--- %s: %d passed, %d failed, %d s\n' "$name" "$good" "$bad" \
		$((SECONDS - start))
	count "$name" "$good" "$bad" $((SECONDS - start))
}

# suite NAME SECONDS COMMAND...: a command that speaks TAP
suite()
{
	local name=$1 limit=$2 start=$SECONDS
	shift 2
	printf '\n=== %s\n' "$name"
	job_start "$(log_of "$name")" "$limit" '^(ok|not ok) ' '' "$@"
	suite_result "$name" "$start"
}

# Suites that run beside each other: what they need they have for themselves, and much of their time is
# waiting. beside starts one, with PREFIX before its lines, together waits for all that were started.
started=()
beside() # NAME SECONDS PREFIX COMMAND...
{
	local name=$1 limit=$2 prefix=$3
	shift 3
	printf '\n=== %s\n' "$name"
	job_start "$(log_of "$name")" "$limit" '^(ok|not ok) ' "$prefix: " "$@"
	started+=("$name")
}

bats_beside() # PART SECONDS: all of its folder, where the part is wanted
{
	[[ ${wanted[$1]:-} ]] && there "$1" "test/$1/*.bats" || return 0
	beside "$1" "$2" "$1" bats --formatter tap "test/$1"
}

on_kernel() # NAME SECONDS KERNEL FILE...
{
	local name="$1, kernel $3" limit=$2 kernel=$3
	shift 3
	beside "$name" "$limit" "$kernel" env KERNEL="$kernel" bats --formatter tap "$@"
}

together()
{
	local name start=$SECONDS
	for name in "${started[@]}"; do
		suite_result "$name" "$start"
	done
	started=()
}

# step NAME SECONDS COMMAND...: what must work but is no test
step()
{
	local name=$1 limit=$2 log status=0 start=$SECONDS
	shift 2
	log=$(log_of "$name")
	printf '\n=== %s\n' "$name"
	job_start "$log" "$limit" '^packages:' '' "$@"
	job_wait "$log" || status=$?
	if ((status)); then
		printf -- '--- %s: failed with status %d\n' "$name" "$status"
		cat "$log"
		count "$name" 0 1 $((SECONDS - start))
		return 1
	fi
	printf -- '--- %s: %d s\n' "$name" $((SECONDS - start))
}

# A suite whose files are not there is a failure: nothing has been shown.
there()
{
	local name=$1
	shift
	compgen -G "$1" >/dev/null && return
	printf '\n=== %s\n--- %s: there is no %s\n' "$name" "$name" "$1"
	count "$name" 0 1 0
	return 1
}
