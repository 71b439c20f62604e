# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Where things are, and how the lab speaks. Everything else builds on this.

: "${LAB_ROOT:=/run/rbd-lab}"
: "${LAB_CACHE:=/var/cache/rbd-flexvolume-lab}"
export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin

say() { printf 'lab: %s\n' "$*" >&2; }

die() {
	say "$@"
	exit 1
}

usage_die() {
	say "$@"
	say "see $SELF/README.md, or: lab help"
	exit 2
}

# Sets the paths of lab $1. Names go into file names, a namespace and command lines.
use_lab() {
	[[ $1 =~ ^[A-Za-z0-9][A-Za-z0-9_-]{0,31}$ ]] || usage_die "bad lab name: '$1'"
	LAB_NAME=$1
	LAB_DIR=$LAB_ROOT/$1
	NETNS_DIR=/run/netns
	# shellcheck disable=SC2034 # network.sh's
	NETNS=$NETNS_DIR/rbdlab-$1
}

need_lab() {
	[[ -e $LAB_DIR/ready ]] || die "lab $LAB_NAME is not up (lab up --name $LAB_NAME)"
}

# Only for what may be retried until a deadline: try_until SECONDS COMMAND...
try_until() {
	local deadline=$((${EPOCHREALTIME/[.,]/} + $1 * 1000000))
	shift
	until "$@"; do
		((${EPOCHREALTIME/[.,]/} < deadline)) || return 1
		sleep 0.05
	done
}

# The lock $1 is held until the shell that asked for it ends; daemons do not inherit it (see spawn).
hold_lock() {
	mkdir -p "${1%/*}"
	exec {LOCK_FD}>"$1"
	flock "$LOCK_FD"
}
