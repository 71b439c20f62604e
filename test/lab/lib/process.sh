# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Processes that outlive the command that started them, known by "PID STARTTIME": a pid alone may be
# another's by now.

# Prints the start time of process $1; fails where it is gone or a zombie.
start_time() {
	local stat fields
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	read -ra fields <<<"${stat##*) }"
	[[ ${fields[0]} != [ZX] ]] || return 1
	echo "${fields[19]}"
}

# Writes the pid file $1 for process $2.
record_pid() {
	local start
	start=$(start_time "$2") || return 1
	echo "$2 $start" >"$1"
}

# Sets PID from the pid file $1 and succeeds if that very process lives.
alive() {
	local start now
	PID='' start=''
	[[ -e $1 ]] || return 1
	read -r PID start <"$1" || return 1
	now=$(start_time "$PID") || return 1
	[[ $now == "$start" ]]
}

dead() { ! alive "$1"; }

# Nothing of ours may stay open in a daemon: a test waits for the end of its pipes, a lock for its
# last holder.
close_inherited() {
	local fd
	for fd in /proc/"$BASHPID"/fd/*; do
		fd=${fd##*/}
		((fd <= 2)) || eval "exec $fd>&-"
	done 2>/dev/null
}

# spawn PIDFILE LOG COMMAND...: a daemon of its own session.
spawn() {
	local pidfile=$1 log=$2
	shift 2
	(
		close_inherited
		cd /
		exec setsid "$@"
	) </dev/null >>"$log" 2>&1 &
	disown # no "Killed" on stderr when we end it
	record_pid "$pidfile" $! || {
		tail -n 20 "$log" >&2
		die "$1 ended at once, see $log"
	}
}

# end SIGNAL PIDFILE: signals it and waits until it is gone. An OSD waits five seconds for a monitor that
# is not there, then writes down what it holds: a busy machine takes its time.
end() {
	if alive "$2"; then
		kill -s "$1" "$PID" 2>/dev/null || true
		kill -s CONT "$PID" 2>/dev/null || true
		try_until 60 dead "$2" || die "process $PID ($2) does not end"
	fi
	rm -f "$2"
}
