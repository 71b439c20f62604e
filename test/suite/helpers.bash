# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# What the suites in the lab share (test/suite, test/faults): calls of the driver as the kubelet
# makes them, and looks at the world afterwards. Nodes are numbers; images are in pool kube.
# An assertion that fails prints what was expected and what is, and returns 1.

bats_require_minimum_version 1.5.0

ROOT=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/../..
ROOT=$(realpath "$ROOT")
DRIVER=$(realpath -m "${DRIVER:-$ROOT/build/rbd-flexvolume}")
KERNEL=${KERNEL:-6.12}
POOL=kube

# The configuration of a call is /share/$MODE.json in the node (see config): attach or mount.
MODE=attach
# Longest time that one call may take, in seconds.
LIMIT=120
# What the last call answered, and the checksum that write_file has last made.
json='' status='' message='' milliseconds=0 sum=''

# shellcheck source=test/lab/bats.bash
source "$ROOT/test/lab/bats.bash"
# shellcheck source=test/suite/run.bash
source "$ROOT/test/suite/run.bash"
# shellcheck source=test/suite/driver.bash
source "$ROOT/test/suite/driver.bash"
# shellcheck source=test/suite/node.bash
source "$ROOT/test/suite/node.bash"
# shellcheck source=test/suite/cluster.bash
source "$ROOT/test/suite/cluster.bash"

# --- time ---

now_ms() { echo $((${EPOCHREALTIME/[.,]/} / 1000)); }

# within SECONDS COMMAND...: asked again until it succeeds; at the end its last words.
within() {
	local end=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000)) last='' seconds=$1
	shift
	until last=$("$@" 2>&1); do
		if ((${EPOCHREALTIME/[.,]/} > end)); then
			printf 'not within %s s: %s\n%s\n' "$seconds" "$*" "$last"
			return 1
		fi
		sleep 0.1
	done
}

# --- a node ---

# node N COMMAND...: as root, nothing on its stdin.
node() {
	local n=$1
	shift
	lab run "$n" --timeout 120 -- "$@" </dev/null
}

global_dir() { echo "/var/lib/kubelet/plugins/kubernetes.io/flexvolume/ceph/rbd/mounts/$1"; } # VOLUME
pod_dir() { echo "/var/lib/kubelet/pods/$1/volumes/ceph~rbd/$2"; }                           # POD VOLUME

# The kubelet makes a directory before it calls.
make_dir() { # N DIR...
	local n=$1
	shift
	node "$n" mkdir -p -m 0750 "$@"
}

# --- files in a node ---

# write_file N FILE [MIB]: random bytes, written through to the device; sets $sum. Then
# assert_file N FILE SUM.
write_file() {
	# shellcheck disable=SC2016 # for the node's shell
	sum=$(node "$1" sh -c 'head -c "$2" /dev/urandom >"$1" && sync "$1" && sha256sum <"$1"' - \
		"$2" $((${3:-1} * 1048576))) || return 1
	[[ $sum =~ ^[0-9a-f]{64} ]] || { echo "no checksum of $2 on node$1: $sum"; return 1; }
	sum=${sum%% *}
}

assert_file() {
	local actual
	actual=$(node "$1" sha256sum "$2") || return 1
	[[ ${actual%% *} == "$3" ]] && return 0
	printf 'expected: %s of %s on node%s\nactual:   %s\n' "$3" "$2" "$1" "$actual"
	return 1
}

# --- values ---

assert_count() { # NUMBER [TEXT]: lines of TEXT
	local count=0
	[[ -z ${2:-} ]] || count=$(wc -l <<<"$2")
	((count == $1)) && return 0
	printf 'expected: %s line(s)\nactual:   %s\n' "$1" "${2:-none}"
	return 1
}

assert_equal() { # ACTUAL EXPECTED [WHAT]
	[[ $1 == "$2" ]] && return 0
	printf 'expected: %s %s\nactual:   %s\n' "${3:-}" "$2" "$1"
	return 1
}
