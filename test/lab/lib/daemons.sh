# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The cluster's daemons one by one: start, stop, freeze; and commands with the cluster's
# configuration.

in_lab() { CEPH_CONF=$LAB_DIR/ceph.conf CEPH_ARGS='' in_netns "$@"; }

daemon_pidfile() { echo "$LAB_DIR/ceph/$1.$2.pid"; }

start_daemon() { # mon|osd|mgr ID
	spawn "$(daemon_pidfile "$1" "$2")" "$LAB_DIR/log/$1.$2.out" \
		nsenter --net="$NETNS" -- "ceph-$1" -c "$LAB_DIR/ceph.conf" -f -i "$2"
}

# A monitor by a power cut. An OSD in order: memstore writes its data down only then.
stop_daemon() { # TYPE ID
	local signal=KILL
	[[ $1 != osd ]] || signal=TERM
	end "$signal" "$(daemon_pidfile "$1" "$2")"
}

signal_daemon() { # SIGNAL TYPE ID
	alive "$(daemon_pidfile "$2" "$3")" || die "$2.$3 is not running"
	kill -s "$1" "$PID"
}

# lab mon|osd|mgr start|stop|pause|resume ID
daemon_verb() {
	local type=$1 verb=${2:-} id=${3:-}
	need_lab
	[[ -n $id ]] || usage_die "lab $type start|stop|pause|resume ID"
	[[ -d $LAB_DIR/ceph/$type.$id ]] || die "lab $LAB_NAME has no $type.$id"
	case $verb in
	start)
		! alive "$(daemon_pidfile "$type" "$id")" || die "$type.$id is running"
		start_daemon "$type" "$id"
		;;
	stop) stop_daemon "$type" "$id" ;;
	pause) signal_daemon STOP "$type" "$id" ;;
	resume) signal_daemon CONT "$type" "$id" ;;
	*) usage_die "lab $type: no verb '$verb'" ;;
	esac
}
