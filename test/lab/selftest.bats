#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The lab does what its README says. One lab for most tests: node 1 runs 6.1, node 2 runs 6.12.

bats_require_minimum_version 1.5.0

setup_file() {
	export LAB=selftest-$$ LAB_ROOT=${LAB_ROOT:-/run/rbd-lab}
	export LAB_PATH=${BATS_TEST_DIRNAME}
	LAB_PATH=$(realpath "$LAB_PATH")
	lab up --owner $$
	lab boot 1 --kernel 6.1
	lab boot 2 --kernel 6.12
}

teardown_file() {
	lab down
}

setup() {
	bats_require_minimum_version 1.5.0
	other=$LAB-b
}

teardown() {
	[[ ! -d $LAB_ROOT/$other ]] || lab --lab "$other" down
}

lab() { "$LAB_PATH/lab" "$@"; }

# equal WHAT EXPECTED ACTUAL
equal() {
	[[ $2 == "$3" ]] && return
	printf '%s\nexpected: %q\nactual:   %q\n' "$1" "$2" "$3" >&2
	return 1
}

eventually() { # SECONDS COMMAND...
	local end=$((SECONDS + $1))
	shift
	until "$@"; do
		((SECONDS < end)) || { echo "not within the time: $*" >&2; return 1; }
		sleep 0.2
	done
}

map() { # N IMAGE -> device; by the kernel's own interface, as client.kube
	lab run "$1" bash -s "$2" <<'SCRIPT'
set -euo pipefail
[[ -d /sys/bus/rbd ]] || modprobe rbd
key=$(sed -n 's/.*key = //p' /etc/ceph/ceph.client.kube.keyring)
echo "10.77.0.1:6789 name=kube,secret=$key kube $1" >/sys/bus/rbd/add_single_major
for device in /sys/bus/rbd/devices/*; do
	[[ $(cat "$device/name") != "$1" ]] || echo "/dev/rbd${device##*/}"
done
SCRIPT
}

# What a lab could leave behind; empty output is good. The inode is that of its namespace.
remains() { # NAME INODE
	find "$LAB_ROOT" -maxdepth 1 -name "$1" 2>/dev/null || true
	find /run/netns -name "rbdlab-$1" 2>/dev/null || true
	grep -F -e "/$1/" -e "rbdlab-$1 " /proc/self/mountinfo || true
	find /proc -maxdepth 3 -path '/proc/[0-9]*/ns/net' -lname "net:\[$2\]" 2>/dev/null || true
	grep -l -F -e "$LAB_ROOT/$1/" -e "guard-of-$1" /proc/[0-9]*/cmdline 2>/dev/null || true
}

gone() { [[ -z $(remains "$@") ]]; }

inode() { stat -L -c %i "/run/netns/rbdlab-$1"; }

# --- commands in a node ---

@test "each node runs its kernel, under its name, with the cluster's configuration only" {
	equal kernel 6.1. "$(lab run 1 uname -r | grep -o '^6\.1\.')"
	equal kernel 6.12. "$(lab run 2 uname -r | grep -o '^6\.12\.')"
	equal name node2 "$(lab run 2 hostname)"
	equal files $'ceph.client.kube.keyring\nceph.conf' "$(lab run 1 ls /etc/ceph)"
	equal mode 600 "$(lab run 1 stat -c %a /etc/ceph/ceph.client.kube.keyring)"
	equal user "$(lab key kube)" "$(lab run 1 sed -n 's/.*key = //p' /etc/ceph/ceph.client.kube.keyring)"
}

@test "a node looks like a host: root, file systems, propagation, processes" {
	local n
	for n in 1 2; do
		lab run "$n" grep -E '^[0-9]+ 1 .* / / rw,.* shared:[0-9]+ - overlay' /proc/1/mountinfo
		for dir in /proc /sys /dev /dev/pts /dev/shm /run /tmp /sys/fs/cgroup; do
			lab run "$n" grep -q " $dir rw" /proc/1/mountinfo
		done
		equal cgroup cgroup2fs "$(lab run "$n" stat -f -c %T /sys/fs/cgroup)"
		equal agent agent "$(lab run "$n" sh -c 'tr "\0" "\n" </proc/1/cmdline | head -n 1')"
		equal loopback 127.0.0.1 "$(lab run "$n" ip -4 -o addr show lo | grep -o 127.0.0.1)"
		lab run "$n" test -x "$LAB_PATH/lab"
	done
}

@test "what a node writes stays in the node; /share is shared" {
	lab run 1 sh -c 'echo node >/etc/selftest && echo node >/usr/selftest && cat /etc/selftest'
	[[ ! -e /etc/selftest && ! -e /usr/selftest ]]
	echo host >"$LAB_ROOT/$LAB/share/1/a"
	equal shared host "$(lab run 1 cat /share/a)"
	lab run 1 sh -c 'echo node >/share/b'
	equal shared node "$(cat "$LAB_ROOT/$LAB/share/1/b")"
}

@test "exit status, stdout and stderr come back apart" {
	local n
	for n in 1 2; do
		run --separate-stderr lab run "$n" -- sh -c 'echo out; echo err >&2; exit 7'
		equal status 7 "$status"
		equal stdout out "$output"
		# shellcheck disable=SC2154 # set by bats
		equal stderr err "$stderr"
		run lab run "$n" sh -c 'kill -9 $$'
		equal 'killed' 137 "$status"
		run -127 lab run "$n" /no/such/command
	done
}

@test "arguments arrive as they are: empty, blanks, newlines, 131071 bytes" {
	local long n
	long=$(head -c 131071 /dev/zero | tr '\0' x)
	for n in 1 2; do
		equal arguments $'<><a b><c\nd><*><-n><"\'>' \
			"$(lab run "$n" -- printf '<%s>' '' 'a b' $'c\nd' '*' -n "\"'")"
		equal none 3 "$(lab run "$n" bash -c 'echo $#' - '' '' '')"
		# shellcheck disable=SC2016 # expanded in the node
		equal length 131071 "$(lab run "$n" bash -c 'echo ${#1}' - "$long")"
	done
}

@test "words before the command are its environment, the last one of a name counts" {
	local n
	for n in 1 2; do
		# shellcheck disable=SC2016 # expanded in the node
		equal environment 'a b|2||HOME=/root' \
			"$(lab run "$n" -- A='a b' B_1=1 B_1=2 C= sh -c 'echo "$A|$B_1|$C|$(env | grep ^HOME)"')"
		equal 'an argument' 'A=b' "$(lab run "$n" echo A=b)"
		run -127 lab run "$n" A=b
		equal message 'lab: A=b: No such file or directory' "$output"
	done
}

@test "the agent leaves neither a command nor its pipes behind" {
	local n before
	for n in 1 2; do
		before=$(lab run "$n" --no-stdin sh -c 'ls /proc/1/fd | wc -l; ls /proc/1/task | wc -l')
		for _ in {1..20}; do
			lab run "$n" sh -c 'sleep 0.01 & exec true'
			run -124 lab run "$n" --timeout 0.1 sleep 9
		done
		eventually 30 quiet_again "$n" "$before"
	done
}

quiet_again() { # N BEFORE
	[[ $(lab run "$1" --no-stdin sh -c 'ls /proc/1/fd | wc -l; ls /proc/1/task | wc -l') == "$2" &&
		-z $(lab run "$1" sh -c 'grep -l "^State:.Z" /proc/[0-9]*/status 2>/dev/null') ]]
}

@test "stdin and large outputs pass unchanged" {
	local sum
	head -c 5000000 /dev/urandom >"$BATS_TEST_TMPDIR/data"
	sum=$(sha256sum <"$BATS_TEST_TMPDIR/data")
	equal stdin "$sum" "$(lab run 1 sha256sum <"$BATS_TEST_TMPDIR/data")"
	equal 'there and back' "$sum" "$(lab run 2 cat <"$BATS_TEST_TMPDIR/data" | sha256sum)"
	equal 'not read' 0 "$(lab run 1 sh -c 'echo 0' <"$BATS_TEST_TMPDIR/data")"
	equal 'no stdin' 0 "$(lab run 1 --no-stdin sh -c 'cat | wc -c' <"$BATS_TEST_TMPDIR/data")"
}

@test "thirty commands at once" {
	local i pids=()
	for ((i = 0; i < 30; i++)); do
		lab run $((i % 2 + 1)) sh -c "echo $i; exit $i" >"$BATS_TEST_TMPDIR/$i" &
		pids+=($!)
	done
	for ((i = 0; i < 30; i++)); do
		run wait "${pids[i]}"
		local status=0
		wait "${pids[i]}" || status=$?
		equal status "$i" "$status"
		equal output "$i" "$(cat "$BATS_TEST_TMPDIR/$i")"
	done
}

@test "run returns at the command's end, with --eof when nobody holds its output" {
	local start=$SECONDS
	equal early here "$(lab run 1 sh -c 'sleep 20 & echo here')"
	((SECONDS - start < 10))
	equal late $'here\nlater' "$(lab run 1 --eof sh -c '(sleep 1; echo later) & echo here')"
	lab run 1 pkill -x sleep
}

@test "a timeout, and the end of the caller, kill the command in the node" {
	run -124 lab run 1 --timeout 1 sleep 54321
	eventually 30 eval '! lab run 1 pgrep -f "sleep 5432[1]"'
	"$LAB_PATH/lab" run 1 sleep 54322 &
	local caller=$!
	eventually 30 lab run 1 pgrep -f 'sleep 5432[2]'
	kill -9 "$caller"
	eventually 30 eval '! lab run 1 pgrep -f "sleep 5432[2]"'
}

# --- the cluster ---

@test "client.kube may use pool kube and no other" {
	lab rbd --id kube create kube/rights --size 4M
	lab rbd --id kube rm kube/rights --no-progress
	lab ceph osd pool create other 1
	lab rbd create other/x --size 4M
	run lab rbd --id kube info other/x
	equal 'another pool' 1 "$((status != 0))"
	run lab rbd --id kube create other/y --size 4M
	equal 'another pool' 1 "$((status != 0))"
}

@test "rbd is loaded by modprobe, maps, keeps data from one kernel to the other" {
	local from to device
	for from in 1 2; do
		to=$((3 - from))
		lab rbd create "kube/data$from" --size 64M
		device=$(map "$from" "data$from")
		lab run "$from" sh -ec "mkfs.ext4 -q $device; mount $device /mnt
			echo hello >/mnt/a; umount /mnt; echo ${device#/dev/rbd} >/sys/bus/rbd/remove_single_major"
		device=$(map "$to" "data$from")
		equal data hello "$(lab run "$to" sh -ec "mount $device /mnt; cat /mnt/a; umount /mnt
			echo ${device#/dev/rbd} >/sys/bus/rbd/remove_single_major")"
	done
}

@test "a monitor and an OSD go and come back" {
	lab mon pause a
	run lab exec timeout 3 rbd ls kube
	equal 'paused monitor' 124 "$status"
	lab mon resume a
	lab rbd create kube/kept --size 4M
	lab mon stop a
	run lab exec timeout 3 rbd ls kube
	equal 'stopped monitor' 124 "$status"
	lab mon start a
	lab osd stop 0
	lab osd start 0
	lab exec timeout 60 rbd info kube/kept
	run lab mon stop z
	equal 'no such monitor' 1 "$status"
}

@test "three monitors and three OSDs work without one of the monitors" {
	lab --lab "$other" up --mons 3 --osds 3
	equal quorum '["a","b","c"]' "$(lab --lab "$other" ceph quorum_status |
		grep -o '"quorum_names":\[[^]]*\]' | cut -d: -f2)"
	lab --lab "$other" mon stop a
	lab --lab "$other" exec timeout 60 rbd create kube/x --size 4M
	equal image x "$(lab --lab "$other" rbd ls kube)"
}

# --- power and cable ---

@test "a power cut ends what runs there; a reboot is another boot of the same node" {
	local id n
	for n in 1 2; do
		id=$(lab run "$n" cat /proc/sys/kernel/random/boot_id)
		lab run "$n" sh -c 'echo x >/etc/written'
		lab run "$n" sleep 600 2>"$BATS_TEST_TMPDIR/err" &
		local caller=$! status=0
		eventually 30 lab run "$n" pgrep -f 'sleep 60[0]'
		lab kill "$n"
		wait "$caller" || status=$?
		equal status 255 "$status"
		grep 'the node died' "$BATS_TEST_TMPDIR/err"
		run lab run "$n" true
		equal 'while off' 255 "$status"
		run lab exec ip link show "tap$n"
		equal 'tap' 1 "$status"
		lab reboot "$n"
		[[ $(lab run "$n" cat /proc/sys/kernel/random/boot_id) != "$id" ]]
		run lab run "$n" test -e /etc/written
		equal 'written before' 1 "$status"
	done
	equal kernel 6.12. "$(lab run 2 uname -r | grep -o '^6\.12\.')"
}

# Is the journal of the ext4 on image $1 to be replayed?
needs_recovery() {
	rm -f "$BATS_TEST_TMPDIR/$1"
	lab rbd export "kube/$1" "$BATS_TEST_TMPDIR/$1" --no-progress || return 2
	dumpe2fs -h "$BATS_TEST_TMPDIR/$1" 2>/dev/null | grep -q '^Filesystem features:.* needs_recovery'
}

@test "halt ends processes and unmounts, a power cut does neither" {
	local device how
	for how in halt kill; do
		lab rbd create "kube/$how" --size 64M
		device=$(map 1 "$how")
		lab run 1 sh -ec "mkfs.ext4 -q $device; mount $device /mnt; echo data >/mnt/a"
		lab run 1 sh -c 'cd /mnt; exec sleep 600' &
		local holder=$!
		needs_recovery "$how"
		lab "$how" 1
		wait "$holder" || true
		lab reboot 1
	done
	run needs_recovery halt
	equal 'after halt' 1 "$status"
	needs_recovery kill
}

@test "a cut cable stops the network and the disks, not run; healed, both go on" {
	local n device
	for n in 1 2; do
		lab rbd create "kube/cut$n" --size 64M
		device=$(map "$n" "cut$n")
		lab run "$n" timeout 5 bash -c ': </dev/tcp/10.77.0.1/3300'
		lab cut "$n"
		run lab run "$n" timeout 2 bash -c ': </dev/tcp/10.77.0.1/3300'
		equal 'connect' 124 "$status"
		lab run "$n" dd if=/dev/zero "of=$device" bs=4k count=1 oflag=direct \
			2>"$BATS_TEST_TMPDIR/dd" &
		local writer=$!
		sleep 2
		kill -0 "$writer"
		equal 'run while cut' there "$(lab run "$n" echo there)"
		lab heal "$n"
		wait "$writer"
		lab run "$n" timeout 5 bash -c ': </dev/tcp/10.77.0.1/3300'
		lab run "$n" sh -c "echo ${device#/dev/rbd} >/sys/bus/rbd/remove_single_major"
	done
}

# --- the lab's own life ---

@test "wrong use is said and changes nothing" {
	run -1 lab up
	[[ $output == *"lab $LAB is up already"* ]]
	lab run 1 true
	run -1 lab --lab selftest-none boot 1
	run -2 lab --lab '../x' up
	run -2 lab boot 1 --kernel 4.4
	run -2 lab frobnicate
	run -1 lab boot 1
	[[ $output == *"node 1 is running"* ]]
	run -255 lab run 9 true
}

@test "a node without the rbd module, one with it loaded" {
	lab boot 3 --rbd=absent --hostname bare
	run lab run 3 modprobe rbd
	[[ $status != 0 && $output == *'rbd not found'* ]]
	equal name bare "$(lab run 3 hostname)"
	lab kill 3
	lab boot 3 --rbd=loaded --kernel 6.12 --mem 256M
	lab run 3 test -d /sys/bus/rbd
	lab kill 3
	lab reboot 1
	run lab run 1 test -d /sys/bus/rbd
	equal 'loadable is not loaded' 1 "$status"
	lab run 1 modprobe rbd
}

@test "a boot that fails shows the console and leaves nothing running" {
	run lab boot 4 --append init=/no/such/init
	equal status 1 "$status"
	[[ $output == *'does not answer'*'panic'* ]]
	run lab exec ip link show tap4
	equal tap 1 "$status"
}

@test "two labs do not disturb each other" {
	lab --lab "$other" up
	lab --lab "$other" boot 1
	lab rbd create kube/mine --size 4M
	equal 'images of the other' '' "$(lab --lab "$other" rbd ls kube)"
	[[ $(lab run 1 cat /proc/sys/kernel/random/boot_id) != \
		"$(lab --lab "$other" run 1 cat /proc/sys/kernel/random/boot_id)" ]]
	lab list | grep -x "$LAB"
	lab list | grep -x "$other"
	lab --lab "$other" down
	lab run 1 true
	equal image mine "$(lab exec timeout 20 rbd ls kube | grep -x mine)"
}

@test "down leaves nothing: no process, namespace, mount, file" {
	local number
	lab --lab "$other" up --mons 3 --osds 2
	number=$(inode "$other")
	lab --lab "$other" boot 1
	lab --lab "$other" boot 2 --kernel 6.12
	lab --lab "$other" run 1 sleep 600 &
	lab --lab "$other" exec sleep 601 3>&- &
	lab --lab "$other" mon pause a
	sleep 1
	# remains() sees what is there, so its silence afterwards means something
	[[ $(remains "$other" "$number" | grep -c '^/proc/.*/ns/net') -gt 8 ]]
	remains "$other" "$number" | grep -qv '^/proc'
	lab --lab "$other" down
	wait
	equal remains '' "$(remains "$other" "$number")"
}

@test "the guardian takes a lab down whose owner was killed" {
	local owner number
	# shellcheck disable=SC2016 # of the inner shell
	bash -c '"$0" --lab "$1" up --owner $$ >/dev/null 2>&1; "$0" --lab "$1" boot 1; exec sleep 600' \
		"$LAB_PATH/lab" "$other" 3>&- &
	owner=$!
	eventually 120 lab --lab "$other" run 1 true 2>/dev/null
	number=$(inode "$other")
	kill -9 "$owner"
	eventually 60 gone "$other" "$number"
}

@test "the guardian also ends a lab that is still coming up" {
	local owner
	# shellcheck disable=SC2016 # of the inner shell
	bash -c '"$0" --lab "$1" up --owner $$ & exec sleep 600' "$LAB_PATH/lab" "$other" \
		>/dev/null 2>&1 3>&- &
	owner=$!
	eventually 60 test -e "$LAB_ROOT/$other/ceph/mon.a.pid"
	kill -9 "$owner"
	eventually 60 gone "$other" none
	sleep 3
	equal remains '' "$(remains "$other" none)"
}
