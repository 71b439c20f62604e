# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# What is there: labs, their daemons and nodes.

lab_list() {
	local dir
	for dir in "$LAB_ROOT"/*/; do
		[[ ! -d $dir ]] || basename "$dir"
	done
}

lab_status() {
	local file name
	need_lab
	echo "lab $LAB_NAME in $LAB_DIR, namespace ${NETNS##*/}"
	! alive "$LAB_DIR/guardian.pid" ||
		echo "guardian: pid $PID, owner $(cut -d' ' -f1 "$LAB_DIR/owner")"
	for file in "$LAB_DIR"/ceph/*.pid; do
		name=$(basename "$file" .pid)
		if alive "$file"; then
			echo "$name: pid $PID$(paused "$PID")"
		else
			echo "$name: down"
		fi
	done
	for file in "$LAB_DIR"/nodes/*/options; do
		[[ ! -e $file ]] || node_status "$(basename "$(dirname "$file")")"
	done
}

paused() { # PID
	local stat
	read -r stat <"/proc/$1/stat" || return 0
	[[ ${stat##*) } != T* ]] || echo " (paused)"
}

node_status() { # N
	# shellcheck disable=SC2034 # the file sets more than is shown
	local KERNEL MEM RBD NODE_HOSTNAME ADMIN BOOT_TIMEOUT APPEND state=off cable=''
	use_node "$1"
	# shellcheck source=/dev/null
	. "$NODE_DIR/options"
	if alive "$NODE_PID"; then
		state="running, pid $PID"
		cable=', cable on'
		in_netns ip -o link show "tap$NODE" | grep -q 'master br0' || cable=', cable cut'
	fi
	echo "node$NODE $state, kernel $KERNEL, $MEM, rbd $RBD, $NODE_ADDRESS$cable"
}
