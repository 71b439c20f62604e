# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# The lab's own network: a namespace without any way out, the bridge br0 for Ceph (10.77.0.0/24),
# the bridge ctl for `lab run` (10.78.0.0/24), and two taps per node. What `lab cut` takes off is
# the node's tap on br0 only.

in_netns() { nsenter --net="$NETNS" -- "$@"; }

# Not `ip netns add`: that leaves a mount over /run/netns behind. `ip netns list` shows this one as
# well.
create_netns() {
	mkdir -p "$NETNS_DIR"
	: >"$NETNS"
	unshare --net="$NETNS" true
	local batch="link set lo up" i
	# an address of their own (a node has ..:00:N): otherwise that of the lowest port, which changes when a node goes
	batch+=$'\nlink add br0 address 02:77:00:00:01:00 type bridge\nlink add ctl address 02:78:00:00:01:00 type bridge'
	for i in 1 2 3; do batch+=$'\n'"addr add 10.77.0.$i/24 dev br0"; done
	batch+=$'\naddr add 10.78.0.1/24 dev ctl\nlink set br0 up\nlink set ctl up'
	in_netns ip -batch - <<<"$batch"
}

# Its name goes first, so that nobody comes in; then every process in it, which is the lab's,
# recorded or not; ourselves and our callers excepted.
remove_netns() {
	local inode=''
	if [[ -e $NETNS ]]; then
		mountpoint -q "$NETNS" && inode=$(stat -L -c %i "$NETNS")
		umount "$NETNS" 2>/dev/null || true
		rm -f "$NETNS"
	fi
	[[ -z $inode ]] || end_netns_processes "$inode"
	rmdir "$NETNS_DIR" 2>/dev/null || true
}

end_netns_processes() { # INODE
	local pid pids
	pids=$(find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -lname "net:\[$1\]" \
		-printf '%P\n' 2>/dev/null) || true
	for pid in $pids; do
		is_ancestor "${pid%%/*}" || kill -KILL "${pid%%/*}" 2>/dev/null || true
	done
}

is_ancestor() {
	local pid=$$ stat
	while ((pid > 1)); do
		[[ $pid != "$1" ]] || return 0
		read -r stat <"/proc/$pid/stat" || return 1
		read -r _ pid _ <<<"${stat##*) }"
	done
	return 1
}

# The cards' addresses follow from the node's number, so a reboot is not a new neighbour.
mac() { printf '02:%s:00:00:00:%02x' "$1" "$2"; } # 77|78 N

create_taps() { # N
	remove_taps "$1"
	in_netns ip -batch - <<BATCH
tuntap add dev tap$1 mode tap
tuntap add dev ctl$1 mode tap
link set tap$1 master br0 up
link set ctl$1 master ctl up
neigh replace 10.78.0.$((10 + $1)) lladdr $(mac 78 "$1") dev ctl nud permanent
BATCH
}

remove_taps() { # N
	in_netns ip link del "tap$1" 2>/dev/null || true
	in_netns ip link del "ctl$1" 2>/dev/null || true
}
