# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Calls of the driver, as the kubelet makes them, and what it answers. Sourced by helpers.bash.

# options VOLUME [KEY=VALUE | -KEY]...: the JSON that the kubelet sends. Image VOLUME in pool kube as
# user kube unless said otherwise; fsType, readwrite, pod (its uid) and secret (the key's text) are
# the kubelet's own; -KEY takes one out.
options() {
	jq -cn --args '
		reduce $ARGS.positional[1:][] as $word (
			{"kubernetes.io/fsType": "ext4",
			 "kubernetes.io/readwrite": "rw",
			 "kubernetes.io/pvOrVolumeName": $ARGS.positional[0],
			 "pool": "kube", "image": $ARGS.positional[0], "user": "kube"};
			if $word[:1] == "-" then del(.[$word[1:]])
			else ($word | index("=")) as $at | $word[:$at] as $key | $word[$at + 1:] as $value |
				if $key == "fsType" or $key == "readwrite" then .["kubernetes.io/" + $key] = $value
				elif $key == "pod" then .["kubernetes.io/pod.uid"] = $value
				elif $key == "secret" then .["kubernetes.io/secret/key"] = ($value | @base64)
				else .[$key] = $value
				end
			end)' -- "$@"
}

# understand <ANSWER: sets $status and $message by the one JSON object; 1: it is anything else.
understand() {
	local said
	said=$(jq -rs 'if length == 1 and (.[0] | type) == "object"
		then .[0] | .status, "message=" + (.message // "" | split("\n") | join(" "))
		else error("not one JSON object") end' 2>&1) || return 1
	status=${said%%$'\n'*} message=${said#*$'\nmessage='}
}

# call N VERB ARG...: as the kubelet calls: ends when nobody holds stdout and stderr any more. Sets
# $json, $status, $message, $milliseconds; one JSON object on stdout, nothing on stderr, exit 0.
# MODE: the configuration; ENVIRONMENT (an array): more of it.
call() {
	local n=$1 files start code=0 environment=("RBD_FLEXVOLUME_CONFIG=/share/$MODE.json")
	shift
	[[ -z ${ENVIRONMENT[*]:-} ]] || environment+=("${ENVIRONMENT[@]}")
	files=$(mktemp "$BATS_TEST_TMPDIR/call.XXXXXX")
	start=$(now_ms)
	lab run "$n" --eof --timeout "$LIMIT" -- "${environment[@]}" "$DRIVER" "$@" \
		>"$files" 2>"$files.err" </dev/null || code=$?
	milliseconds=$(($(now_ms) - start))
	json=$(<"$files")
	{
		printf 'node%s %s ' "$n" "$1"
		cat "$files" "$files.err"
		printf '\n'
	} >>"$SUITE_DIR/answers"
	status='' message=''
	if ((code != 0)) || [[ -s $files.err ]] || ! understand <"$files"; then
		printf 'node%s %s: expected exit 0, one JSON object, nothing on stderr\n' "$n" "$1"
		printf 'exit %s\nstdout: %s\nstderr: %s\n' "$code" "$json" "$(<"$files.err")"
		return 1
	fi
	printf 'node%s %s (%s ms): %s\n' "$n" "$1" "$milliseconds" "$json"
}

driver_ok() { # N VERB ARG...
	call "$@" || return 1
	[[ $status == Success ]] && return 0
	printf 'expected: Success of node%s %s\nactual:   %s\n' "$1" "$2" "$json"
	return 1
}

# driver_fails REGEX N VERB ARG...: a Failure whose message matches; more with message_has.
driver_fails() {
	local regex=$1
	shift
	call "$@" || return 1
	if [[ $status == Failure && $message =~ $regex ]]; then return 0; fi
	printf 'expected: Failure of node%s %s with /%s/\nactual:   %s\n' "$1" "$2" "$regex" "$json"
	return 1
}

message_has() { # WORDS...: each stands in the last answer's message
	local words
	for words in "$@"; do
		[[ $message == *"$words"* ]] && continue
		printf 'expected in the message: %s\nactual:                  %s\n' "$words" "$message"
		return 1
	done
}

# together FUNCTION ARG...: FUNCTION ARG for each ARG, all at once; all must succeed.
together() {
	local function=$1 arg bad=0
	local -A jobs=()
	shift
	for arg in "$@"; do
		"$function" "$arg" >"$BATS_TEST_TMPDIR/together.$arg" 2>&1 &
		jobs[$arg]=$!
	done
	for arg in "$@"; do
		wait "${jobs[$arg]}" && continue
		printf '%s %s failed:\n' "$function" "$arg"
		cat "$BATS_TEST_TMPDIR/together.$arg"
		bad=1
	done
	return "$bad"
}

assert_faster() { # MILLISECONDS: the last call
	((milliseconds <= $1)) && return 0
	printf 'expected: at most %s ms\nactual:   %s ms\n' "$1" "$milliseconds"
	return 1
}

# All the way to a pod's directory and back, in the mode that MODE says (mount: the kubelet makes
# one call, attach: two). up N POD VOLUME JSON; down N POD VOLUME.
up() {
	local n=$1 pod=$2 volume=$3 text=$4
	make_dir "$n" "$(pod_dir "$pod" "$volume")" "$(global_dir "$volume")"
	if [[ $MODE == attach ]]; then
		driver_ok "$n" mountdevice "$(global_dir "$volume")" "" "$text" || return 1
	fi
	driver_ok "$n" mount "$(pod_dir "$pod" "$volume")" "$text"
}

down() {
	local n=$1 pod=$2 volume=$3
	driver_ok "$n" unmount "$(pod_dir "$pod" "$volume")" || return 1
	[[ $MODE == attach ]] || return 0
	driver_ok "$n" unmountdevice "$(global_dir "$volume")"
}
