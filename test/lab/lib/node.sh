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
    ! alive "$NODE_PID" || die "node $NODE is running"
    mkdir -p "$NODE_DIR"
    echo "$settings" >"$NODE_DIR/options"
    boot_node
}

# Prints the wanted settings as assignments, for this boot and the next ones.
boot_options() {
    local kernel=6.1 mem=512M rbd=loadable hostname=node$NODE admin='' timeout=60 append=''
    while (($# > 0)); do
        case $1 in
        --kernel) kernel=${2:?}; shift ;;
        --mem) mem=${2:?}; shift ;;
        --rbd=loaded | --rbd=loadable | --rbd=absent) rbd=${1#*=} ;;
        --no-rbd) rbd=absent ;;
        --hostname) hostname=${2:?}; shift ;;
        --admin) admin=1 ;;
        --timeout) timeout=${2:?}; shift ;;
        --append) append=${2:?}; shift ;;
        *) usage_die "lab boot: unknown option '$1'" ;;
        esac
        shift
    done
    kernel_suite "$kernel" >/dev/null
    [[ $hostname =~ ^[A-Za-z0-9.-]+$ ]] || usage_die "bad host name '$hostname'"
    printf '%s=%q\n' KERNEL "$kernel" MEM "$mem" RBD "$rbd" NODE_HOSTNAME "$hostname" ADMIN "$admin" \
        BOOT_TIMEOUT "$timeout" APPEND "$append"
}

boot_node() {
    local KERNEL MEM RBD NODE_HOSTNAME ADMIN BOOT_TIMEOUT APPEND kernel modules
    # shellcheck source=/dev/null
    . "$NODE_DIR/options"
    kernel=$(kernel_dir "$KERNEL")
    modules=$(kernel_modules "$kernel" "$RBD")
    prepare_node "$modules"
    create_taps "$NODE"
    start_kernel "$kernel/linux"
    wait_node || {
        say "node $NODE does not answer; the end of its console:"
        tail -n 30 "$NODE_DIR/console" >&2
        kill_node
        exit 1
    }
}

# Everything that node/init reads.
prepare_node() { # MODULES
    rm -rf "$NODE_DIR/etc"
    mkdir -p "$NODE_DIR"/{root,etc/ceph,uml} "$LAB_DIR/share/$NODE"
    cp "$SELF/node/init" "$SELF/node/halt" "$NODE_DIR/"
    cp "$(program agent)" "$NODE_DIR/agent"
    chmod 755 "$NODE_DIR"/{init,halt,agent}
    cp "$LAB_DIR/node.conf" "$NODE_DIR/etc/ceph/ceph.conf"
    cp "$LAB_DIR/ceph.client.kube.keyring" "$NODE_DIR/etc/ceph/"
    [[ -z $ADMIN ]] || cp "$LAB_DIR/ceph.client.admin.keyring" "$NODE_DIR/etc/ceph/"
    echo "$NODE_HOSTNAME" >"$NODE_DIR/etc/hostname"
    {
        echo "127.0.0.1 localhost"
        echo "10.77.0.$((10 + NODE)) $NODE_HOSTNAME"
    } >"$NODE_DIR/etc/hosts"
    node_settings "$1" >"$NODE_DIR/settings"
}

node_settings() { # MODULES
    local load=''
    [[ $RBD != loaded ]] || load=rbd
    printf '%s=%q\n' ADDRESS "10.77.0.$((10 + NODE))" CONTROL "$NODE_CONTROL" HOSTNAME_ "$NODE_HOSTNAME" \
        MODULES "$1" SHARE "$LAB_DIR/share/$NODE" LOAD "$load" MACHINE_ID "$(tr -d - </proc/sys/kernel/random/uuid)"
}

# The nodes' memory is a file: on a tmpfs of the lab's own, for /dev/shm may be missing, small or noexec.
node_memory() {
    hold_lock "$LAB_DIR/memory.lock"
    mkdir -p "$LAB_DIR/memory"
    mountpoint -q "$LAB_DIR/memory" || mount -t tmpfs -o size=100%,mode=700 rbd-lab "$LAB_DIR/memory"
}

# In a pid namespace of its own, so that one SIGKILL is the power cut for all its processes.
start_kernel() { # LINUX
    (node_memory)
    rm -f "$NODE_PID"
    : >"$NODE_DIR/console"
    local words=("mem=$MEM" root=/dev/root rootfstype=hostfs rootflags=/ ro "init=$NODE_DIR/init"
        "$(card 0 tap 77)" "$(card 1 ctl 78)" con=null con0=null,fd:1 quiet panic=-1
        "umid=node$NODE" "uml_dir=$NODE_DIR/uml/")
    # shellcheck disable=SC2206 # words on purpose
    words+=($APPEND)
    spawn "$NODE_DIR/outer" "$NODE_DIR/console" env -i "TMPDIR=$LAB_DIR/memory" PATH="$PATH" HOME=/root \
        nsenter --net="$NETNS" -- unshare -p -f --kill-child -- \
        bash -c "$RECORD_AND_EXEC" lab-node "$NODE_PID" "$1" "${words[@]}"
    try_until 5 test -s "$NODE_PID" || true # wait_node tells what happened
}

# gro=1 is essential: without it large segments get lost and I/O stalls for minutes.
card() { # INDEX TAP MACBYTE
    echo "vec$1:transport=tap,ifname=$2$NODE,depth=128,gro=1,mac=$(mac "$3" "$NODE")"
}

# The kernel is the child of unshare and its end is the node's end, so it is the one to know. It says itself who it is
# (/proc is the host's, so this is the host's pid); the start time stays over exec.
RECORD_AND_EXEC='
read -r stat </proc/self/stat
read -ra fields <<<"${stat##*) }"
echo "${stat%% *} ${fields[19]}" >"$1"
shift
exec "$@"'

wait_node() {
    alive "$NODE_PID" && "$(program client)" -w -t "$BOOT_TIMEOUT" "$NETNS" "$NODE_CONTROL" "$PID"
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
    kill_node
    boot_node
}

lab_halt() {
    use_node "${1:-}"
    need_node
    "$(program client)" -n -t 10 "$NETNS" "$NODE_CONTROL" "$PID" setsid /usr/lib/rbd-lab/halt || true
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
