# shellcheck shell=bash
# SPDX-License-Identifier: Apache-2.0
# Nodes: User-Mode Linux on two taps, booted, killed, halted, cut off.

use_node() { # N or nodeN
	local n=${1:-}
	n=${n#node}
	[[ $n =~ ^[1-9][0-9]?$ ]] || usage_die "a node is a number from 1 to 99, not '${1:-}'"
	NODE=$n
	NODE_DIR=$LAB_DIR/nodes/$n
	NODE_PID=$NODE_DIR/pid
	NODE_ADDRESS=10.77.0.$((10 + n))
	NODE_CONTROL=10.78.0.$((10 + n))
}

need_node() {
	alive "$NODE_PID" || die "node $NODE of lab $LAB_NAME is not running"
}

lab_boot() {
	need_lab
	use_node "${1:-}"
	shift
	local settings
	settings=$(boot_options "$@")
	begin_boot
	! alive "$NODE_PID" || die "node $NODE is running"
	echo "$settings" >"$NODE_DIR/options"
	boot_node
}

# One at a time per node; who takes the lab down must know of us.
begin_boot() {
	mkdir -p "$NODE_DIR"
	hold_lock "$NODE_DIR/lock"
	record_pid "$NODE_DIR/boot.pid" $$
}

# Prints the wanted settings as assignments, for this boot and the next ones.
boot_options() {
	local kernel=6.1 mem=512M rbd=loadable hostname=node$NODE admin='' timeout=120 append='' systemd=''
	while (($# > 0)); do
		case $1 in
		--kernel) kernel=${2:?}; shift ;;
		--mem) mem=${2:?}; shift ;;
		--rbd=loaded | --rbd=loadable | --rbd=absent) rbd=${1#*=} ;;
		--no-rbd) rbd=absent ;;
		--hostname) hostname=${2:?}; shift ;;
		--admin) admin=1 ;;
		--systemd) systemd=1 ;;
		--timeout) timeout=${2:?}; shift ;;
		--append) append=${2:?}; shift ;;
		*) usage_die "lab boot: unknown option '$1'" ;;
		esac
		shift
	done
	kernel_suite "$kernel" >/dev/null
	[[ $hostname =~ ^[A-Za-z0-9.-]+$ ]] || usage_die "bad host name '$hostname'"
	printf '%s=%q\n' KERNEL "$kernel" MEM "$mem" RBD "$rbd" NODE_HOSTNAME "$hostname" \
		ADMIN "$admin" BOOT_TIMEOUT "$timeout" APPEND "$append" SYSTEMD "$systemd"
}

boot_node() {
	local KERNEL MEM RBD NODE_HOSTNAME ADMIN BOOT_TIMEOUT APPEND SYSTEMD kernel modules
	# shellcheck source=/dev/null
	. "$NODE_DIR/options"
	kernel=$(kernel_dir "$KERNEL")
	modules=$(kernel_modules "$kernel" "$RBD")
	prepare_node
	create_taps "$NODE"
	start_kernel "$kernel/linux" "$modules"
	wait_node || {
		say "node $NODE does not answer; the end of its console:"
		grep -v '^ \[<' "$NODE_DIR/console" | tail -n 30 >&2 # without a panic's call trace
		kill_node
		exit 1
	}
}

# The files that init.c lays over the host's.
prepare_node() {
	local tree=$NODE_DIR/tree
	rm -rf "$tree"
	mkdir -p "$NODE_DIR"/{root,uml,cwd} "$LAB_DIR/share/$NODE"
	mkdir -p "$tree"/{etc/ceph,usr/lib/rbd-lab,usr/lib/modules,share}
	build_programs
	# hostfs of 5.10, as an overlay's lower layer, takes the first word of overlay's own data
	# (the number of layers, 2) for its root's name: every file is opened as "\2/...", relative
	# to the kernel's working directory.
	ln -sfn / "$NODE_DIR/cwd/"$'\2'
	# For the node's life: client and agent must understand each other, whatever is edited
	# meanwhile.
	ln -sfn "$(program client)" "$NODE_DIR/client"
	install -m 755 "$(program init)" "$NODE_DIR/init"
	install -m 755 "$(program agent)" "$tree/usr/lib/rbd-lab/agent"
	install -m 755 "$SELF/node/halt" "$tree/usr/lib/rbd-lab/halt"
	cp -p "$LAB_DIR/node.conf" "$tree/etc/ceph/ceph.conf"
	cp -p "$LAB_DIR/ceph.client.kube.keyring" "$tree/etc/ceph/"
	[[ -z $ADMIN ]] || cp -p "$LAB_DIR/ceph.client.admin.keyring" "$tree/etc/ceph/"
	echo "$NODE_HOSTNAME" >"$tree/etc/hostname"
	printf '%s\n' '127.0.0.1 localhost' "$NODE_ADDRESS $NODE_HOSTNAME" >"$tree/etc/hosts"
	: >"$tree/etc/resolv.conf"
	ln -s /proc/self/mounts "$tree/etc/mtab"
	[[ -z $SYSTEMD ]] || prepare_systemd "$tree"
	# A new boot is a new machine for those who ask here.
	tr -d - </proc/sys/kernel/random/uuid >"$tree/etc/machine-id"
}

# The host's systemd, with units of the lab's own.
prepare_systemd() { # TREE
	mkdir -p "$1/etc/systemd/system"
	install -m 644 "$SELF"/node/systemd/lab* "$1/etc/systemd/system/"
	printf '%s\n' "LAB_CONTROL=$NODE_CONTROL" HOME=/root \
		PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin >"$1/etc/lab-agent.conf"
	: >"$1/etc/fstab"
}

# What init.c wants to know; the kernel hands words that are not its own to init.
init_words() { # MODULES
	printf '%s\n' "LAB_NODE=$NODE_DIR" "LAB_MODULES=$1" "LAB_SHARE=$LAB_DIR/share/$NODE" \
		"LAB_HOSTNAME=$NODE_HOSTNAME" "LAB_ADDRESS=$NODE_ADDRESS" "LAB_CONTROL=$NODE_CONTROL"
	[[ $RBD != loaded ]] || echo LAB_LOAD=rbd
	[[ -z $SYSTEMD ]] || echo LAB_SYSTEMD=1
}

# The nodes' memory is a file: on a tmpfs of the lab's own, for /dev/shm may be missing, small or
# noexec.
node_memory() {
	hold_lock "$LAB_DIR/memory.lock"
	mkdir -p "$LAB_DIR/memory"
	mountpoint -q "$LAB_DIR/memory" ||
		mount -t tmpfs -o size=100%,mode=700 rbd-lab "$LAB_DIR/memory"
}

# In a pid namespace of its own, so that one SIGKILL is the power cut for all its processes.
start_kernel() { # LINUX MODULES
	(node_memory)
	rm -f "$NODE_PID"
	: >"$NODE_DIR/console"
	local words
	mapfile -t words < <(init_words "$2")
	# shellcheck disable=SC2054 # the kernel's commas
	words+=("mem=$MEM" root=/dev/root rootfstype=hostfs rootflags=/ ro "init=$NODE_DIR/init"
		"$(card 0 tap 77)" "$(card 1 ctl 78)" con=null "con0=null,fd:1" quiet
		"uml_dir=$NODE_DIR/uml/"
		# A second and a half of speed tests and legacy that no node needs.
		initcall_blacklist=raid6_select_algo,init_zswap,zswap_init pty.legacy_count=0)
	# shellcheck disable=SC2206 # words on purpose
	words+=($APPEND)
	spawn "$NODE_DIR/outer" "$NODE_DIR/console" \
		env -i -C "$NODE_DIR/cwd" "TMPDIR=$LAB_DIR/memory" PATH="$PATH" HOME=/root \
		nsenter --net="$NETNS" -- unshare -p -f --kill-child -- \
		bash -c "$RUN_KERNEL" lab-node "$NODE_PID" "$1" "${words[@]}"
	try_until 30 test -s "$NODE_PID" || true # wait_node tells what happened
}

# gro=1 is essential: without it large segments get lost and I/O stalls for minutes.
card() { # INDEX TAP MACBYTE
	echo "vec$1:transport=tap,ifname=$2$NODE,depth=128,gro=1,mac=$(mac "$3" "$NODE")"
}

# What runs as PID 1 of the node's pid namespace: says who it is (/proc is the host's, so this is
# the host's pid), then runs the kernel. Not the kernel itself: a panic ends it by SIGABRT, which a
# PID 1 does not get.
# shellcheck disable=SC2016 # expanded there
RUN_KERNEL='
read -r stat </proc/self/stat
read -ra fields <<<"${stat##*) }"
echo "${stat%% *} ${fields[19]}" >"$1"
shift
ulimit -c 0
"$@" || echo "the kernel ended with status $?"
'

wait_node() {
	alive "$NODE_PID" &&
		"$NODE_DIR/client" -w -t "$BOOT_TIMEOUT" "$NETNS" "$NODE_CONTROL" "$PID"
}

kill_node() {
	end KILL "$NODE_PID"
	[[ ! -e $NODE_DIR/outer ]] || end KILL "$NODE_DIR/outer"
	remove_taps "$NODE"
}

lab_kill() {
	use_node "${1:-}"
	need_node
	kill_node
}

lab_reboot() {
	use_node "${1:-}"
	[[ -e $NODE_DIR/options ]] || die "node $NODE was never booted"
	begin_boot
	kill_node
	boot_node
}

lab_halt() {
	use_node "${1:-}"
	need_node
	"$NODE_DIR/client" -n -t 10 "$NETNS" "$NODE_CONTROL" "$PID" \
		setsid /usr/lib/rbd-lab/halt || true
	try_until 60 dead "$NODE_PID" || die "node $NODE does not halt, see lab log $NODE"
	kill_node
}

# Not the link's state: that leaves the node's card dead for good.
lab_cut() {
	use_node "${1:-}"
	need_node
	in_netns ip link set "tap$NODE" nomaster
}

lab_heal() {
	use_node "${1:-}"
	need_node
	in_netns ip link set "tap$NODE" master br0
}

lab_log() {
	use_node "${1:-}"
	[[ -e $NODE_DIR/console ]] || die "node $NODE was never booted"
	cat "$NODE_DIR/console"
}
