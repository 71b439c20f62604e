# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# A run of a folder: one lab, for setup_suite and teardown_suite, and its nodes' starts.
# Sourced by helpers.bash.

# suite_up PREFIX [NODES [BOOT OPTION...]]: a lab of this run's own, which goes when bats goes, with
# nodes 1 to NODES (2). More words for `lab up` can be in LAB_UP.
suite_up() {
	local prefix=$1 nodes=${2:-2} n pids=()
	shift $(($# < 2 ? $# : 2))
	[[ -x $DRIVER ]] || { echo "no driver at $DRIVER: build it, or set DRIVER" >&2; return 1; }
	export LAB=$prefix-${KERNEL//./-}-$$ DRIVER KERNEL
	export SUITE_DIR=$BATS_SUITE_TMPDIR SHARE=/run/rbd-lab/$LAB/share
	# shellcheck disable=SC2086 # words on purpose
	lab up ${LAB_UP:-} --owner "$(bats_process)" >"$SUITE_DIR/lab.log" 2>&1 ||
		{ cat "$SUITE_DIR/lab.log" >&2; return 1; }
	config attach '{}'
	config mount '{"attach": false}'
	for ((n = 1; n <= nodes; n++)); do
		boot "$n" "$@" &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n" || return 1
	done
}

suite_down() {
	[[ -z ${LAB:-} ]] || lab down
}

# boot N [OPTION...]: with this run's kernel.
boot() {
	local n=$1
	shift
	lab boot "$n" --kernel "$KERNEL" "$@" >"$SUITE_DIR/boot.$n.log" 2>&1 ||
		{ cat "$SUITE_DIR/boot.$n.log" >&2; return 1; }
	start_log "$n"
}

# Power cut and start, with what its kernel has said kept for zz-secrets.bats.
reboot() { # N
	node "$1" dmesg >>"$SUITE_DIR/dmesg" 2>/dev/null || true
	lab reboot "$1" >/dev/null 2>&1 && start_log "$1"
}

# Stands in for the node's syslog: what the driver logs is in $SHARE/N/log.
start_log() { # N
	# shellcheck disable=SC2016 # for perl
	node "$1" setsid -f perl -MSocket -e '
		my $in;
		socket($in, AF_UNIX, SOCK_DGRAM, 0) && bind($in, sockaddr_un("/dev/log")) or die;
		open(my $to, ">>", "/share/log") or die;
		open(STDOUT, ">/dev/null"); open(STDERR, ">/dev/null");
		while (defined(recv($in, my $line, 65536, 0))) { syswrite($to, "$line\n"); }'
	within 30 node "$1" test -S /dev/log
}

running() { # N
	lab status | grep -q "node$1 .*running"
}

# config NAME JSON: a configuration for the calls after MODE=NAME, on each node. A node caches what
# it has read: a name has one content.
config() {
	local n
	for n in 1 2 3 4 5; do
		mkdir -p "$SHARE/$n"
		printf '%s\n' "$2" >"$SHARE/$n/$1.json"
	done
}
