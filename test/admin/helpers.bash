# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of the manual verbs share: the driver as a person runs it, on a host of the lab's
# cluster (admin), on a terminal there (terminal), in the node (in_node_1).

# shellcheck source=test/docs/helpers.bash
source "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../docs/helpers.bash"

# Set by each of the three.
out='' err='' code=0

run_it() { # COMMAND...
	code=0
	timeout 120 "$@" >"$BATS_TEST_TMPDIR/out" 2>"$BATS_TEST_TMPDIR/err" </dev/null || code=$?
	out=$(<"$BATS_TEST_TMPDIR/out")
	err=$(<"$BATS_TEST_TMPDIR/err")
	printf '%s\nexit %s\n%s\n%s\n' "$*" "$code" "$out" "$err"
}

admin() { run_it "$ROOT/test/lab/lab" exec -- "$DRIVER" "$@"; }
# Only what the terminal shows; ANSWER is typed where it asks.
terminal() { # ANSWER VERB...
	local answer=$1
	shift
	run_it "$ROOT/test/lab/lab" exec -- "$ROOT/test/admin/on-terminal" "$answer" "$DRIVER" "$@"
}
in_node_1() { run_it "$ROOT/test/lab/lab" run 1 --timeout 120 -- "$DRIVER" "$@"; }

admin_ok() {
	admin "$@"
	assert_equal "$code" 0 "$*"
}

# refused CODE WORDS VERB...: nothing on stdout, one line on stderr with these words.
refused() {
	local expected=$1 words=$2
	shift 2
	admin "$@"
	assert_equal "$code" "$expected" "$*" || return 1
	assert_equal "$out" "" "$*" || return 1
	[[ $err == "rbd-flexvolume: "*"$words"* ]] && return 0
	printf 'expected on stderr: %s\nactual: %s\n' "$words" "$err"
	return 1
}

# What the cluster says of an image, without what differs between two.
image_state() { # IMAGE
	lab rbd info --format json "$1" 2>/dev/null |
		jq -Sc 'del(.name, .id, .block_name_prefix, .create_timestamp, .access_timestamp, .modify_timestamp)'
}

image_exists() {
	lab rbd info "$1" >/dev/null 2>&1
}

# Every image, snapshot, trash entry and namespace of both pools goes.
clean_pools() {
	local pool where image images snap id
	for pool in rbd kube; do
		for where in "$pool" $(lab rbd namespace ls --format json "$pool" | jq -r ".[].name | \"$pool/\" + ."); do
			# clones before their parents: what could not go the first time
			for _ in 1 2; do
				mapfile -t images < <(lab rbd ls "$where")
				for image in "${images[@]}"; do
					for snap in $(lab rbd snap ls --format json "$where/$image" 2>/dev/null | jq -r '.[].name'); do
						lab rbd snap unprotect "$where/$image@$snap" >/dev/null 2>&1 || :
						lab rbd snap rm --no-progress "$where/$image@$snap" >/dev/null 2>&1 || :
					done
					lab rbd rm --no-progress "$where/$image" >/dev/null 2>&1 || :
				done
			done
			for id in $(lab rbd trash ls --format json "$where" | jq -r '.[].id'); do
				lab rbd trash rm --no-progress "$where/$id" >/dev/null 2>&1 || :
			done
			[[ $where == "$pool" ]] || lab rbd namespace rm "$where" >/dev/null 2>&1 || :
		done
	done
}

# jq has no quarrel with no answer at all, unless it reads a list of answers.
watched() { lab rbd status --format json "$1" | jq -se '.[0].watchers | length > 0'; }

# Somebody has an image open for writing, until writer_end(), which teardown() calls too.
writer='' writer_pid='' # the file that says so, and who looks at it
writer_start() { # IMAGE
	writer=$BATS_TEST_TMPDIR/writer
	touch "$writer"
	# shellcheck disable=SC2016 # for that shell
	lab exec -- bash -c '
		rbd bench --io-type write --io-size 4K --io-total 1T --io-threads 1 "$2" &
		while [[ -e $1 ]] && kill -0 $! 2>/dev/null; do sleep 0.2; done
		kill $! 2>/dev/null
		wait' - "$writer" "$1" >/dev/null 2>&1 3>&- &
	writer_pid=$!
	within 60 watched "$1"
}

writer_end() {
	[[ -n $writer ]] || return 0
	rm -f "$writer"
	wait "$writer_pid" || :
	writer=''
}
