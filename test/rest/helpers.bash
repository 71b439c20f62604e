# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the tests of rbd-rest share: servers and curl in the lab's network namespace, and looks at the
# cluster with Ceph's own commands. An assertion that fails says what was expected and returns 1.

bats_require_minimum_version 1.5.0

ROOT=$(realpath "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..")
SERVER=$(realpath -m "${SERVER:-$ROOT/build/rbd-rest}")
[[ -x $SERVER ]] || { echo "no server at $SERVER: build it, or set SERVER" >&2; exit 1; }
BASE=http://127.0.0.1:8080
# What the last call was answered.
status='' body='' headers=''

# shellcheck source=test/lab/bats.bash
source "$ROOT/test/lab/bats.bash"
inside() { ip netns exec "rbdlab-$LAB" "$@"; }

# configure NAME REST: a configuration with that section "rest". One answer of the cluster may take $CONNECT
# seconds: the product's ten, unless a test is about what becomes of those that do not come.
configure() {
	jq -n --argjson rest "$2" --argjson connect "${CONNECT:-10}" '{deadlines: {connect: $connect}, rest: $rest}' >"$SUITE_DIR/$1.json"
	chmod 0644 "$SUITE_DIR/$1.json"
}

# --- servers ---

# start_server NAME [OPTION...]: with $SUITE_DIR/NAME.json and the lab's ceph.conf and key of client.admin.
start_server() {
	local name=$1
	shift
	start_server_with "$name" --conf "/run/rbd-lab/$LAB/ceph.conf" --keyring "/run/rbd-lab/$LAB/ceph.client.admin.keyring" "$@"
}

# start_server_with NAME [OPTION...]: with $SUITE_DIR/NAME.json; waits until the cluster is there (or, with
# READY=healthz, until it answers at all). BASE is where it answers. Its access log is kept by all.
start_server_with() {
	local name=$1
	shift
	# no function: the process is to be the server's own
	ip netns exec "rbdlab-$LAB" "$SERVER" --config "$SUITE_DIR/$name.json" "$@" \
		>>"$SUITE_DIR/access.log" 2>"$SUITE_DIR/$name.err" </dev/null 3>&- 4>&- &
	echo $! >"$SUITE_DIR/$name.pid"
	within 60 inside curl -skf --max-time 5 -o /dev/null "$BASE/${READY:-readyz}" ||
		{ cat "$SUITE_DIR/$name.err"; return 1; }
}

pid_of() { cat "$SUITE_DIR/$1.pid"; }

# stop_server NAME: its exit status.
stop_server() {
	local pid code=0
	pid=$(pid_of "$1")
	rm -f "$SUITE_DIR/$1.pid"
	kill "$pid" 2>/dev/null || true
	wait "$pid" 2>/dev/null || code=$?
	within 40 gone "$pid" || { kill -9 "$pid"; return 1; }
	return "$code"
}

gone() { ! kill -0 "$1" 2>/dev/null; }

stop_servers() {
	local file
	for file in "$SUITE_DIR"/*.pid; do
		[[ ! -e $file ]] || stop_server "$(basename "$file" .pid)" || true
	done
}

# --- calls ---

# call METHOD PATH [CURL OPTION...]: as user root. Sets $status, $headers, $body.
call() { as root:root "$@"; }

# as USER:PASSWORD METHOD PATH [CURL OPTION...]; "" for nobody.
as() {
	local user=$1 method=$2 path=$3 files
	shift 3
	files=$(mktemp -d "$BATS_TEST_TMPDIR/call.XXXXXX")
	status=$(inside curl -sk --max-time 60 ${user:+-u "$user"} -X "$method" -D "$files/headers" -o "$files/body" \
		-w '%{http_code}' "$@" "$BASE$path") || status="curl $?"
	headers=$(tr -d '\r' <"$files/headers" 2>/dev/null) || headers=''
	body=$(cat "$files/body" 2>/dev/null) || body=''
	printf '%s %s\n  %s %.1500s\n' "$method" "$path" "$status" "$body"
}

# expect STATUS: and for a failure, that it is a whole problem.
expect() {
	assert_equal "$status" "$1" || return 1
	((status < 400)) && return 0
	[[ $headers == *'application/problem+json'* ]] || { echo "no problem+json: $headers"; return 1; }
	assert_json '[.type, .status, (.title | length > 0), (.detail | length > 0)] | tojson' \
		"[\"about:blank\",$1,true,true]"
}

assert_equal() { # ACTUAL EXPECTED
	[[ $1 == "$2" ]] || { printf 'expected: %s\nactual:   %s\n' "$2" "$1"; return 1; }
}

assert_json() { # FILTER VALUE: of $body
	assert_equal "$(jq -r "$1" <<<"$body")" "$2"
}

# $body, by a parser that takes no byte which is no UTF-8; jq does.
strict() { printf '%s' "$body" | python3 -c 'import json, sys; json.loads(sys.stdin.buffer.read())'; }

assert_contains() { # TEXT PART
	[[ $1 == *"$2"* ]] || { printf 'not in it: %s\nit is:     %s\n' "$2" "$1"; return 1; }
}

assert_header() { # LINE
	grep -qix -- "$1" <<<"$headers" || { printf 'no header: %s\n%s\n' "$1" "$headers"; return 1; }
}

# --- the world ---

# For teardown(): what a failed test left paused, stopped or running does not fail the next ones.
restore() {
	lab mon resume a 2>/dev/null || lab mon start a 2>/dev/null || true
	lab osd resume 0 2>/dev/null || lab osd start 0 2>/dev/null || true
	[[ ! -e $SUITE_DIR/other.pid ]] || stop_server other || true
}

info() { lab rbd info "$1" --format json 2>/dev/null; } # IMAGE
watchers() { lab rbd status "$1" --format json 2>/dev/null | jq '.watchers | length'; }
no_image() { # POOL/IMAGE
	local all
	all=$(lab rbd ls "${1%/*}" 2>/dev/null) || return 1
	! grep -qxF -- "${1##*/}" <<<"$all" || { echo "$1 is there"; return 1; }
}

no_pool() { # POOL
	local all
	all=$(lab ceph osd pool ls 2>/dev/null) || return 1
	! grep -qxF -- "$1" <<<"$all" || { echo "pool $1 is there"; return 1; }
}

within() { # SECONDS COMMAND...: asked again until it succeeds
	local end=$((SECONDS + $1)) last='' seconds=$1
	shift
	until last=$("$@" 2>&1); do
		if ((SECONDS > end)); then
			printf 'not within %s s: %s\n%s\n' "$seconds" "$*" "$last"
			return 1
		fi
		sleep 0.1
	done
}

answers() { answers_as root:root "$@"; } # STATUS METHOD PATH: for within

answers_as() { # USER:PASSWORD STATUS METHOD PATH
	as "$1" "$3" "$4" >/dev/null
	assert_equal "$status" "$2"
}
